/* Saying what was concluded: the list that follow.c takes, the evidence, the
 * openers. */
#include "signal/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

#include "base/banned.h"

static const struct kind {
    int rest; /* days */
    const char *openers[2];
} kinds[SIGNAL_COUNT] = {
#define SIGNAL(id, name, title, rest, stays, opener, other)                   \
    [SIGNAL_##id] = {rest, {opener, other}},
#include "event/signals.def"
#undef SIGNAL
};

void signal_opener(struct buf *out, enum signal_kind kind, unsigned which,
                   int category)
{
    const char *text = kinds[kind].openers[which & 1];
    const char *area = strstr(text, "{area}");

    if (!area) {
        buf_adds(out, text);
        return;
    }
    buf_add(out, text, (size_t)(area - text));
    buf_adds(out, signal_area(category == SIGNAL_NO_CATEGORY
                                  ? CATEGORY_OTHER
                                  : (enum category)category));
    buf_adds(out, area + strlen("{area}"));
}

bool signal_may_say(const struct engine *engine,
                    const struct account_state *account, enum signal_kind kind,
                    int32_t day)
{
    return !engine->settings.off[kind] && account->rests[kind] < day;
}

/* Ascending, each once. */
void signal_evidence(struct signal *draft, uint64_t seq)
{
    size_t at = draft->evidence_count;

    if (!seq)
        return;
    for (size_t i = 0; i < draft->evidence_count; i++)
        if (draft->evidence[i] == seq)
            return;
    if (at == SIGNAL_EVIDENCE)
        return;
    for (; at > 0 && draft->evidence[at - 1] > seq; at--)
        draft->evidence[at] = draft->evidence[at - 1];
    draft->evidence[at] = seq;
    draft->evidence_count++;
}

static struct signal *add(struct engine *engine)
{
    if (engine->signal_count == engine->signal_cap) {
        engine->signal_cap = engine->signal_cap ? engine->signal_cap * 2 : 8;
        engine->signals = xreallocarray(engine->signals, engine->signal_cap,
                                        sizeof *engine->signals);
    }
    return &engine->signals[engine->signal_count++];
}

/* Which of two openers must not depend on seqs: a replay has others. */
static unsigned which_opener(const struct account_state *account, int32_t day)
{
    return (unsigned)(people_key(account->id) + (uint64_t)day) & 1;
}

void signal_say(struct engine *engine, struct account_state *account,
                struct signal *draft, int32_t day)
{
    int rest = draft->kind == SIGNAL_going_quiet ? engine->settings.quiet_rest
                                                 : kinds[draft->kind].rest;
    struct buf opener;

    buf_init(&opener, LIMIT_SENTENCE);
    signal_opener(&opener, draft->kind, which_opener(account, day),
                  draft->category);
    draft->account = arena_strdup(&engine->arena, account->id);
    draft->person = arena_strdup(&engine->arena, draft->person);
    draft->sentence = arena_strdup(&engine->arena, draft->sentence);
    draft->numbers = arena_strdup(&engine->arena, draft->numbers);
    draft->opener = arena_strdup(&engine->arena, opener.data);
    if (!draft->cooldown)
        draft->cooldown = engine_day_start(engine, day + rest);
    buf_free(&opener);
    *add(engine) = *draft;
    if (rest)
        account->rests[draft->kind] = day + rest - 1;
}

void signal_withdraw(struct engine *engine,
                     const struct account_state *account,
                     enum signal_kind kind, uint64_t seq, int category,
                     const char *person)
{
    *add(engine) =
        (struct signal){.kind = kind,
                        .withdrawn = true,
                        .account = arena_strdup(&engine->arena, account->id),
                        .person = arena_strdup(&engine->arena, person),
                        .category = category,
                        .seq = seq};
}

const struct signal *engine_signals(const struct engine *engine, size_t *count)
{
    *count = engine->signal_count;
    return engine->signals;
}

void engine_clear(struct engine *engine)
{
    engine->signal_count = 0;
    arena_free(&engine->arena);
}
