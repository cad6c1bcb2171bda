/* The feed, for its own files only: feed.c, who is told what is committed;
 * feed_route.c, who comes and what becomes of the stream; feed_read.c, what
 * is read for those that are behind; feed_viewer.c, one viewer. */
#ifndef TELLTALE_FEED_INTERNAL_H
#define TELLTALE_FEED_INTERNAL_H

#include "serve/feed.h"
#include "serve/feed_page.h"

struct viewer {
    struct viewer *next;
    struct feed *feed;
    struct request_id id;
    struct viewer_token token;
    uint64_t cursor; /* has all up to there */
    bool follows;    /* `live` holds what comes behind cursor, or behind what
                        is being read */
    bool reading;    /* page is the reader's */
    bool forgets;    /* is to be told who is forgotten */
    bool forgets_on; /* from where the last piece ended */
    bool by_acts;    /* is told what was said from the journal, in order */
    bool acts;       /* something was */
    bool gone;
    bool ends;           /* when it has all up to `last` */
    uint64_t last;       /* the newest when it came */
    struct query *query; /* for what is live; the page has its own */
    struct buf live;
    struct feed_page page;
};

struct feed {
    struct journal *journal;
    const struct viewers *viewers;
    const struct redaction *conceal; /* NULL: nothing */
    struct server *server;
    struct viewer *first; /* the newest */
    unsigned count;       /* not gone */
    unsigned reading;
    uint64_t head;     /* what viewers that follow have been told up to */
    uint64_t newest;   /* of the turn, seq */
    uint64_t gathered; /* events of the turn */
    uint64_t left;     /* feeds that have ended */
    bool stopped;
    void (*greet)(void *ctx, struct buf *out, enum feed_form form);
    void *greet_ctx;
    struct buf json[2]; /* of one event; with what is kept besides */
};

/* It is in no list by then. */
void viewer_free(struct viewer *viewer);
/* What the log calls it. */
const char *viewer_name(const struct viewer *viewer);
/* Sends what stands in out, unless it is gone, and empties that. */
void viewer_send(struct viewer *viewer, struct buf *out);
/* One line, as feed_line_say() makes it. */
void viewer_say(struct viewer *viewer, const char *kind, uint64_t seq,
                const char *rest);
/* The last word; all: there is nothing more, and that was wanted. */
void viewer_bye(struct viewer *viewer, const char *why, bool all);
/* The last word, of one that has not got all it wanted. */
void viewer_let_go(struct viewer *viewer, const char *why);
/* It wanted what was there, and has it. */
void viewer_end_if_whole(struct viewer *viewer);
/* What it has not been told is read for it from the journal. */
void viewer_fall_behind(struct viewer *viewer);
/* Has its filter judged all so far? One that cannot would leave gaps that
 * nobody sees: then the viewer is let go. */
bool viewer_is_judged(struct viewer *viewer, const struct query *query);

/* Frees those that are gone, unless the reader has something of theirs. Never
 * from inside a call about one. */
void feed_bury(struct feed *feed);
/* Has the journal read for those that are behind and can take more. */
void feed_read_more(struct feed *feed);

#endif
