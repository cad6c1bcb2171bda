/* A message as the text of a chat: a heading an account, its events as
 * lines. How a chat marks bold, writes a link and keeps a stranger's text
 * harmless is its markup. */
#ifndef TELLTALE_CHAT_H
#define TELLTALE_CHAT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "mirror/message.h"
#include "report/report.h"

struct chat_markup {
    const char *bold, *faint; /* around a text */
    const char *bad, *warn;   /* in front of a line of that tone */
    bool buttons; /* a lone event's links are buttons below its line */
    /* Appends text so that the chat shows it as it is: no mention, no link,
     * no picture and no formatting can be forged. */
    void (*escape)(struct buf *out, const char *text);
    /* Appends a link; url has no blank, bracket or bar in it. */
    void (*link)(struct buf *out, const char *url, const char *title);
};

/* Slack's mrkdwn (docs.slack.dev, "Formatting message text"). */
extern const struct chat_markup chat_mrkdwn;
/* Markdown as Mattermost and Discord read it. */
extern const struct chat_markup chat_markdown;

/* How a message is shown. */
struct chat_style {
    const char *line; /* how an event is shown; NULL: CHAT_LINE */
    bool digest;      /* says from when to when it reaches */
};
/* A signal is shown in a way of its own: its kind, account and person, why it
 * was concluded, and what one could say. */
/* Fields: {mark} a circle for what is bad or a warning, {time}, {person},
 * {sentence}, {category}, {account}, {replay} a link. A blank behind a field
 * that is empty goes with it. */
#define CHAT_LINE "{mark} `{time}` {person} {sentence} {replay}"
/* False with err: an unknown field, or a bracket too many. */
bool chat_line_check(const char *line, struct err *err);

/* "12 events from 3 accounts, Mon 14 Sep 08:00 to 17:30" */
void chat_heading(struct buf *out, const struct chat_markup *markup,
                  const struct message *message);
/* An account and its events, with fewer lines when all are over `most`
 * bytes: what has no line is counted. */
void chat_group(struct buf *out, const struct chat_markup *markup,
                const struct message_group *group, const char *line,
                size_t most);
/* "and 4 events of other accounts" */
void chat_rest(struct buf *out, const struct chat_markup *markup,
               unsigned events);
/* One line for a notification or a screen reader, of up to about `most`
 * bytes. */
void chat_summary(struct buf *out, const struct chat_markup *markup,
                  const struct message *message, size_t most);
/* All of a message as text of up to `most` bytes; what does not fit is
 * counted. */
void chat_render(struct buf *out, const struct chat_markup *markup,
                 const struct message *message, const struct chat_style *style,
                 size_t most);

/* A text of strangers, cut to so many cells and to bytes in proportion. */
void chat_escape_cut(struct buf *out, const struct chat_markup *markup,
                     const char *text, int cells);

#define CHAT_LINK 500 /* bytes; a longer address gets no link within a line */
#define CHAT_REST 60  /* bytes kept for the line that counts the rest */

/* How much a chat takes of a report, in bytes. */
struct chat_room {
    size_t all, part; /* in all, and in one part */
    size_t parts;     /* at most */
    size_t between;   /* what stands between two parts */
};
/* A report, part by part: the heading, an account each, what had no room as
 * a count, who did not come. None is longer than the room allows. */
void chat_report(const struct chat_markup *markup, const struct report *report,
                 const struct chat_room *room,
                 void (*put)(void *ctx, const char *text), void *ctx);
/* The same for a notification or a screen reader. */
void chat_report_summary(struct buf *out, const struct chat_markup *markup,
                         const struct report *report, size_t most);

#endif
