/* Bodies through the whole decoder: whatever comes out is safe to show, to
 * open and to send on, and reads back as the same. */
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "event/decode.h"
#include "event/url.h"
#include "event/slice.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

#define MANY ((size_t)1 << 26)

static struct decoder decoder;

static void set_up(void)
{
    static const char *const domains[] = {"hedgehog-staff.example", NULL};
    static const struct hide_rules hide = {domains, domains, true};
    static const char book[] =
        "organization_id,organization_name,domains\n"
        "becccfc8-9252-4f2f-983e-4eeaaac45350,Borealis,borealis.example\n";
    struct err err;

    if (decoder.catalog)
        return;
    decoder.catalog = catalog_new();
    decoder.redaction = redaction_new_prompts(" secret* ");
    decoder.hide = &hide;
    decoder.book = book_read("book", book, sizeof book - 1, NULL, &err);
    REQUIRE(decoder.book);
}

static void is_clean(const char *text)
{
    if (!text)
        return;
    REQUIRE(utf8_valid(text, strlen(text), NULL));
    for (; *text; text++)
        REQUIRE((unsigned char)*text >= 0x20 && *text != 0x7f);
}

static void is_link(const char *url)
{
    REQUIRE(!url || url_clean(url));
}

static void is_dropped(struct slice json)
{
    struct slice value;

    if (slice_path(json, "properties.prompt", &value))
        REQUIRE(slice_kind(value) == 'n');
}

static void comes_back(struct event *event)
{
    struct arena arena = ARENA_INIT;
    struct event back;
    struct buf first, second;

    buf_init(&first, MANY);
    buf_init(&second, MANY);
    REQUIRE(event_to_json(&first, event, NULL));
    is_dropped((struct slice){first.data, first.len});
    REQUIRE(event_from_json(first.data, first.len, &arena, &back));
    REQUIRE(event_to_json(&second, &back, NULL));
    REQUIRE(strcmp(first.data, second.data) == 0);
    buf_clear(&first);
    REQUIRE(event_to_line(&first, event, false));
    is_clean(first.data);
    buf_free(&first);
    buf_free(&second);
    arena_free(&arena);
}

static void is_whole(struct event *event)
{
    REQUIRE(event->name && event->sentence && *event->sentence);
    REQUIRE(strlen(event->raw) == event->raw_len);
    REQUIRE(event->props_at + event->props_len <= event->raw_len);
    REQUIRE(slice_check(event->raw, event->raw_len, NULL));
    is_clean(event->name);
    is_clean(event->sentence);
    is_clean(event->account.id);
    is_clean(event->account.name);
    is_clean(event->person.id);
    is_clean(event->person.email);
    is_clean(event->person.name);
    is_clean(event->url);
    is_clean(event->key);
    is_link(event->links.replay);
    is_link(event->links.person);
    is_link(event->links.event);
    comes_back(event);
}

/* The first byte says how the body is announced when it is 1 or 2. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arrival arrival = {.received_at = 1789373165000,
                              .webhook_id = "msg"};
    struct event_batch *batch = event_batch_new();
    const char *body = (const char *)data;
    struct decoded decoded;
    struct err err;

    set_up();
    if (size && (*data == 1 || *data == 2)) {
        arrival.content_type =
            *data == 1 ? "application/x-www-form-urlencoded" : "text/plain";
        body++;
        size--;
    }
    if (decode_body(&decoder, &arrival, body, size, batch, &decoded, &err)) {
        REQUIRE(batch->count == decoded.events);
        for (size_t i = 0; i < batch->count && i < 50; i++)
            is_whole(&batch->events[i]);
    } else {
        REQUIRE(batch->count == 0 && *err.text);
    }
    event_batch_free(batch);
    return 0;
}
