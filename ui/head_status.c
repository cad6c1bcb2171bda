/* The status row: parts in order of how soon they are left out, and what is
 * to be done next. */
#include "ui/head.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "ui/pane/account_note.h"
#include "ui/pane/mask.h"
#include "ui/pane/stream.h"
#include "ui/pane/time_text.h"
#include "ui/screen_internal.h"
#include "base/banned.h"

#define NOTE_CELLS 100
#define WHOLE 100 /* cells of a window in which parts are said whole */

/* Parts that can be left out, in the order they stand. */
enum part_id {
    PART_ADDRESS,
    PART_LAST,
    PART_RATE,
    PART_FILTER,
    PART_FOLLOW,
    PART_SHARE,
    PART_MIRROR,
    PART_HIDDEN,
    PART_COUNT
};

struct part {
    char text[512];
    enum role role;
};

static void address_part(const struct screen *screen, struct part *part,
                         bool whole)
{
    const struct display_status *status = screen_status(screen);
    const char *address =
        status->attached ? status->attached : status->listening;
    const char *port = address ? strrchr(address, ':') : NULL;

    if (address)
        snprintf(part->text, sizeof part->text, "%s",
                 whole || !port ? address : port);
}

static void last_part(const struct screen *screen, struct part *part,
                      bool whole, bool narrow)
{
    int64_t last = tally_last_at(screen->host->tally);
    char text[AGE_SIZE];
    int64_t age;

    if (last == CLOCK_NONE) {
        snprintf(part->text, sizeof part->text, "no event yet");
        return;
    }
    age = screen_now(screen) - last;
    age_text(age, text);
    if (narrow || !strcmp(text, "now"))
        snprintf(part->text, sizeof part->text, "%s", text);
    else
        snprintf(part->text, sizeof part->text, "%s%s ago",
                 whole ? "last event " : "", text);
}

static void rate_part(const struct screen *screen, struct part *part)
{
    unsigned rate = tally_rate_x10(screen->host->tally, screen_now(screen));
    char number[NUMBER_SIZE];

    if (tally_last_at(screen->host->tally) == CLOCK_NONE)
        return;
    /* Rounded up: what happens is never "0/min". */
    number_text((rate + 9) / 10, number);
    snprintf(part->text, sizeof part->text, "%s/min", number);
}

static void filter_part(const struct screen *screen, struct part *part)
{
    const char *filter = screen_filter_text(screen);
    struct buf cut, shown;

    if (!*filter) {
        snprintf(part->text, sizeof part->text, "no filter");
        return;
    }
    buf_init(&cut, 512);
    buf_init(&shown, LIMIT_PASTE * 2);
    mask_add_query(&shown, filter);
    text_cut(&cut, shown.data, 32, "…");
    buf_free(&shown);
    snprintf(part->text, sizeof part->text, "filter: %s", cut.data);
    part->role = ROLE_MODE;
    buf_free(&cut);
}

/* On another screen than Live, what its keys do stands in its place. */
static bool advice_part(const struct screen *screen, struct part *part)
{
    const struct pane *table = screen_table(screen);
    struct buf text;

    if (!table || !table->ops->advice)
        return false;
    buf_init(&text, sizeof part->text);
    table->ops->advice(table, &text);
    snprintf(part->text, sizeof part->text, "%s", text.data);
    buf_free(&text);
    return true;
}

/* The note on the account at the cursor, where nothing else says it. */
static bool note_part(const struct screen *screen, struct part *part)
{
    const struct pane *facts = screen_facts(screen);
    bool is_told = facts && pane_shows(facts) && screen->tab != TAB_coverage;
    const char *note;
    struct buf cut;

    if (screen->over_count || is_told ||
        (screen->tab == TAB_live && screen->focus != PANE_ACCOUNTS))
        return false;
    note = account_note_shown(screen, screen_selected_account(screen));
    if (!note)
        return false;
    buf_init(&cut, sizeof part->text - 1);
    text_cut(&cut, note, NOTE_CELLS, "…");
    snprintf(part->text, sizeof part->text, "note: %s", cut.data);
    buf_free(&cut);
    return true;
}

static void past_text(const struct screen *screen, const char *fresh,
                      struct part *part)
{
    struct buf text;

