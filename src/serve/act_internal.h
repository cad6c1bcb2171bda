/* POST /act, for its own files only: act.c, of signals, and act_verbs.c, all
 * else. */
#ifndef TELLTALE_ACT_INTERNAL_H
#define TELLTALE_ACT_INTERNAL_H

#include "serve/act.h"
#include "serve/act_judge.h"
#include "serve/act_words.h"

struct act {
    struct journal *journal;
    const struct viewers *viewers;
    struct feed *feed;
    struct looks *looks; /* NULL: not told */
    struct act_calls calls;
    struct server *server;
};

void act_answer_error(struct act *act, struct request_id id, int status,
                      const char *why);
/* It could not be written: 503, and why is logged here. */
void act_answer_not_kept(struct act *act, struct request_id id,
                         const struct err *err);
/* It is done, or something newer stands. more: ,"signal":… or "". */
void act_answer_done(struct act *act, struct request_id id,
                     const struct act_verdict *verdict, const char *more);
/* Does what the words say, and answers; by is the name of who asked. */
typedef void act_run(struct act *act, struct request_id id,
                     const struct act_words *words, const char *by);
act_run act_signal, act_export, act_look, act_pin, act_read_account,
    act_note_account;

#endif
