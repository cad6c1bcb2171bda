/* Secrets: files that nobody else may read, the token of the first start, and
 * comparing in constant time. Not here: commands that print one, which
 * option names which secret (app/tokens.c), and where HTTP carries them
 * (source/webhook.c). No message of this file ever quotes a secret. */
#include "config/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "config/path.h"
#include "base/banned.h"

#define TOLERANCE_MS INT64_C(300000)
#define KEY_MIN 24 /* Standard Webhooks: bytes of a signing key */

void secret_free(char *secret)
{
    if (!secret)
        return;
    OPENSSL_cleanse(secret, strlen(secret));
    free(secret);
}

void secret_mask_login(struct buf *out, const char *text)
{
    const char *host = strstr(text, "://");
    const char *at = host ? strrchr(host, '@') : NULL;

    if (at) {
        buf_add(out, text, (size_t)(host - text) + 3);
        buf_adds(out, "********");
    }
    buf_adds(out, at ? at : text);
}

void secret_set_free(struct secret_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        secret_free(set->secrets[i]);
    set->count = 0;
}

bool secret_set_add(struct secret_set *set, const char *text, struct err *err)
{
    for (;;) {
        size_t len;

        text += strspn(text, " \t\r\n");
        len = strcspn(text, " \t\r\n");
        if (!len)
            return true;
        for (size_t i = 0; i < len; i++)
            if ((unsigned char)text[i] < 0x21 || (unsigned char)text[i] > 0x7e)
                return err_set(err, "a secret holds something else than "
                                    "printable ASCII");
        if (set->count == LIMIT_SECRETS)
            return err_set(err, "more than %d secrets at once", LIMIT_SECRETS);
        set->secrets[set->count++] = xstrndup(text, len);
        text += len;
    }
}

bool secret_set_has(const struct secret_set *set, const char *candidate,
                    size_t len)
{
    bool found = false;

    for (size_t i = 0; i < set->count; i++)
        if (strlen(set->secrets[i]) == len &&
            CRYPTO_memcmp(set->secrets[i], candidate, len) == 0)
            found = true;
    return found;
}

bool secret_first_line(char *text)
{
    size_t skip = strspn(text, " \t"), len;

    len = strcspn(text + skip, "\r\n");
    while (len && strchr(" \t", text[skip + len - 1]))
        len--;
    memmove(text, text + skip, len);
    text[len] = '\0';
    return len > 0;
}

/* Reads up to size - 1 bytes; false when there are more, or on an error. */
static bool read_all(int fd, char *out, size_t size)
{
    size_t used = 0;

    while (used < size) {
        ssize_t n = read(fd, out + used, size - used);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (n == 0) {
            out[used] = '\0';
            return true;
        }
        used += (size_t)n;
    }
    errno = EFBIG;
    return false;
}

/* Whose it is, who wants it, and how it becomes theirs. Root is not told to
 * take it: a service, or whoever runs telltale else, would be locked out. */
static bool not_ours(const char *path, uid_t owner, struct err *err)
{
    if (!geteuid())
        return err_set(err,
                       "%s: belongs to user %lu, who needs it, and this is "
                       "root: run telltale as that user",
                       path, (unsigned long)owner);
    return err_set(err,
                   "%s: belongs to user %lu, and this is user %lu: sudo chown "
                   "%lu %s",
                   path, (unsigned long)owner, (unsigned long)geteuid(),
                   (unsigned long)geteuid(), path);
}

static bool cannot_open(const char *path, struct err *err)
{
    int why = errno;
    struct stat st;

    if (why == EACCES && !stat(path, &st) && st.st_uid != geteuid())
        return not_ours(path, st.st_uid, err);
    errno = why;
    return err_errno(err, "%s", path);
}

