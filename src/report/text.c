/* The report for a terminal, and as Markdown for wherever that is read. */
#include <string.h>

#include "report/lines.h"

#include "base/banned.h"

/* Sanitised text is harmless in a terminal. */
static void as_it_is(struct buf *out, const char *text)
{
    buf_adds(out, text);
}

static void text_link(struct buf *out, const char *url, const char *title)
{
    (void)title;
    buf_adds(out, url);
}

static void text_bars(struct buf *out, const struct report *report,
                      const struct report_account *account)
{
    size_t name = out->len;

    buf_adds(out, "  ");
    report_spark(out, report, account);
    if (out->len == name + 2)
        buf_truncate(out, name);
}

bool report_text(struct buf *out, const struct report *report)
{
    static const struct report_markup markup = {
        .escape = as_it_is,
        .link = text_link,
        .title = {"", "\n"},
        .summary = {"", "\n"},
        .account = {"\n", "", "\n", ""},
        .item = {"  ", "\n"},
        .label = {"", ""},
        .label_width = 5,
        .bars = text_bars,
    };

    return report_lines(out, report, &markup);
}

/* What Markdown would take for a mark, an entity, HTML or a link. */
static void escape_markdown(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("\\`*_[]<>#|~&!:@", *text))
            buf_addc(out, '\\');
        buf_addc(out, *text);
    }
}

/* Clean addresses have no blank, bracket or quote; parentheses end one. */
static void markdown_link(struct buf *out, const char *url, const char *title)
{
    buf_addf(out, "[%s](", title);
    for (; *url; url++)
        if (*url == '(' || *url == ')')
            buf_addf(out, "%%%02X", (unsigned)*url);
        else
            buf_addc(out, *url);
    buf_addc(out, ')');
}

bool report_markdown(struct buf *out, const struct report *report)
{
    static const struct report_markup markup = {
        .escape = escape_markdown,
        .link = markdown_link,
        .title = {"# ", "\n\n"},
        .summary = {"", "\n"},
        .account = {"\n## ", "", "\n\n", ""},
        .item = {"- ", "\n"},
        .label = {"**", "**"},
    };

    return report_lines(out, report, &markup);
}
