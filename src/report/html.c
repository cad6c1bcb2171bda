/* The report as one page of HTML: no script, nothing that is fetched, bars as
 * inline SVG; colours follow the reader's light or dark setting, and paper. */
#include <inttypes.h>

#include "report/lines.h"

#include "base/limits.h"

#include "base/banned.h"

#define BAR_WIDTH 8
#define BAR_GAP 2
#define BAR_HEIGHT 28

static const char style[] =
    ":root{color-scheme:light dark;--text:#1d1f24;--faint:#6b7280;"
    "--page:#fff;--line:#e5e7eb;--bar:#4f7cc4}"
    "@media (prefers-color-scheme:dark){:root{--text:#e6e6e6;--faint:#9aa0aa;"
    "--page:#15171c;--line:#2c3038;--bar:#7aa2e8}}"
    "@media print{:root{--text:#000;--faint:#444;--page:#fff;--line:#bbb;"
    "--bar:#555}a{color:inherit}a::after{content:\" \" attr(href);"
    "font-size:80%;word-break:break-all}section{break-inside:avoid}}"
    "body{font:15px/1.5 system-ui,sans-serif;color:var(--text);"
    "background:var(--page);max-width:52rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.5rem;margin:0}h2{font-size:1.05rem;margin:0;"
    "display:flex;justify-content:space-between;align-items:end;gap:1rem}"
    "section{border-top:1px solid var(--line);margin-top:1.2rem;"
    "padding-top:.8rem}ul{list-style:none;margin:.4rem 0 0;padding:0}"
    "li{padding-left:4rem;text-indent:-4rem;margin:.15rem 0;"
    "overflow-wrap:anywhere}"
    "b{display:inline-block;width:3.7rem;text-indent:0;font-weight:400;"
    "color:var(--faint)}"
    "p{margin:.2rem 0;color:var(--faint)}svg{display:block;flex:none}"
    "rect{fill:var(--bar)}a{color:var(--bar)}";

static void escape(struct buf *out, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '&':
            buf_adds(out, "&amp;");
            break;
        case '<':
            buf_adds(out, "&lt;");
            break;
        case '>':
            buf_adds(out, "&gt;");
            break;
        case '"':
            buf_adds(out, "&quot;");
            break;
        case '\'':
            buf_adds(out, "&#39;");
            break;
        default:
            buf_addc(out, *text);
        }
}

static void link_to(struct buf *out, const char *url, const char *title)
{
    buf_adds(out, "<a rel=\"noreferrer\" href=\"");
    escape(out, url);
    buf_addf(out, "\">%s</a>", title);
}

/* A bar a day; whoever cannot see them hears the numbers. */
static void put_bars(struct buf *out, const struct report *report,
                     const struct report_account *account)
{
    unsigned width = report->day_count * (BAR_WIDTH + BAR_GAP);
    uint64_t most = 1;

    for (unsigned i = 0; i < report->day_count; i++)
        if (account->days[i] > most)
            most = account->days[i];
    buf_addf(out,
             "<svg role=\"img\" width=\"%u\" height=\"%d\" viewBox=\"0 0 %u "
             "%d\"><title>events a day:",
             width > 320 ? 320 : width, BAR_HEIGHT, width, BAR_HEIGHT);
    for (unsigned i = 0; i < report->day_count; i++)
        buf_addf(out, " %" PRIu64, account->days[i]);
    buf_adds(out, "</title>");
    for (unsigned i = 0; i < report->day_count; i++) {
        unsigned height =
            (unsigned)((account->days[i] * BAR_HEIGHT + most - 1) / most);

        if (!height)
            height = 1;
        buf_addf(out, "<rect x=\"%u\" y=\"%u\" width=\"%d\" height=\"%u\"/>",
                 i * (BAR_WIDTH + BAR_GAP), BAR_HEIGHT - height, BAR_WIDTH,
                 height);
    }
    buf_adds(out, "</svg>");
}

bool report_html(struct buf *out, const struct report *report)
{
    static const struct report_markup markup = {
        .escape = escape,
        .link = link_to,
        .title = {"<h1>", "</h1>\n"},
        .summary = {"<p>", "</p>\n"},
        .account = {"<section><h2><span>", "</span>", "</h2>\n<ul>\n",
                    "</ul></section>\n"},
        .item = {"<li>", "</li>\n"},
        .label = {"<b>", "</b>"},
        .bars = put_bars,
    };

    buf_addf(out,
             "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
             "charset=\"utf-8\"><meta name=\"viewport\" "
             "content=\"width=device-width\"><meta "
             "name=\"referrer\" content=\"no-referrer\"><title>telltale "
             "report</title>\n<style>%s</style></head>\n<body>\n",
             style);
    report_lines(out, report, &markup);
    return buf_adds(out, "</body></html>\n");
}