static bool file_is_private(int fd, const char *path, mode_t others,
                            bool for_root, struct err *err)
{
    struct stat st;

    if (fstat(fd, &st))
        return err_errno(err, "%s", path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, "%s: not a regular file", path);
    if (st.st_uid != geteuid() && st.st_uid != 0 && !(for_root && !geteuid()))
        return not_ours(path, st.st_uid, err);
    if (st.st_mode & others)
        return err_set(err, "%s: others may read it (mode %03o); chmod 600 %s",
                       path, (unsigned)(st.st_mode & 0777), path);
    return true;
}

static char *read_secret(const char *path, mode_t others, struct err *err)
{
    char text[SECRET_SIZE], *result = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) {
        cannot_open(path, err);
        return NULL;
    }
    if (!file_is_private(fd, path, others, false, err))
        goto out;
    if (!read_all(fd, text, sizeof text))
        err_errno(err, "%s", path);
    else if (!secret_first_line(text))
        err_set(err, "%s: its first line is empty", path);
    else
        result = xstrdup(text);
out:
    OPENSSL_cleanse(text, sizeof text);
    close(fd);
    return result;
}

bool secret_read_private(const char *path, size_t max, char **text,
                         struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool ok;

    *text = NULL;
    if (fd < 0)
        return errno == ENOENT || cannot_open(path, err);
    ok = file_is_private(fd, path, 077, true, err);
    if (ok) {
        *text = xmalloc(max + 1);
        ok = read_all(fd, *text, max + 1) || err_errno(err, "%s", path);
    }
    close(fd);
    if (ok)
        return true;
    free(*text);
    *text = NULL;
    return false;
}

char *secret_from_file(const char *path, struct err *err)
{
    char *full = path_expand(path);
    char *secret = read_secret(full ? full : path, 077, err);

    free(full);
    return secret;
}

char *secret_from_credential(const char *name, struct err *err)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    char *secret = NULL;
    struct buf path;

    err_set(err, "%s", "");
    if (!folder || folder[0] != '/')
        return NULL;
    buf_init(&path, 4096);
    buf_addf(&path, "%s/%s", folder, name);
    if (buf_ok(&path) && !access(path.data, F_OK))
        secret = read_secret(path.data, 007, err);
    buf_free(&path);
    return secret;
}

/* 128 random bits as 22 characters of the URL-safe alphabet. */
static void make_token(char out[23])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char bytes[18] = {0};

    random_bytes(bytes, 16);
    for (size_t i = 0; i < 22; i++) {
        size_t bit = i * 6;
        unsigned pair =
            (unsigned)bytes[bit / 8] << 8 | (unsigned)bytes[bit / 8 + 1];

        out[i] = alphabet[(pair >> (10 - bit % 8)) & 63];
    }
    out[22] = '\0';
}

char *secret_token_new(void)
{
    char token[23];
    char *out;

    make_token(token);
    out = xstrdup(token);
    OPENSSL_cleanse(token, sizeof token);
    return out;
}

/* Writes token to a file of its own and links it to path, so that of two
 * starts at once both end up with the same one. */
static bool place_token(const char *path, const char *token, struct err *err)
{
    char *temporary = path_temporary(path);
    int fd = path_create(temporary);
    bool ok = fd >= 0 && dprintf(fd, "%s\n", token) > 0 && !fsync(fd) &&
              (!link(temporary, path) || errno == EEXIST);

    if (!ok)
        err_errno(err, "%s", path);
    if (fd >= 0)
        close(fd);
    unlink(temporary);
    free(temporary);
    return ok;
}

char *secret_token_file(const char *path, bool *made, struct err *err)
{
    char token[23];

    *made = false;
    if (access(path, F_OK)) {
        make_token(token);
        if (!path_make_parents(path, err) || !place_token(path, token, err))
            return NULL;
        OPENSSL_cleanse(token, sizeof token);
        *made = true;
    }
    return secret_from_file(path, err);
}

