/* A certificate that was renewed: connections that begin from now on are shown
 * the new one, those that are open go on. Both files are looked at first,
 * since libwebsockets would have taken half of a pair that does not fit. */
#include "net/conn.h"

#include <stdio.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/file.h"

#include "base/banned.h"

/* No passphrase is asked for: there is nobody to ask. */
static int no_passphrase(char *out, int size, int writes, void *ctx)
{
    (void)out;
    (void)size;
    (void)writes;
    (void)ctx;
    return -1;
}

static bool is_pair(FILE *cert_file, FILE *key_file)
{
    X509 *cert = PEM_read_X509(cert_file, NULL, no_passphrase, NULL);
    EVP_PKEY *key = PEM_read_PrivateKey(key_file, NULL, no_passphrase, NULL);
    bool ok = cert && key && X509_check_private_key(cert, key) == 1;

    X509_free(cert);
    EVP_PKEY_free(key);
    return ok;
}

static bool check_pair(const char *cert, const char *key, struct err *err)
{
    FILE *cert_file = fopen(cert, "r"), *key_file = fopen(key, "r");
    bool ok = false;

    if (!cert_file || !key_file)
        err_errno(err, "%s", cert_file ? key : cert);
    else if (!is_pair(cert_file, key_file))
        err_set(err, "%s and %s are no certificate and its key", cert, key);
    else
        ok = true;
    if (cert_file)
        fclose(cert_file);
    if (key_file)
        fclose(key_file);
    return ok;
}

bool server_reload_tls(struct server *server, const char *cert,
                       const char *key, struct err *err)
{
    if (!server->tls)
        return true;
    if (!file_is_regular(cert, err) || !file_is_regular(key, err) ||
        !check_pair(cert, key, err))
        return false;
    return !lws_tls_cert_updated(loop_context(server->loop), cert, key, NULL,
                                 0, NULL, 0) ||
           err_set(err, "%s is not taken: see the log", cert);
}
