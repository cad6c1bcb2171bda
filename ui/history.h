/* What was typed into the prompts before, newest last: kept in a file beside
 * the journal, JOURNAL.history, so that a restart does not lose it. What is
 * forgotten in the journal is forgotten there. So is kept when one looked
 * last. */
#ifndef TELLTALE_HISTORY_H
#define TELLTALE_HISTORY_H

#include <stddef.h>
#include <stdint.h>

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

/* When somebody looked, wall ms; the file has it within a minute, or when it
 * is closed. And when that was before the file was opened; CLOCK_NONE: nobody
 * knows. */
void history_look(int64_t ms);
int64_t history_looked(void);

#endif
