/* A message as Slack takes it. Limits (docs.slack.dev, Block Kit): 50
 * blocks, 3,000 characters of text in a section, 75 in a button, 3,000 in a
 * URL; and, seen but not documented, about 13,200 of text in all
 * (slackapi/bolt-js#2509): we stay below 10,000 bytes. */
#ifndef TELLTALE_SLACK_H
#define TELLTALE_SLACK_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "mirror/chat.h"
#include "mirror/message.h"
#include "mirror/type.h"

#define SLACK_BLOCKS 50
#define SLACK_SECTION 3000
#define SLACK_URL 3000
#define SLACK_FALLBACK 4000
#define SLACK_TOTAL 10000

struct slack_style {
    const char *channel; /* for chat.postMessage; NULL: incoming webhook */
    struct chat_style chat;
};

/* Whatever does not fit is counted, never left out silently. */
bool slack_render(struct buf *out, const struct message *message,
                  const struct slack_style *style);

/* A report, a section an account. channel: as in a style. */
bool slack_report(struct buf *out, const struct report *report,
                  const char *channel);

/* Who reads what is sent to an incoming webhook: others take the same
 * address in their own way. */
enum slack_flavour {
    FLAVOUR_SLACK,      /* Slack, or what stands in for it */
    FLAVOUR_MATTERMOST, /* …/hooks/ and 26 letters: text, no blocks */
    FLAVOUR_DISCORD, /* discord.com/api/webhooks/…/slack: text, up to 2,000
                          characters */
    FLAVOUR_BOT,     /* chat.postMessage */
};
/* url: http(s); token: there is a bot token. */
enum slack_flavour slack_flavour(const char *url, bool token);

#endif
