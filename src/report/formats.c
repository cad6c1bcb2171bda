/* The formats of a report by their names. What they say alike is words.c. */
#include "report/report.h"

#include <string.h>

#include "base/banned.h"

static const struct report_format formats[] = {
    {"text", "text/plain; charset=utf-8", report_text},
    {"md", "text/markdown; charset=utf-8", report_markdown},
    {"html", "text/html; charset=utf-8", report_html},
    {"json", NULL, report_json}};

const struct report_format *report_format_find(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (!strcmp(formats[i].name, name))
            return &formats[i];
    return NULL;
}
