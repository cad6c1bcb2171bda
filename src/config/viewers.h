/* Who may look: the viewers. Those with a name have one token each, made by
 * `telltale viewers add` and kept as its SHA-256 in a file of mode 0600; the
 * settings may give more, which have no names. A token is 128 random bits, so
 * its hash needs no salt: there is nothing to guess. */
#ifndef TELLTALE_VIEWERS_H
#define TELLTALE_VIEWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "config/secret.h"

#define VIEWER_NAME_SIZE 64
#define VIEWER_DIGEST_SIZE 32

struct viewer_token {
    char name[VIEWER_NAME_SIZE]; /* "": of the settings */
    unsigned char digest[VIEWER_DIGEST_SIZE];
    int64_t since_ms; /* when it was made */
};

/* Zeroed: nobody. */
struct viewers {
    struct secret_set tokens; /* of the settings */
    struct viewer_token *named;
    size_t count;
};

void viewers_free(struct viewers *viewers);
/* Adds those with names, from the file; there need not be one. False with
 * err ("file:line: what"), and nobody was added: a file that others may read
 * is refused. */
bool viewers_read(struct viewers *viewers, const char *path, struct err *err);
/* Writes those with names: by temporary file and rename, mode 0600. */
bool viewers_write(const struct viewers *viewers, const char *path,
                   struct err *err);

/* Makes a token for a new name, which the caller wipes by secret_free(); NULL
 * with err: the name is taken, no name, or they are LIMIT_VIEWERS already. */
char *viewers_add(struct viewers *viewers, const char *name, int64_t now_ms,
                  struct err *err);
/* False: there is no such name. */
bool viewers_remove(struct viewers *viewers, const char *name);

/* Whose token that is: true with *out filled in. Constant time in what the
 * token is compared with. */
bool viewers_find(const struct viewers *viewers, const char *token, size_t len,
                  struct viewer_token *out);
/* True while what viewers_find() once gave is still good. */
bool viewers_hold(const struct viewers *viewers,
                  const struct viewer_token *found);

#endif
