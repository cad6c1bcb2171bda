/* What Slack, and what Mattermost and Discord, do with text: and so what must
 * be taken from a stranger's before they see it. */
#include "mirror/chat.h"

#include <string.h>
#include <strings.h>

#include "base/banned.h"

/* Shows nothing; behind a sign it takes the sign's meaning. */
#define WORD_JOINER "\xe2\x81\xa0"

/* ":smile:" becomes a picture; a lone colon stays. */
static bool is_shortcode(const char *colon)
{
    size_t len = strspn(colon + 1, "abcdefghijklmnopqrstuvwxyz"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789_+-'");

    return len && colon[1 + len] == ':';
}

static void defuse(struct buf *out, char sign)
{
    buf_addc(out, sign);
    buf_adds(out, WORD_JOINER);
}

static void mrkdwn_sign(struct buf *out, const char *at)
{
    switch (*at) {
    case '&':
        buf_adds(out, "&amp;");
        break;
    case '<':
        buf_adds(out, "&lt;");
        break;
    case '>':
        buf_adds(out, "&gt;");
        break;
    case '`':
        buf_addc(out, '\'');
        break;
    case '*':
    case '_':
    case '~':
        defuse(out, *at);
        break;
    case ':':
        if (is_shortcode(at))
            defuse(out, ':');
        else
            buf_addc(out, ':');
        break;
    default:
        buf_addc(out, *at);
    }
}

static void mrkdwn_escape(struct buf *out, const char *text)
{
    for (; *text; text++)
        mrkdwn_sign(out, text);
}

static void mrkdwn_link(struct buf *out, const char *url, const char *title)
{
    buf_addc(out, '<');
    for (; *url; url++)
        if (*url == '&')
            buf_adds(out, "&amp;");
        else
            buf_addc(out, *url);
    buf_addf(out, "|%s>", title);
}

const struct chat_markup chat_mrkdwn = {.bold = "*",
                                        .faint = "_",
                                        .bad = ":red_circle:",
                                        .warn = ":large_yellow_circle:",
                                        .buttons = true,
                                        .escape = mrkdwn_escape,
                                        .link = mrkdwn_link};

/* What both turn into a link by itself. */
static bool is_address(const char *at)
{
    return (*at == ':' && at[1] == '/' && at[2] == '/') ||
           (*at == 'w' && !strncasecmp(at, "www.", 4));
}

static void markdown_sign(struct buf *out, const char *at)
{
    if (strchr("\\`*_|<>[]()", *at)) {
        buf_addc(out, '\\');
        buf_addc(out, *at);
    } else if (strchr("@#~", *at) || is_address(at) ||
               (*at == ':' && is_shortcode(at))) {
        defuse(out, *at);
    } else {
        buf_addc(out, *at);
    }
}

static void markdown_escape(struct buf *out, const char *text)
{
    for (; *text; text++)
        markdown_sign(out, text);
}

static void markdown_link(struct buf *out, const char *url, const char *title)
{
    buf_addf(out, "[%s](", title);
    for (; *url; url++)
        if (*url == '(' || *url == ')')
            buf_addf(out, "%%%02X", (unsigned char)*url);
        else
            buf_addc(out, *url);
    buf_addc(out, ')');
}

const struct chat_markup chat_markdown = {.bold = "**",
                                          .faint = "_",
                                          .bad = "🔴",
                                          .warn = "🟡",
                                          .escape = markdown_escape,
                                          .link = markdown_link};
