/* The kinds of mirrors, and what they judge alike. */
#include "mirror/type.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/text.h"

#include "base/banned.h"

static const struct mirror_type *const types[] = {&mirror_slack, &mirror_json};
#define TYPES (sizeof types / sizeof *types)

/* "slack or json", "a, b or c" */
static const char *known_types(void)
{
    static char list[200];
    struct buf text;

    buf_init(&text, sizeof list - 1);
    for (size_t i = 0; i < TYPES; i++)
        buf_addf(&text, "%s%s",
                 !i              ? ""
                 : i + 1 < TYPES ? ", "
                                 : " or ",
                 types[i]->name);
    memcpy(list, text.data, text.len + 1);
    buf_free(&text);
    return list;
}

const struct mirror_type *mirror_type_find(const char *name,
                                           const char **known)
{
    for (size_t i = 0; i < TYPES; i++)
        if (!strcmp(types[i]->name, name))
            return types[i];
    if (known)
        *known = known_types();
    return NULL;
}

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
