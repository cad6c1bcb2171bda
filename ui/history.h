/* What was typed into the prompts before, newest last: kept in a file beside
 * the journal, JOURNAL.history, so that a restart does not lose it. What is
 * forgotten in the journal is forgotten there. */
#ifndef TELLTALE_HISTORY_H
#define TELLTALE_HISTORY_H

#include <stddef.h>

#define HISTORY_KINDS 4
#define HISTORY_LINES 50 /* of each kind */

/* Reads the file; NULL: none is kept. A file that cannot be read is none. */
void history_open(const char *journal);
/* Forgets the lines, in memory and in the file. */
void history_forget(void);
/* Before the program ends. */
void history_close(void);

/* Writes the file anew when text is another than the last. */
void history_add(unsigned kind, const char *text);
size_t history_count(unsigned kind);
/* The n-th line back, from 1. */
const char *history_back(unsigned kind, size_t n);

#endif
