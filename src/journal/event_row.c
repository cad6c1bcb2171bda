/* Rows into events, the other way round than store.c. It asks for nothing:
 * reader.c and timeline.c do. */
#include "journal/event_row.h"

#include <string.h>

#include "base/banned.h"

/* A row, read from left to right. */
struct row {
    sqlite3_stmt *statement;
    struct arena *arena;
    int at;
};

static int64_t take_number(struct row *row)
{
    return sqlite3_column_int64(row->statement, row->at++);
}

static const char *take_text(struct row *row)
{
    const char *text =
        (const char *)sqlite3_column_text(row->statement, row->at);
    int len = sqlite3_column_bytes(row->statement, row->at++);

    return text ? arena_strndup(row->arena, text, (size_t)len) : NULL;
}

static bool take_uuid(struct row *row, struct uuid *uuid)
{
    const void *bytes = sqlite3_column_blob(row->statement, row->at);
    int len = sqlite3_column_bytes(row->statement, row->at++);

    if (!bytes || len != sizeof uuid->bytes)
        return false;
    memcpy(uuid->bytes, bytes, sizeof uuid->bytes);
    return true;
}

/* A number from the file as an enum: what lies outside is its zero. */
static unsigned take_enum(struct row *row, unsigned count)
{
    int64_t value = take_number(row);

    return value >= 0 && value < (int64_t)count ? (unsigned)value : 0;
}

static void take_body(struct row *row, struct event *event)
{
    size_t at = (size_t)take_number(row), len = (size_t)take_number(row);

    event->raw_len = (size_t)sqlite3_column_bytes(row->statement, row->at);
    event->raw = take_text(row);
    if (event->raw && at <= event->raw_len && len <= event->raw_len - at) {
        event->props_at = at;
        event->props_len = len;
    }
}

static void fill(struct row *row, const struct uuid *journal_id,
                 struct event *event)
{
    *event = (struct event){.seq = (uint64_t)take_number(row)};
    event->received_at = take_number(row);
    event->has_uuid = take_uuid(row, &event->uuid);
    event->key = take_text(row);
    event->has_origin = take_uuid(row, &event->origin_id);
    event->origin_seq = (uint64_t)take_number(row);
    if (!event->has_origin) {
        event->origin_id = *journal_id;
        event->origin_seq = event->seq;
    }
    event->occurred_at = take_number(row);
    event->name = take_text(row);
    if (!event->name)
        event->name = "";
    event->category = (enum category)take_enum(row, CATEGORY_COUNT);
    event->tone = (enum tone)take_enum(row, TONE_COUNT);
    event->hidden = (enum hidden)take_enum(row, HIDDEN_COUNT);
    event->source = (enum source)take_enum(row, SOURCE_COUNT);
    event->flags = (unsigned)take_number(row);
    event->account.id = take_text(row);
    event->account.name = take_text(row);
    event->account.listed = take_number(row) != 0;
    event->person.id = take_text(row);
    event->person.email = take_text(row);
    event->person.name = take_text(row);
    event->links.person = take_text(row);
    event->fold = take_text(row);
    event->project_url = take_text(row);
    event->sentence = take_text(row);
    event->url = take_text(row);
    event->session_id = take_text(row);
    event->links.replay = take_text(row);
    event->links.event = take_text(row);
    take_body(row, event);
}

void event_row_read(sqlite3_stmt *statement, const struct uuid *journal_id,
                    struct arena *arena, struct event *event)
{
    struct row row = {.statement = statement, .arena = arena};

    fill(&row, journal_id, event);
}

void event_rows_add(struct event_batch *batch, const struct event *rows,
                    size_t count)
{
    struct event *all;

    if (!count)
        return;
    all = arena_alloc(&batch->arena,
                      (batch->count + count) * sizeof *batch->events);
    if (batch->count)
        memcpy(all, batch->events, batch->count * sizeof *all);
    memcpy(all + batch->count, rows, count * sizeof *all);
    for (size_t i = 0; i < count; i++)
        batch->bytes += rows[i].raw_len;
    batch->events = all;
    batch->count += count;
}
