/* The viewer's token. The hook's own tokens are source/webhook's: who may
 * send need not be able to read. */
#include "serve/access.h"

#include <string.h>
#include <strings.h>

#include "base/banned.h"

bool access_granted(const struct secret_set *viewer,
                    const struct request *request)
{
    char value[512];

    if (request_header(request, "authorization", value, sizeof value) &&
        !strncasecmp(value, "Bearer ", 7) &&
        secret_set_has(viewer, value + 7, strlen(value + 7)))
        return true;
    return request_header(request, "x-telltale-token", value, sizeof value) &&
           secret_set_has(viewer, value, strlen(value));
}

void access_refuse(const struct secret_set *viewer, struct answer *answer)
{
    answer->status = 401;
    answer->body =
        viewer->count
            ? "{\"ok\":false,\"error\":\"the viewer token is needed\"}"
            : "{\"ok\":false,\"error\":\"no viewer token is set: "
              "TELLTALE_VIEWER_TOKEN or viewer_token_file\"}";
    answer->len = strlen(answer->body);
    answer->headers = "WWW-Authenticate: Bearer\r\n";
}
