/* A message as Slack takes it. Limits (docs.slack.dev, Block Kit): 50
 * blocks, 3,000 characters of text in a section, 75 in a button, 3,000 in a
 * URL; and, seen but not documented, about 13,200 of text in all
 * (slackapi/bolt-js#2509): we stay below 10,000 bytes. */
#ifndef TELLTALE_SLACK_H
#define TELLTALE_SLACK_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "mirror/message.h"

#define SLACK_BLOCKS 50
#define SLACK_SECTION 3000
#define SLACK_URL 3000
#define SLACK_FALLBACK 4000
#define SLACK_TOTAL 10000

struct slack_style {
    const char *channel; /* for chat.postMessage; NULL: incoming webhook */
    const char *line;    /* how an event is shown; NULL: SLACK_LINE */
    bool digest;         /* says from when to when it reaches */
};
/* Fields: {mark} a circle for what is bad or a warning, {time}, {person},
 * {sentence}, {category}, {account}, {replay} a link. A blank behind a field
 * that is empty goes with it. */
#define SLACK_LINE "{mark} `{time}` {person} {sentence} {replay}"

/* Whatever does not fit is counted, never left out silently. */
bool slack_render(struct buf *out, const struct message *message,
                  const struct slack_style *style);
/* False with err: an unknown field, or a bracket too many. */
bool slack_line_check(const char *line, struct err *err);
/* Appends text so that Slack shows it as it is: no mention, no link and no
 * formatting can be forged. */
void slack_escape(struct buf *out, const char *text);

/* What an answer of Slack's means; status and body as they came. */
enum slack_verdict {
    SLACK_SENT,
    SLACK_LATER, /* 429, 5xx: try again (after Retry-After) */
    SLACK_PARK,  /* this message is refused: 400 */
    SLACK_OFF,   /* the channel, app or URL is gone: until the user acts */
};
/* bot: chat.postMessage, which answers 200 with {"ok":false}. why is filled
 * in unless it was sent. */
enum slack_verdict slack_judge(int status, const char *body, bool bot,
                               struct err *why);

#endif
