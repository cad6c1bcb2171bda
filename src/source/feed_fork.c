/* Looks up on the reader's thread what to send, and narrows the gap by what is
 * answered. What a locator is: journal/locator.h. */
#include "source/feed_fork.h"

#include <stdlib.h>

#include "base/mem.h"
#include "journal/reader.h"
#include "source/feed_state.h"

#include "base/banned.h"

#define ROUNDS 12 /* each leaves a tenth */

/* ---- what is sent ---- */

/* The loop's until journal_read_owned(), then the reader's, then the loop's
 * again. */
struct finding {
    struct feed_source *source;
    void (*then)(struct feed_source *source);
    struct uuid there;
    uint64_t above, below;
    struct locator found;
    bool all;
};

static enum reader_step find(void *ctx, struct journal_reader *reader,
                             struct err *err)
{
    struct finding *finding = ctx;

    return locator_find(reader_db(reader), &finding->there, finding->above,
                        finding->below, &finding->found, &finding->all, err)
               ? READER_DONE
               : READER_FAILED;
}

static void add(struct locator *points, const struct locator_point *point)
{
    if (point->seq && points->count < LIMIT_LOCATOR)
        points->list[points->count++] = *point;
}

/* What is known stays in it, at both ends: so that we are told again. */
static void put_together(struct feed_fork *fork, const struct finding *finding)
{
    fork->all = finding->all;
    fork->sent.count = 0;
    add(&fork->sent, &fork->other);
    for (size_t i = 0; i < finding->found.count; i++)
        add(&fork->sent, &finding->found.list[i]);
    add(&fork->sent, &fork->same);
}

static void on_found(void *ctx, bool ok, const struct err *err)
{
    struct finding *finding = ctx;
    struct feed_source *source = finding->source;

    bool wanted = source->fork.finding == finding && !source->stopped;

    if (wanted && ok) {
        source->fork.finding = NULL;
        put_together(&source->fork, finding);
        finding->then(source);
    } else if (wanted) {
        feed_give_up(source, false, err->text);
        feed_link_lost(source);
    }
    free(finding);
}

void feed_fork_find(struct feed_source *source,
                    void (*then)(struct feed_source *source))
{
    struct feed_fork *fork = &source->fork;
    struct finding *finding;
    struct uuid there;

    fork->sent.count = 0;
    if (!feed_there(source, &there)) {
        then(source);
        return;
    }
    finding = xcalloc(1, sizeof *finding);
    *finding = (struct finding){
        .source = source,
        .then = then,
        .there = there,
        .above = fork->same.seq,
        .below = fork->other.seq ? fork->other.seq : FEED_MOST,
    };
    fork->finding = finding;
    journal_read_owned(source->options.journal, find, on_found, finding, free);
}

/* ---- what is said of it ---- */

static const struct locator_point *sent_of(const struct feed_fork *fork,
                                           uint64_t seq)
{
    for (size_t i = 0; i < fork->sent.count; i++)
        if (fork->sent.list[i].seq == seq)
            return &fork->sent.list[i];
    return NULL;
}

/* Numbers that we did not send are none that it can know. */
static bool is_possible(const struct feed_fork *fork,
                        const struct feed_word *word)
{
    return sent_of(fork, word->from) && word->upto < word->from &&
           (!word->upto || sent_of(fork, word->upto));
}

/* True: it is closer now. */
static bool take_bounds(struct feed_fork *fork, const struct feed_word *word)
{
    const struct locator_point none = {0}, *same = sent_of(fork, word->upto);
    bool closer = false;

    if (!fork->other.seq || word->from < fork->other.seq) {
        fork->other = *sent_of(fork, word->from);
        closer = true;
    }
    if (word->upto > fork->same.seq || fork->same.seq >= fork->other.seq) {
        fork->same = same ? *same : none;
        closer = true;
    }
    return closer;
}

/* Where all that is between was asked for, it is at neither side: it is kept
 * there no more, and its numbers are given to nobody. Else it might be
 * another, and is told again rather than missed. */
static void go_back(struct feed_source *source)
{
    const struct feed_fork *fork = &source->fork;
    uint64_t same = fork->same.seq;

    feed_go_back(source, fork->all ? fork->other.seq - 1 : same,
                 same < source->kept ? same : source->kept);
}

void feed_fork_take(struct feed_source *source, const struct feed_word *word)
{
    struct feed_fork *fork = &source->fork;
    bool closer;

    if (!is_possible(fork, word)) {
        feed_give_up(source, true, FEED_CANNOT_BE);
        return;
    }
    closer = take_bounds(fork, word);
    if (closer && !fork->all && ++fork->rounds < ROUNDS) {
        feed_give_up(source, false, "its journal has other events by now");
        fork->again = true;
        return;
    }
    feed_give_up(source, true,
                 "its journal has other events than those we have seen");
    go_back(source);
}
