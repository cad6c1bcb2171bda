/* What answers mean whatever the kind of mirror: its file asks here. */
#include "mirror/type.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/text.h"

#include "base/banned.h"

enum mirror_verdict mirror_judge_status(const struct mirror_answer *answer,
                                        struct err *why)
{
    int status = answer->status;
    struct buf said;

    buf_init(&said, KIB);
    text_sanitise(&said, answer->told, strlen(answer->told), 80);
    err_set(why, "it answered %d%s%s", status, said.len ? " " : "", said.data);
    buf_free(&said);
    if (status == 429 || status == 408 || status >= 500)
        return VERDICT_LATER;
    return status == 400 || status == 413 || status == 422 ? VERDICT_PARK
                                                           : VERDICT_OFF;
}

bool mirror_answer_is_page(const struct mirror_answer *answer)
{
    static const char *const starts[] = {"<!doctype html", "<html", "<head",
                                         "<body", "<!--"};
    const char *body = answer->body;

    if (!strncmp(body, "\xef\xbb\xbf", 3))
        body += 3;
    while (isspace((unsigned char)*body))
        body++;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (!strncasecmp(body, starts[i], strlen(starts[i])))
            return true;
    return false;
}
