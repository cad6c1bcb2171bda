/* What could stand where somebody presses Tab in a shell: commands, verbs,
 * options and their values, by the tables; accounts, mirrors and event names
 * by what is there. The scripts in doc/completion ask for it. */
#ifndef TELLTALE_COMPLETE_H
#define TELLTALE_COMPLETE_H

#include <stddef.h>

#include "base/buf.h"

/* The word that asks: `telltale __complete WORD…`. It is in no help. */
#define COMPLETE_WORD "__complete"

/* words are those behind the program's name; the last one is what is being
 * typed, "" at first. Appends a line each for at most LIMIT_OFFERS words that
 * it could become: the word, a tab, what it is. ":files" in their place: a
 * file's name. ":more" first: no blank comes behind the word. What cannot be
 * found out (no book, wrong settings) is left out without a complaint. */
void complete_words(char *const *words, size_t count, struct buf *out);

#endif
