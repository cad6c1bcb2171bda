/* Looks up what an act came to and writes it as JSON, each kind of subject by
 * a function. */
#include "signal/act_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/mem.h"
#include "journal/notes.h"
#include "journal/pins.h"
#include "signal/table.h"

#include "base/banned.h"

struct saying {
    struct buf *out;
    struct sqlite3 *db;
    const struct uuid *ours;
    int64_t now;
    struct act_text *text;
    struct err *err;
};

void act_text_word(struct buf *out, const char *name, const char *value)
{
    cJSON *word = cJSON_CreateString(value);
    char *quoted = cJSON_PrintUnformatted(word);

    buf_addf(out, ",\"%s\":", name);
    buf_adds(out, quoted);
    cJSON_free(quoted);
    cJSON_Delete(word);
}

static bool take_signal(void *ctx, const struct signal_row *row)
{
    struct saying *saying = ctx;

    saying->text->there = true;
    saying->text->until = row->state == STATE_SNOOZED ? row->until : 0;
    saying->text->note = row->note ? xstrdup(row->note) : NULL;
    buf_adds(saying->out, ",\"signal\":");
    signal_to_json(saying->out, row);
    return false;
}

static bool say_signal(struct saying *saying, const char *id)
{
    struct signal_filter filter = {.all = true,
                                   .id = strtoll(id, NULL, 10),
                                   .now = saying->now};

    return !filter.id ||
           table_each(saying->db, &filter, take_signal, saying, saying->err);
}

/* "JOURNAL SEQ" */
static bool say_pin(struct saying *saying, const char *origin)
{
    struct act_text *text = saying->text;
    struct pin_place place;

    if (strlen(origin) <= UUID_TEXT_SIZE ||
        !uuid_parse(origin, UUID_TEXT_SIZE - 1, &place.journal))
        return true;
    place.seq = strtoull(origin + UUID_TEXT_SIZE, NULL, 10);
    if (!pins_note(saying->db, &place, saying->ours, &text->pinned,
                   &text->note, saying->err))
        return false;
    text->there = true;
    buf_addf(saying->out, ",\"origin\":{\"id\":\"%.36s\",\"seq\":%" PRIu64 "}",
             origin, place.seq);
    if (text->note)
        act_text_word(saying->out, "note", text->note);
    return true;
}

/* As it is now: "" when it was taken away. */
static bool say_note(struct saying *saying, const char *account)
{
    struct act_text *text = saying->text;

    if (!notes_find(saying->db, account, &text->note, saying->err))
        return false;
    text->there = true;
    act_text_word(saying->out, "account", account);
    act_text_word(saying->out, "note", text->note ? text->note : "");
    return true;
}

static bool say_read(struct saying *saying, const char *account)
{
    saying->text->there = true;
    act_text_word(saying->out, "account", account);
    return true;
}

static const struct {
    const char *word;
    bool (*say)(struct saying *saying, const char *rest);
} subjects[] = {{"state ", say_signal},
                {"note ", say_signal},
                {"pin ", say_pin},
                {"about ", say_note},
                {"read ", say_read}};

bool act_text_add(struct buf *out, struct sqlite3 *db, const struct uuid *ours,
                  const char *subject, int64_t now, struct act_text *text,
                  struct err *err)
{
    struct saying saying = {out, db, ours, now, text, err};

    *text = (struct act_text){.there = false};
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
        size_t len = strlen(subjects[i].word);

        if (!strncmp(subject, subjects[i].word, len))
            return subjects[i].say(&saying, subject + len);
    }
    return true;
}

bool act_text_line(struct buf *out, struct sqlite3 *db,
                   const struct uuid *ours, const struct act_row *row,
                   int64_t now, bool *there, struct err *err)
{
    char at[CLOCK_ISO_SIZE];
    struct act_text text = {.there = false};

    *there = false;
    clock_format_iso(row->at, at);
    buf_addf(out,
             ",\"act\":%" PRId64 ",\"do\":\"%s\",\"by\":\"%s\","
             "\"at\":\"%s\"",
             row->id, row->verb, row->who, at);
    if (!act_text_add(out, db, ours, row->subject, now, &text, err))
        return false;
    *there = text.there;
    free(text.note);
    return true;
}