    buf_init(&text, 64);
    stream_past_state(screen->panes[PANE_STREAM], &text);
    snprintf(part->text, sizeof part->text, "%s%s", text.data, fresh);
    part->role = ROLE_MODE;
    buf_free(&text);
}

static void follow_part(const struct screen *screen, struct part *part)
{
    size_t missed = stream_missed(screen->panes[PANE_STREAM]);
    bool following = stream_following(screen->panes[PANE_STREAM]);
    char number[NUMBER_SIZE], fresh[NUMBER_SIZE + 8] = "";

    number_text(missed, number);
    if (missed)
        snprintf(fresh, sizeof fresh, " +%s new", number);
    if (stream_is_past(screen->panes[PANE_STREAM])) {
        past_text(screen, fresh, part);
    } else if (screen->frozen) {
        snprintf(part->text, sizeof part->text, "FROZEN%s", fresh);
        part->role = ROLE_MODE;
    } else {
        snprintf(part->text, sizeof part->text, "%s%s",
                 following ? "following" : "not following", fresh);
    }
}

static void share_part(struct part *part, bool narrow)
{
    if (!mask_on())
        return;
    snprintf(part->text, sizeof part->text, "%s",
             narrow ? "SHARE" : "SCREEN SHARE");
    part->role = ROLE_MODE;
}

static void mirror_part(const struct screen *screen, struct part *part)
{
    const struct display_status *status = screen_status(screen);
    struct buf text;

    buf_init(&text, sizeof part->text);
    mask_add(&text, status->mirror ? status->mirror : "no mirror");
    snprintf(part->text, sizeof part->text, "%s", text.len ? text.data : "");
    buf_free(&text);
    if (status->mirror_trouble)
        part->role = ROLE_WARN;
}

static void add_number(struct buf *out, uint64_t number, const char *what)
{
    if (number)
        buf_addf(out, "%s%llu %s", out->len ? ", " : "",
                 (unsigned long long)number, what);
}

/* What came and is not in the stream. */
static void hidden_part(const struct screen *screen, struct part *part)
{
    const struct display_status *status = screen_status(screen);
    struct buf text;

    buf_init(&text, sizeof part->text - 1);
    add_number(&text, ring_hidden(screen->host->ring),
               screen->show_hidden ? "hidden shown" : "hidden");
    add_number(&text, status->rejects, "refused");
    add_number(&text, status->forgotten, "forgotten");
    snprintf(part->text, sizeof part->text, "%s", text.len ? text.data : "");
    buf_free(&text);
}

/* Cells of the parts and the separators between them. */
static int parts_width(const struct part *parts, int separator)
{
    int width = 1 - separator;

    for (int i = 0; i < PART_COUNT; i++)
        if (parts[i].text[0])
            width += text_width(parts[i].text) + separator;
    return width;
}

static void fill_parts(const struct screen *screen, struct part *parts,
                       bool whole, bool narrow)
{
    memset(parts, 0, PART_COUNT * sizeof *parts);
    for (int i = 0; i < PART_COUNT; i++)
        parts[i].role = ROLE_STATUS;
    address_part(screen, &parts[PART_ADDRESS], whole);
    last_part(screen, &parts[PART_LAST], whole, narrow);
    rate_part(screen, &parts[PART_RATE]);
    if (!narrow || *screen_filter_text(screen))
        filter_part(screen, &parts[PART_FILTER]);
    if (!note_part(screen, &parts[PART_FOLLOW]) &&
        !advice_part(screen, &parts[PART_FOLLOW]))
        follow_part(screen, &parts[PART_FOLLOW]);
    share_part(&parts[PART_SHARE], narrow);
    if (!narrow || screen_status(screen)->mirror_trouble)
        mirror_part(screen, &parts[PART_MIRROR]);
    if (!narrow)
        hidden_part(screen, &parts[PART_HIDDEN]);
}

static void drop_parts(const struct screen *screen, struct part *parts,
                       int separator, int room)
{
    static const enum part_id order[] = {PART_HIDDEN, PART_MIRROR,
                                         PART_ADDRESS, PART_RATE};

    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (parts_width(parts, separator) <= room)
            return;
        if (order[i] == PART_MIRROR && screen_status(screen)->mirror_trouble)
            continue;
        parts[order[i]].text[0] = '\0';
    }
}

