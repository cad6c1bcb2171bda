/* [mirror NAME] of the configuration, read and checked. */
#ifndef TELLTALE_MIRROR_SETTINGS_H
#define TELLTALE_MIRROR_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "config/config.h"
#include "config/secret.h"
#include "event/redact.h"
#include "mirror/message.h"
#include "mirror/type.h"
#include "query/query.h"

struct mirror_hours {
    int from, to; /* minutes of the local day */
};

struct mirror_settings {
    char *name;
    const struct mirror_type *type;
    char *url;                 /* a secret */
    char *token;               /* bot token, a secret; NULL: webhook */
    char *url_file;            /* what gave the url; NULL: no file did */
    char *token_file;          /* the same of the token */
    char *channel;             /* of the bot */
    struct secret_set signing; /* Standard Webhooks, of type json */
    struct query *query;       /* what is sent on */
    struct query *bypass;      /* what waits for nothing; NULL: nothing */
    int64_t window_ms;         /* gathered into one message */
    int64_t cooldown_ms;       /* between two messages of one account */
    struct mirror_hours quiet; /* {-1, -1}: none */
    int digest_at;             /* minute of the local day; -1: none */
    bool catch_up_all;         /* send all after an outage: no digest */
    int64_t backoff_max_ms;    /* longest wait between attempts */
    int64_t timeout_ms;        /* of one attempt */
    char *line;                /* how Slack shows an event; NULL: as usual */
    struct message_redaction redaction;
    struct redaction *drop; /* properties left out; NULL: none */
    bool allow_http;
    bool silence; /* also sends when nothing comes where it usually does */
};

struct mirror_list {
    struct mirror_settings *mirrors;
    size_t count;
};

/* Reads every [mirror NAME]. False with err, "config.ini:12: what". */
bool mirror_list_load(struct mirror_list *list, const struct config *config,
                      struct err *err);
void mirror_list_free(struct mirror_list *list); /* wipes the secrets */

/* Reads url_file and token_file again and puts what they hold now into url and
 * token. False with err: one cannot be read or does not do, and both stay as
 * they were. */
bool mirror_settings_read_again(struct mirror_settings *settings,
                                struct err *err);

/* Where this moment stands: true while quiet hours last; *until, if given,
 * is their end. Local time of the process. */
bool mirror_quiet(const struct mirror_settings *settings, int64_t now_ms,
                  int64_t *until);
/* The next time the daily digest is due, after now. */
int64_t mirror_digest_time(const struct mirror_settings *settings,
                           int64_t now_ms);

#endif
