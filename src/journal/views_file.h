/* The file of saved views, JOURNAL.views, which lies beside the journal: a
 * line each, of four columns with TABs between: "pane" or "-", the seq up to
 * which it was read, the name, the query. The screen writes it
 * (ui/pane/saved.c). */
#ifndef TELLTALE_VIEWS_FILE_H
#define TELLTALE_VIEWS_FILE_H

#include <stdbool.h>
#include <stdint.h>

/* As they stand there: not cleaned, the query not parsed. */
struct views_line {
    bool has_pane;
    uint64_t read_seq;
    const char *name, *query;
};

/* The caller frees it. */
char *views_path(const char *journal);
/* Calls for each line of the file that has the columns; what it is given lives
 * for that call. Of a file that is not there, cannot be read or is larger than
 * LIMIT_VIEWS_FILE, for none. */
void views_each(const char *path,
                void (*each)(void *ctx, const struct views_line *line),
                void *ctx);

#endif
