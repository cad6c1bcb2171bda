/* A body of POST /act from anybody: what is taken of it can be done, and its
 * text is harmless. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "serve/act_words.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

#define NOW INT64_C(1789373163942)

static void is_clean(const char *text, size_t max)
{
    struct buf again;

    if (!text)
        return;
    REQUIRE(strlen(text) <= max);
    buf_init(&again, 4 * max + 16);
    REQUIRE(text_sanitise(&again, text, strlen(text), 4 * max + 16));
    REQUIRE(again.len == strlen(text) && !memcmp(again.data, text, again.len));
    buf_free(&again);
}

static void check_signal(const struct act_words *words)
{
    const struct signal_change *change = &words->change;

    REQUIRE(change->id >= 0 && change->at == words->when.at);
    REQUIRE(change->id || words->about.kind < SIGNAL_COUNT);
    is_clean(change->note, LIMIT_TEXT);
    if (!change->noted && change->state == STATE_SNOOZED)
        REQUIRE(change->until > NOW);
    REQUIRE(!change->note || *change->note);
}

static void check(const struct act_words *words)
{
    REQUIRE(words->when.at <= NOW && words->when.at >= NOW - LIMIT_AGO_MS);
    REQUIRE(words->when.late || words->when.at == NOW);
    switch (words->verb) {
    case ACT_SIGNAL:
        check_signal(words);
        break;
    case ACT_EXPORT:
        REQUIRE(words->export_id >= 1 && words->form);
        is_clean(words->query, LIMIT_TEXT);
        break;
    case ACT_READ:
        REQUIRE(words->account && *words->account);
        is_clean(words->account, LIMIT_TEXT);
        break;
    case ACT_NOTE:
        REQUIRE(words->account && *words->account);
        is_clean(words->account, LIMIT_TEXT);
        is_clean(words->note, LIMIT_NOTE);
        break;
    case ACT_LOOK:
        is_clean(words->account, LIMIT_TEXT);
        break;
    case ACT_PIN:
    case ACT_UNPIN:
        REQUIRE(words->place.seq >= 1);
        is_clean(words->note, LIMIT_NOTE);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* An exact copy: a read past the end is seen. */
    char *copy = malloc(size ? size : 1);
    struct arena arena = ARENA_INIT;
    struct act_words words;
    const char *why;

    REQUIRE(copy);
    if (size)
        memcpy(copy, data, size);
    why = act_words_read(copy, size, NOW, &arena, &words);
    if (why)
        REQUIRE(*why);
    else
        check(&words);
    arena_free(&arena);
    free(copy);
    return 0;
}