/* The key of "whsec_…"; returns its bytes, 0 when it is none. */
static size_t signing_key(const char *secret, unsigned char out[SECRET_SIZE])
{
    size_t len;
    int n;

    if (!strncmp(secret, "whsec_", 6))
        secret += 6;
    len = strlen(secret);
    if (len % 4 || len > SECRET_SIZE)
        return 0;
    n = EVP_DecodeBlock(out, (const unsigned char *)secret, (int)len);
    if (n < 0)
        return 0;
    for (size_t i = len; i > 0 && secret[i - 1] == '='; i--)
        n--;
    return n < KEY_MIN ? 0 : (size_t)n;
}

bool secret_can_sign(const struct secret_set *set, struct err *err)
{
    unsigned char key[SECRET_SIZE];
    bool ok = true;

    for (size_t i = 0; i < set->count; i++)
        ok = signing_key(set->secrets[i], key) && ok;
    OPENSSL_cleanse(key, sizeof key);
    return ok || err_set(err,
                         "a signing secret is not whsec_ and base64 of "
                         "%d bytes or more",
                         KEY_MIN);
}

/* HMAC-SHA256 over id.timestamp.body, in base64. */
static bool sign(const char *secret, const char *id, const char *timestamp,
                 const char *body, size_t len, char out[45])
{
    unsigned char key[SECRET_SIZE], mac[32];
    size_t key_len = signing_key(secret, key), mac_len = 0;
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *ctx = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
    bool ok =
        ctx && key_len && EVP_MAC_init(ctx, key, key_len, params) &&
        EVP_MAC_update(ctx, (const void *)id, strlen(id)) &&
        EVP_MAC_update(ctx, (const void *)".", 1) &&
        EVP_MAC_update(ctx, (const void *)timestamp, strlen(timestamp)) &&
        EVP_MAC_update(ctx, (const void *)".", 1) &&
        EVP_MAC_update(ctx, (const void *)body, len) &&
        EVP_MAC_final(ctx, mac, &mac_len, sizeof mac);

    if (ok)
        EVP_EncodeBlock((unsigned char *)out, mac, (int)mac_len);
    EVP_MAC_CTX_free(ctx);
    EVP_MAC_free(hmac);
    OPENSSL_cleanse(key, sizeof key);
    return ok;
}

/* Is one of the blank-separated "v1,<base64>" in header the wanted one? */
static bool header_has(const char *header, const char *wanted)
{
    size_t size = strlen(wanted);
    bool found = false;

    for (;;) {
        size_t len;

        header += strspn(header, " ");
        len = strcspn(header, " ");
        if (!len)
            return found;
        if (len == size + 3 && !strncmp(header, "v1,", 3) &&
            !CRYPTO_memcmp(header + 3, wanted, size))
            found = true;
        header += len;
    }
}

/* Unix seconds, digits only, at most 5 minutes away from now. */
static bool timestamp_is_fresh(const char *text, int64_t now_ms)
{
    size_t digits = strspn(text, "0123456789");
    int64_t ms;

    if (!digits || digits > 12 || text[digits])
        return false;
    ms = (int64_t)strtoll(text, NULL, 10) * 1000;
    return ms >= now_ms - TOLERANCE_MS && ms <= now_ms + TOLERANCE_MS;
}

bool secret_verify(const struct secret_set *set, const char *id,
                   const char *timestamp, const char *header, const char *body,
                   size_t len, int64_t now_ms)
{
    bool good = false;

    if (!id || !*id || !timestamp || !header ||
        !timestamp_is_fresh(timestamp, now_ms))
        return false;
    for (size_t i = 0; i < set->count; i++) {
        char wanted[45];

        if (sign(set->secrets[i], id, timestamp, body, len, wanted) &&
            header_has(header, wanted))
            good = true;
    }
    return good;
}

bool secret_sign(const struct secret_set *set, const char *id,
                 const char *timestamp, const char *body, size_t len,
                 struct buf *out)
{
    for (size_t i = 0; i < set->count; i++) {
        char signature[45];

        if (!sign(set->secrets[i], id, timestamp, body, len, signature))
            return false;
        buf_addf(out, "%sv1,%s", i ? " " : "", signature);
    }
    return set->count && buf_ok(out);
}
