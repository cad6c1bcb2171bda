/* Secrets: where they come from, and comparing them. Never logged, never in
 * argv; those from the environment are unset there once read. */
#ifndef TELLTALE_SECRET_H
#define TELLTALE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"

struct buf;

struct secret_set {
    char *secrets[LIMIT_SECRETS]; /* several at once, for rotation */
    size_t count;
};

void secret_set_free(struct secret_set *set); /* wipes them */
/* Adds the blank-separated secrets of text. */
bool secret_set_add(struct secret_set *set, const char *text, struct err *err);
/* True if candidate equals one of them; constant time in the contents. */
bool secret_set_has(const struct secret_set *set, const char *candidate,
                    size_t len);
/* Appends a text as it may be shown: in an address, what stands before the
 * last @ is left out, however much of it is the login. */
void secret_mask_login(struct buf *out, const char *text);
/* Wipes and frees one secret; NULL is allowed. */
void secret_free(char *secret);

/* Reads the first line of a secret file: a regular file of ours that nobody
 * else may read (mode & 077 == 0); otherwise err. "~/" is the home directory.
 * Caller frees. */
char *secret_from_file(const char *path, struct err *err);
/* The file of that name in the folder that a service manager keeps for us
 * (CREDENTIALS_DIRECTORY), of one line. NULL with an empty err: there is
 * none. Its group may read it: that is how systemd lets us. */
char *secret_from_credential(const char *name, struct err *err);
/* Cuts text to its first line, without the blanks around it; false when
 * nothing is left. */
bool secret_first_line(char *text);
#define SECRET_SIZE 4096 /* the longest line taken for one */

/* Runs "pass show x" (split at blanks, no shell) and takes its first line. One
 * that has not ended after so long is killed. err names the setting that it
 * is from. */
#define SECRET_COMMAND_MS 30000
char *secret_from_command(const char *setting, const char *command,
                          unsigned limit_ms, struct err *err);
/* False with err: there is no such program, or none that we may run. It is
 * looked for, not run. */
bool secret_command_check(const char *setting, const char *command,
                          struct err *err);
/* A file of ours that nobody else may read, or, for root, somebody's, whole:
 * *text, which the caller frees, is NULL when there is none. False with err:
 * it cannot be read (whose it is, and what to do), others may read it, or it
 * has more than max bytes. */
bool secret_read_private(const char *path, size_t max, char **text,
                         struct err *err);
/* 128 random bits as 22 characters that are safe in a URL; the caller wipes
 * them. */
char *secret_token_new(void);
/* The first start: makes a 22-character URL-safe token of 128 random bits in
 * path (0600, directories 0700) unless there is one. *made says which. */
char *secret_token_file(const char *path, bool *made, struct err *err);

/* Standard Webhooks: true if one of the `v1,…` signatures in
 * header is HMAC-SHA256(secret, id.timestamp.body) for one of the secrets
 * ("whsec_…" base64) and timestamp is within 5 minutes of now. */
bool secret_verify(const struct secret_set *set, const char *id,
                   const char *timestamp, const char *header, const char *body,
                   size_t len, int64_t now_ms);
/* True if every secret of the set can sign: base64 of 24 bytes or more,
 * "whsec_" in front or not. err never quotes one. */
bool secret_can_sign(const struct secret_set *set, struct err *err);
/* The other direction: "v1,<base64>" for each secret, blanks between, for a
 * webhook of our own. */
bool secret_sign(const struct secret_set *set, const char *id,
                 const char *timestamp, const char *body, size_t len,
                 struct buf *out);

#endif
