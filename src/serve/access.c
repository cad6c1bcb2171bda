/* The viewers' tokens. The hook's own tokens are source/webhook's: who may
 * send need not be able to read. */
#include "serve/access.h"

#include <string.h>
#include <strings.h>

#include "base/banned.h"

/* The token of one header; prefix is left out of it. */
static bool has_token(const struct viewers *viewers,
                      const struct request *request, const char *header,
                      const char *prefix, struct viewer_token *out)
{
    size_t skip = strlen(prefix);
    char value[512];

    return request_header(request, header, value, sizeof value) &&
           !strncasecmp(value, prefix, skip) &&
           viewers_find(viewers, value + skip, strlen(value + skip), out);
}

bool access_granted(const struct viewers *viewers,
                    const struct request *request, struct viewer_token *who)
{
    struct viewer_token found;

    if (!has_token(viewers, request, "authorization", "Bearer ", &found) &&
        !has_token(viewers, request, "x-telltale-token", "", &found))
        return false;
    if (who)
        *who = found;
    return true;
}

void access_refuse(const struct viewers *viewers, struct answer *answer)
{
    bool any = viewers->tokens.count || viewers->count;

    answer->status = 401;
    answer->body =
        any ? "{\"ok\":false,\"error\":\"the viewer token is needed\"}"
            : "{\"ok\":false,\"error\":\"no viewer token is set: "
              "telltale viewers add NAME makes one\"}";
    answer->len = strlen(answer->body);
    answer->headers = "WWW-Authenticate: Bearer\r\n";
}
