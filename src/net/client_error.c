/* curl's codes in words of ours. */
#include "net/client_error.h"

#include <stdio.h>

#include "base/banned.h"

/* The host of the address: all of it that may be shown. */
static void name_host(CURL *easy, char *out, size_t size)
{
    char *url = NULL, *host = NULL;
    CURLU *parts = curl_url();

    curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &url);
    if (!parts || !url || curl_url_set(parts, CURLUPART_URL, url, 0) ||
        curl_url_get(parts, CURLUPART_HOST, &host, 0))
        snprintf(out, size, "the other side");
    else
        snprintf(out, size, "%s", host);
    curl_free(host);
    curl_url_cleanup(parts);
}

/* curl gives an answer that is not HTTP/1 or later the code of an address
 * with a protocol it does not speak: what tells them apart is whether the
 * request ever left. */
static const char *plain_reason(CURLcode code, bool left)
{
    switch (code) {
    case CURLE_URL_MALFORMAT:
        return "not an https address";
    case CURLE_UNSUPPORTED_PROTOCOL:
        return left ? "what answers there does not speak HTTP"
                    : "not an https address";
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_OUT_OF_MEMORY: /* what curl says of a head without an end */
        return "what answers there does not speak HTTP";
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return "no such host, or no network";
    case CURLE_COULDNT_CONNECT:
        return "cannot connect";
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_ABORTED_BY_CALLBACK: /* who waited has waited enough */
        return "no answer in time";
    case CURLE_PEER_FAILED_VERIFICATION:
        return "its certificate is not trusted";
    case CURLE_WRITE_ERROR: /* ours, of what is longer than any answer */
        return "its answer is too long";
    case CURLE_PARTIAL_FILE:
        return "its answer breaks off before its end";
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
        return "the connection broke";
    default:
        return curl_easy_strerror(code);
    }
}

void client_error(CURL *easy, CURLcode code, bool left, char *out, size_t size)
{
    char host[256];

    name_host(easy, host, sizeof host);
    snprintf(out, size, "%s: %s", host, plain_reason(code, left));
}
