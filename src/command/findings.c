/* A list that grows to LIMIT_FINDINGS; what is beyond is counted, and said as
 * a note. */
#include "command/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/banned.h"

struct finding {
    enum finding_level level;
    const char *about;
    char *text;
    struct buf more; /* lines, each with its end */
};

struct findings {
    struct finding *list;
    size_t count, room, left_out;
};

enum finding_level finding_level(char mark)
{
    return mark == '!'   ? FINDING_WRONG
           : mark == '~' ? FINDING_NOTE
                         : FINDING_FACT;
}

struct findings *findings_new(void)
{
    return xcalloc(1, sizeof(struct findings));
}

void findings_free(struct findings *findings)
{
    if (!findings)
        return;
    for (size_t i = 0; i < findings->count; i++) {
        free(findings->list[i].text);
        buf_free(&findings->list[i].more);
    }
    free(findings->list);
    free(findings);
}

static void add(struct findings *findings, enum finding_level level,
                const char *about, const char *text, size_t len)
{
    struct finding *finding;
    struct buf clean;

    if (findings->count == LIMIT_FINDINGS) {
        findings->left_out++;
        return;
    }
    if (findings->count == findings->room) {
        findings->room = findings->room ? 2 * findings->room : 32;
        findings->list =
            xrealloc(findings->list, findings->room * sizeof *findings->list);
    }
    buf_init(&clean, 2 * LIMIT_TEXT);
    text_sanitise(&clean, text, len, LIMIT_TEXT);
    finding = &findings->list[findings->count++];
    finding->level = level;
    finding->about = about;
    finding->text = buf_take(&clean);
    buf_init(&finding->more, LIMIT_FINDING_MORE);
}

/* Of the last one; what it has no room for is left out. */
static void add_more(struct findings *findings, const char *text, size_t len)
{
    struct buf *more;

    if (!findings->count || findings->left_out)
        return;
    more = &findings->list[findings->count - 1].more;
    if (more->len + LIMIT_TEXT + 2 > LIMIT_FINDING_MORE)
        return;
    text_sanitise(more, text, len, LIMIT_TEXT);
    buf_addc(more, '\n');
}

void finding_add(struct findings *findings, enum finding_level level,
                 const char *about, const char *format, ...)
{
    char text[LIMIT_TEXT];
    va_list values;

    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    add(findings, level, about, text, strlen(text));
}

void finding_wrong(struct findings *findings, const char *about,
                   const char *text)
{
    finding_add(findings, FINDING_WRONG, about, "%s", text);
}

void finding_more(struct findings *findings, const char *format, ...)
{
    char text[LIMIT_TEXT];
    va_list values;

    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    add_more(findings, text, strlen(text));
}

static void add_line(struct findings *findings, const char *about,
                     const char *line, size_t len)
{
    size_t skip = strspn(line, " ");

    if (len > 2 && line[1] == ' ' && (*line == '!' || *line == '~'))
        add(findings, finding_level(*line), about, line + 2, len - 2);
    else if (findings->count && skip != 2)
        add_more(findings, line, len);
    else if (skip < len)
        add(findings, FINDING_FACT, about, line + skip, len - skip);
}

void findings_add_lines(struct findings *findings, const char *about,
                        const char *lines)
{
    while (*lines) {
        size_t len = strcspn(lines, "\n");

        add_line(findings, about, lines, len);
        lines += len + (lines[len] == '\n');
    }
}

static size_t count(const struct findings *findings, enum finding_level level)
{
    size_t of_level = 0;

    for (size_t i = 0; i < findings->count; i++)
        of_level += findings->list[i].level == level;
    return of_level;
}

bool findings_are_wrong(const struct findings *findings)
{
    return count(findings, FINDING_WRONG) > 0;
}

/* ---- for people ---- */

static void more_text(const char *more, struct buf *out)
{
    while (*more) {
        size_t len = strcspn(more, "\n");

        buf_addf(out, "            %.*s\n", (int)len, more);
        more += len + 1;
    }
}

static void finding_text(const struct finding *finding, struct buf *out)
{
    if (finding->level == FINDING_WRONG)
        buf_addf(out, "! %s\n", finding->text);
    else if (finding->level == FINDING_NOTE)
        buf_addf(out, "~ %s\n", finding->text);
    else
        buf_addf(out, "  %-10s%s\n", finding->about, finding->text);
    more_text(finding->more.data, out);
}

void findings_text(const struct findings *findings, struct buf *out)
{
    for (int level = FINDING_WRONG; level <= FINDING_FACT; level++)
        for (size_t i = 0; i < findings->count; i++)
            if (findings->list[i].level == (enum finding_level)level)
                finding_text(&findings->list[i], out);
    if (findings->left_out)
        buf_addf(out, "~ and %zu more, which are not listed\n",
                 findings->left_out);
}

/* ---- for scripts ---- */

static cJSON *more_json(const char *more)
{
    cJSON *lines = cJSON_CreateArray();

    while (*more) {
        size_t len = strcspn(more, "\n");
        char *line = xstrndup(more, len);

        cJSON_AddItemToArray(lines, cJSON_CreateString(line));
        free(line);
        more += len + 1;
    }
    return lines;
}

static cJSON *finding_json(const struct finding *finding)
{
    static const char *const levels[] = {"wrong", "note", "fact"};
    cJSON *object = cJSON_CreateObject();

    cJSON_AddStringToObject(object, "level", levels[finding->level]);
    cJSON_AddStringToObject(object, "about", finding->about);
    cJSON_AddStringToObject(object, "text", finding->text);
    if (finding->more.len)
        cJSON_AddItemToObject(object, "more", more_json(finding->more.data));
    return object;
}

static cJSON *list_json(const struct findings *findings)
{
    cJSON *list = cJSON_CreateArray();

    for (int level = FINDING_WRONG; level <= FINDING_FACT; level++)
        for (size_t i = 0; i < findings->count; i++)
            if (findings->list[i].level == (enum finding_level)level)
                cJSON_AddItemToArray(list, finding_json(&findings->list[i]));
    return list;
}

void findings_json(const struct findings *findings, struct buf *out)
{
    cJSON *object = cJSON_CreateObject();
    char *text;

    cJSON_AddNumberToObject(object, "wrong",
                            (double)count(findings, FINDING_WRONG));
    cJSON_AddNumberToObject(object, "notes",
                            (double)count(findings, FINDING_NOTE));
    if (findings->left_out)
        cJSON_AddNumberToObject(object, "left_out",
                                (double)findings->left_out);
    cJSON_AddItemToObject(object, "findings", list_json(findings));
    text = cJSON_PrintUnformatted(object);
    buf_adds(out, text);
    buf_addc(out, '\n');
    cJSON_free(text);
    cJSON_Delete(object);
}
