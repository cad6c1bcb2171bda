/* The file of viewers: a line for each, "NAME HASH MADE", in the order in
 * which they were made. It is small and read whole. No token is ever in it. */
#include "config/viewers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/mem.h"
#include "config/config.h"

#include "base/banned.h"

#define HEX_SIZE (2 * VIEWER_DIGEST_SIZE)
#define LINE_SIZE (VIEWER_NAME_SIZE + HEX_SIZE + CLOCK_ISO_SIZE + 8)

void viewers_free(struct viewers *viewers)
{
    secret_set_free(&viewers->tokens);
    free(viewers->named);
    viewers->named = NULL;
    viewers->count = 0;
}

/* ---- one token ---- */

static void digest_of(const char *token, size_t len, unsigned char *out)
{
    unsigned char whole[EVP_MAX_MD_SIZE];

    if (!EVP_Digest(token, len, whole, NULL, EVP_sha256(), NULL))
        abort();
    memcpy(out, whole, VIEWER_DIGEST_SIZE);
}

/* A name is a word that needs no quotes anywhere: in a shell, in a log, in
 * JSON. */
static bool is_name(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len < VIEWER_NAME_SIZE && *name != '-' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "0123456789._@-") == len;
}

static struct viewer_token *find_name(const struct viewers *viewers,
                                      const char *name)
{
    for (size_t i = 0; i < viewers->count; i++)
        if (!strcmp(viewers->named[i].name, name))
            return &viewers->named[i];
    return NULL;
}

static struct viewer_token *add_entry(struct viewers *viewers,
                                      const char *name)
{
    struct viewer_token *entry;

    viewers->named = xreallocarray(viewers->named, viewers->count + 1,
                                   sizeof *viewers->named);
    entry = &viewers->named[viewers->count++];
    *entry = (struct viewer_token){.since_ms = CLOCK_NONE};
    memcpy(entry->name, name, strlen(name) + 1);
    return entry;
}

char *viewers_add(struct viewers *viewers, const char *name, int64_t now_ms,
                  struct err *err)
{
    struct viewer_token *entry;
    char *token;

    if (!is_name(name)) {
        err_set(err,
                "\"%.64s\" is no name for a viewer: letters, digits and "
                "._@-, at most %d",
                name, VIEWER_NAME_SIZE - 1);
        return NULL;
    }
    if (find_name(viewers, name)) {
        err_set(err,
                "%s has a token already; telltale viewers remove %s first",
                name, name);
        return NULL;
    }
    if (viewers->count == LIMIT_VIEWERS) {
        err_set(err, "there are %d viewers already", LIMIT_VIEWERS);
        return NULL;
    }
    token = secret_token_new();
    entry = add_entry(viewers, name);
    digest_of(token, strlen(token), entry->digest);
    entry->since_ms = now_ms;
    return token;
}

bool viewers_remove(struct viewers *viewers, const char *name)
{
    struct viewer_token *entry = find_name(viewers, name);
    size_t at;

    if (!entry)
        return false;
    at = (size_t)(entry - viewers->named);
    viewers->count--;
    memmove(entry, entry + 1, (viewers->count - at) * sizeof *entry);
    return true;
}

/* ---- who is it ---- */

static bool is_same(const unsigned char *a, const unsigned char *b)
{
    return !CRYPTO_memcmp(a, b, VIEWER_DIGEST_SIZE);
}

static bool find_digest(const struct viewers *viewers,
                        const unsigned char *digest, struct viewer_token *out)
{
    unsigned char own[VIEWER_DIGEST_SIZE];
    bool found = false;

    for (size_t i = 0; i < viewers->tokens.count; i++) {
        const char *token = viewers->tokens.secrets[i];

        digest_of(token, strlen(token), own);
        if (!is_same(own, digest))
            continue;
        *out = (struct viewer_token){.since_ms = CLOCK_NONE};
        memcpy(out->digest, own, sizeof own);
        found = true;
    }
    for (size_t i = 0; i < viewers->count; i++)
        if (is_same(viewers->named[i].digest, digest)) {
            *out = viewers->named[i];
            found = true;
        }
    return found;
}

bool viewers_find(const struct viewers *viewers, const char *token, size_t len,
                  struct viewer_token *out)
{
    unsigned char digest[VIEWER_DIGEST_SIZE];

    digest_of(token, len, digest);
    return find_digest(viewers, digest, out);
}

bool viewers_hold(const struct viewers *viewers,
                  const struct viewer_token *found)
{
    struct viewer_token now;

    return find_digest(viewers, found->digest, &now) &&
           !strcmp(now.name, found->name);
}

/* ---- the file ---- */

static bool read_digest(const char *text, unsigned char *out)
{
    if (strlen(text) != HEX_SIZE)
        return false;
    for (size_t i = 0; i < VIEWER_DIGEST_SIZE; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

/* "NAME HASH MADE" */
static const char *read_line(struct viewers *viewers, char *line)
{
    char *rest = NULL, *name = strtok_r(line, " ", &rest);
    const char *hash = strtok_r(NULL, " ", &rest);
    const char *made = strtok_r(NULL, " ", &rest);
    unsigned char digest[VIEWER_DIGEST_SIZE];
    struct viewer_token *entry;

    if (!name || !made || strtok_r(NULL, " ", &rest))
        return "not a name, a hash and a time";
    if (!is_name(name) || find_name(viewers, name))
        return "not a name, or one that was there before";
    if (!read_digest(hash, digest))
        return "not a SHA-256";
    if (viewers->count == LIMIT_VIEWERS)
        return "too many viewers";
    entry = add_entry(viewers, name);
    memcpy(entry->digest, digest, sizeof digest);
    entry->since_ms = clock_parse(made, strlen(made));
    return NULL;
}

static bool read_lines(struct viewers *viewers, const char *path, char *text,
                       struct err *err)
{
    char *rest = NULL;
    unsigned number = 0;

    for (char *line = strtok_r(text, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest)) {
        const char *why = read_line(viewers, line);

        number++;
        if (why)
            return err_set(err, "%s:%u: %s", path, number, why);
    }
    return true;
}

bool viewers_read(struct viewers *viewers, const char *path, struct err *err)
{
    struct viewers fresh = {.count = 0};
    char *text = NULL;
    bool ok = secret_read_private(path, LIMIT_VIEWERS * LINE_SIZE, &text, err);

    ok = ok && (!text || read_lines(&fresh, path, text, err));
    free(text);
    if (ok) {
        free(viewers->named);
        viewers->named = fresh.named;
        viewers->count = fresh.count;
    } else {
        viewers_free(&fresh);
    }
    return ok;
}

static void add_line(struct buf *out, const struct viewer_token *entry)
{
    char made[CLOCK_ISO_SIZE];

    clock_format_iso(entry->since_ms, made);
    buf_addf(out, "%s ", entry->name);
    buf_add_hex(out, entry->digest, VIEWER_DIGEST_SIZE);
    buf_addf(out, " %s\n", made);
}

bool viewers_write(const struct viewers *viewers, const char *path,
                   struct err *err)
{
    struct buf out;
    bool ok;

    buf_init(&out, LIMIT_VIEWERS * LINE_SIZE);
    buf_adds(&out, "");
    for (size_t i = 0; i < viewers->count; i++)
        add_line(&out, &viewers->named[i]);
    ok = config_write_file(path, out.data, out.len, err);
    buf_free(&out);
    return ok;
}
