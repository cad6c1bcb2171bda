/* What decoding needs, made from the configuration: catalogue, book, link
 * policy, redaction, who is hidden, payload paths. */
#ifndef TELLTALE_DECODE_CONTEXT_H
#define TELLTALE_DECODE_CONTEXT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "base/err.h"
#include "config/config.h"
#include "event/decode.h"

/* What a file looked like when it was read. */
struct file_stamp {
    bool there;
    off_t size;
    time_t changed;
    ino_t inode;
};

struct decode_context {
    struct decoder decoder; /* points to the rest */
    struct catalog *catalog;
    struct book *book; /* NULL: no accounts known */
    struct book_report report;
    struct link_policy links;
    struct teams *teams; /* NULL: no project is known */
    struct redaction *redaction;
    struct redaction *conceal; /* kept, but not shown; NULL: nothing */
    struct hide_rules hide;
    struct payload_paths *paths;
    const struct config *config;
    const char *book_text; /* in place of the file */
    struct file_stamp stamp;
};

/* What was read anew and is not used yet. */
struct decode_fresh {
    bool ok; /* else err says why */
    struct catalog *catalog;
    struct teams *teams;
    struct book *book;
    struct book_report report;
    struct file_stamp stamp;
    struct err err;
};

/* book_text: CSV in memory instead of the configured file, or NULL. A
 * default file that is not there is fine, one that was named is not. On
 * false nothing is left to close. */
bool decode_context_open(struct decode_context *context,
                         const struct config *config, const char *book_text,
                         struct err *err);
/* The same for who can do without a book: one that cannot be read is none,
 * and no_book says why; else it is "". */
bool decode_context_open_bookless(struct decode_context *context,
                                  const struct config *config,
                                  struct err *no_book, struct err *err);
void decode_context_close(struct decode_context *context);
/* Reading again, in two halves. The first may run on any thread, while the
 * context is used: it only looks at its settings; it gives up, not ok, soon
 * after *abandoned is set (NULL: never). What it read of the book and the
 * catalogue is taken, once, by the second or dropped. The decoder is changed
 * only when all of it is good: a book that has lost all its accounts, or more
 * of its rows than it kept, is not. The book that was there before goes to
 * *old_book: the caller frees it once nobody points into it. */
void decode_context_read(const struct decode_context *context,
                         struct decode_fresh *fresh,
                         const atomic_bool *abandoned);
bool decode_context_take(struct decode_context *context,
                         struct decode_fresh *fresh, struct book **old_book,
                         struct err *err);
void decode_context_drop(struct decode_fresh *fresh);
/* True when the book's file is another than the one that was read. */
bool decode_context_book_changed(const struct decode_context *context);

#endif
