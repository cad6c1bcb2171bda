/* A feed from anybody: cut into pieces as the first byte says, whatever it
 * holds; what comes out is harmless, and the same however it was cut. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "source/feed_word.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

struct seen {
    struct decoder decoder;
    struct arena arena;
    size_t lines, words, events;
};

static void is_clean(const char *text)
{
    struct buf again;

    if (!text)
        return;
    buf_init(&again, 4 * strlen(text) + 16);
    REQUIRE(text_sanitise(&again, text, strlen(text), 4 * strlen(text) + 16));
    REQUIRE(again.len == strlen(text) && !memcmp(again.data, text, again.len));
    buf_free(&again);
}

static bool take(void *ctx, const char *text, size_t len)
{
    struct seen *seen = ctx;
    struct feed_word word;
    struct feed_answer answer;
    struct err err;

    seen->lines++;
    feed_word_answer(&seen->decoder, text, len, &seen->arena, &answer);
    is_clean(answer.error);
    REQUIRE(!answer.stands || answer.stands->kind == FEED_WORD_ACT);
    if (!feed_word_read(&seen->decoder, text, len, &seen->arena, &word, &err))
        return true;
    seen->words++;
    is_clean(word.why);
    is_clean(word.viewer);
    is_clean(word.account);
    is_clean(word.zone);
    is_clean(word.note);
    is_clean(word.by);
    REQUIRE(!word.is_pin || word.place.seq);
    if (word.kind != FEED_WORD_EVENT)
        return true;
    seen->events++;
    REQUIRE(word.seq && word.event.seq == 0);
    REQUIRE(word.event.source == SOURCE_FEED);
    is_clean(word.event.name);
    is_clean(word.event.sentence);
    is_clean(word.event.person.name);
    is_clean(word.event.account.name);
    REQUIRE(word.event.props_at + word.event.props_len <= word.event.raw_len);
    return true;
}

static struct seen read_all(const uint8_t *data, size_t size, size_t piece)
{
    static const struct link_policy links;
    struct seen seen = {.decoder = {.links = &links}};
    struct feed_lines lines;

    feed_lines_init(&lines);
    for (size_t at = 0; at < size; at += piece)
        REQUIRE(feed_lines_take(&lines, (const char *)data + at,
                                size - at < piece ? size - at : piece, take,
                                &seen));
    feed_lines_free(&lines);
    arena_free(&seen.arena);
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen whole, parts;

    if (!size)
        return 0;
    whole = read_all(data + 1, size - 1, size);
    parts = read_all(data + 1, size - 1, (size_t)data[0] + 1);
    REQUIRE(whole.lines == parts.lines && whole.words == parts.words &&
            whole.events == parts.events);
    return 0;
}