static void draw_parts(const struct screen *screen, const struct part *parts,
                       int y, int room, bool narrow)
{
    int x = 1;
    bool first = true;

    for (int i = 0; i < PART_COUNT; i++) {
        if (!parts[i].text[0])
            continue;
        if (!first) {
            if (!narrow)
                draw_mark(screen->draw, y, x + 1, ROLE_BORDER, MARK_VERTICAL);
            x += narrow ? 2 : 3;
        }
        x += draw_cut(screen->draw, y, x, room - x, parts[i].role,
                      parts[i].text);
        first = false;
    }
}

/* That the screen is shared is more than the hint's end. */
static void fit_hint(struct part *parts, int room, const char *hint)
{
    int over = parts_width(parts, 3) - room;
    struct buf cut;

    if (over <= 0 || !parts[PART_SHARE].text[0])
        return;
    buf_init(&cut, sizeof parts->text - 1);
    if (text_width(hint) > over)
        text_cut(&cut, hint, text_width(hint) - over, "…");
    snprintf(parts[PART_FOLLOW].text, sizeof parts->text, "%s",
             cut.len ? cut.data : "");
    buf_free(&cut);
}

/* Address and age, the filter of the list it is about, then what the pane on
 * top has to say. */
static void hint_parts(const struct screen *screen, struct part *parts,
                       bool whole, const char *hint)
{
    fill_parts(screen, parts, whole, screen->layout.cols < HEAD_SHORT);
    for (int i = PART_RATE; i < PART_COUNT; i++)
        if (i != PART_SHARE && (i != PART_FILTER || screen->over_count ||
                                !*screen_filter_text(screen)))
            parts[i].text[0] = '\0';
    snprintf(parts[PART_FOLLOW].text, sizeof parts[PART_FOLLOW].text, "%s",
             hint);
    parts[PART_FOLLOW].role = ROLE_STATUS;
}

static void draw_hint(const struct screen *screen, int y, int room,
                      const char *hint)
{
    struct part parts[PART_COUNT];

    hint_parts(screen, parts, screen->layout.cols >= WHOLE, hint);
    if (parts_width(parts, 3) > room)
        hint_parts(screen, parts, false, hint);
    if (parts_width(parts, 3) > room)
        parts[PART_ADDRESS].text[0] = parts[PART_LAST].text[0] = '\0';
    fit_hint(parts, room, hint);
    draw_parts(screen, parts, y, room, false);
}

static void draw_state(const struct screen *screen, int y, int room)
{
    struct part parts[PART_COUNT];
    bool narrow = screen->layout.cols < HEAD_SHORT;
    int separator = narrow ? 2 : 3;

    fill_parts(screen, parts, screen->layout.cols >= WHOLE, narrow);
    if (parts_width(parts, separator) > room)
        fill_parts(screen, parts, false, narrow);
    drop_parts(screen, parts, separator, room);
    draw_parts(screen, parts, y, room, narrow);
}

void head_status(const struct screen *screen)
{
    struct draw *draw = screen->draw;
    const struct pane *top = screen_top(screen);
    int y = screen->layout.rows - 1;
    int cols = screen->layout.cols;
    const char *keys = cols >= WHOLE ? ": command   ? help " : " ? help ";
    int room = cols - (int)strlen(keys) - 1;
    struct buf hint;

    draw_under(draw, ROLE_STATUS);
    draw_blank(draw, (struct rect){y, 0, 1, cols}, ROLE_STATUS);
    if (screen->message_until) {
        draw_cut(draw, y, 1, cols - 2, ROLE_TITLE, screen->message);
        draw_under(draw, ROLE_TEXT);
        return;
    }
    draw_right(draw, y, cols / 2, cols - cols / 2, ROLE_KEY, keys);
    buf_init(&hint, 512);
    if (top->ops->hint)
        top->ops->hint(top, &hint);
    if (hint.len)
        draw_hint(screen, y, room, hint.data);
    else
        draw_state(screen, y, room);
    draw_under(draw, ROLE_TEXT);
    buf_free(&hint);
}
