/* Messages that say in words what happened: Markdown and Slack's mrkdwn of
 * PostHog's older webhooks and of its Slack destination. */
#ifndef TELLTALE_CHAT_TEXT_H
#define TELLTALE_CHAT_TEXT_H

#include "base/mem.h"

struct chat_text {
    const char *who;        /* whom it is about, or NULL */
    const char *what;       /* the rest, without marks; never NULL */
    const char *event;      /* the event's name, if it says so, or NULL */
    const char *person_url; /* the first link to a person, or NULL */
    const char *link;       /* the first other one, or NULL */
};

/* Nothing in it is sanitised. */
struct chat_text chat_text_read(const char *text, struct arena *arena);

#endif
