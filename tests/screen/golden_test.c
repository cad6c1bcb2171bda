/* Golden screens: what the board shows, cell by cell, at every size that
 * matters. With TELLTALE_GOLDEN=write the files are written instead; look at
 * them before you keep them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "stage.h"
#include "tap.h"
#include "base/banned.h"

#define KEYS(...)                                                             \
    (const char *const[])                                                     \
    {                                                                         \
        __VA_ARGS__, NULL                                                     \
    }

struct golden {
    const char *name; /* and size: "live_80x24" */
    int rows, cols;
    enum bodies bodies;
    const char *const *settings;
    const char *const *extra;
    const char *const *keys;
    const char *live; /* a fixture that arrives behind the keys */
    const char *tell; /* or what the board is told */
    bool colours;     /* cells have theirs */
};

static const char *golden_path(const struct golden *golden)
{
    char name[128];

    snprintf(name, sizeof name, "tests/screen/golden/%s_%dx%d.txt",
             golden->name, golden->cols, golden->rows);
    return stage_path(name);
}

static void add_colour(const VTermColor *colour, bool is_default,
                       struct buf *out)
{
    if (is_default)
        buf_adds(out, "-");
    else if (VTERM_COLOR_IS_INDEXED(colour))
        buf_addf(out, "%d", colour->indexed.idx);
    else
        buf_addf(out, "#%02x%02x%02x", colour->rgb.red, colour->rgb.green,
                 colour->rgb.blue);
}

/* "#d0d0d0 on #1c1c1c bold" */
static void cell_look(const struct term *term, VTermPos at, struct buf *out)
{
    VTermScreenCell cell;

    vterm_screen_get_cell(term->screen, at, &cell);
    add_colour(&cell.fg, VTERM_COLOR_IS_DEFAULT_FG(&cell.fg), out);
    buf_adds(out, " on ");
    add_colour(&cell.bg, VTERM_COLOR_IS_DEFAULT_BG(&cell.bg), out);
    buf_addf(out, "%s%s%s%s", cell.attrs.bold ? " bold" : "",
             cell.attrs.underline ? " underlined" : "",
             cell.attrs.italic ? " italic" : "",
             cell.attrs.reverse ? " reverse" : "");
}

/* A line for each run of cells that look the same: row, columns, look. */
static void add_colours(const struct term *term, struct buf *out)
{
    struct buf look, next;

    buf_init(&look, 256);
    buf_init(&next, 256);
    for (int row = 0; row < term->rows; row++)
        for (int col = 0, from = 0; col < term->cols; col++) {
            bool last = col + 1 == term->cols;

            buf_clear(&look);
            cell_look(term, (VTermPos){row, col}, &look);
            buf_clear(&next);
            if (!last)
                cell_look(term, (VTermPos){row, col + 1}, &next);
            if (!last && !strcmp(look.data, next.data))
                continue;
            buf_addf(out, "%d %d-%d %s\n", row, from, col, look.data);
            from = col + 1;
        }
    buf_free(&look);
    buf_free(&next);
}

struct want {
    const char *text;
    bool colours;
};

static void screen_now_is(const struct term *term, bool colours,
                          struct buf *out)
{
    buf_init(out, MIB);
    term_text(term, out);
    if (colours)
        add_colours(term, out);
}

static bool is_golden(struct term *term, const void *ctx)
{
    const struct want *want = ctx;
    struct buf now;
    bool same;

    screen_now_is(term, want->colours, &now);
    same = !strcmp(now.data, want->text);
    buf_free(&now);
    return same;
}

static void write_golden(struct term *term, const char *path, bool colours)
{
    FILE *file = fopen(path, "w");
    struct buf now;

    if (!file) {
        note("cannot write %s", path);
        return;
    }
    for (int i = 0; i < 20; i++)
        term_pump(term, 20);
    screen_now_is(term, colours, &now);
    fputs(now.data, file);
    buf_free(&now);
    fclose(file);
}

static size_t line_length(const char *text)
{
    return strcspn(text, "\n");
}

static void note_difference(const struct term *term, const char *want,
                            bool colours)
{
    struct buf now;
    const char *have;

    screen_now_is(term, colours, &now);
    have = now.data;
    for (int row = 0; *want || *have; row++) {
        size_t wanted = line_length(want);
        size_t had = line_length(have);

        if (wanted != had || memcmp(want, have, had)) {
            note("row %d wanted |%.*s|", row, (int)wanted, want);
            note("row %d has    |%.*s|", row, (int)had, have);
        }
        want += wanted + (want[wanted] == '\n');
        have += had + (have[had] == '\n');
    }
    buf_free(&now);
}

static void compare(struct term *term, const struct golden *golden,
                    const char *sentence)
{
    struct err err;
    size_t len;
    char *want = file_slurp(golden_path(golden), MIB, &len, &err);
    bool same;

    if (!want) {
        note("%s", err.text);
        ok(false, sentence);
        return;
    }
    same = term_wait(term, is_golden, &(struct want){want, golden->colours});
    if (!same)
        note_difference(term, want, golden->colours);
    ok(same, sentence);
    free(want);
}

/* What is read from the journal comes when it comes. */
struct later {
    const char *clock;       /* what the board is told of the time, or NULL */
    const char *until;       /* what is waited for behind the keys */
    const char *const *keys; /* then, or NULL */
};

static void check(const struct golden *golden, const struct later *later)
{
    const char *mode = getenv("TELLTALE_GOLDEN");
    struct term *term = stage_start(golden->rows, golden->cols, golden->bodies,
                                    golden->settings, golden->extra);
    char sentence[128];

    stage_keys(term, golden->keys);
    if (later && later->clock)
        term_tell(term, later->clock);
    if (later && !term_shows(term, later->until))
        note("no \"%s\"", later->until);
    if (later)
        stage_keys(term, later->keys);
    if (golden->live)
        stage_body(term, golden->live);
    if (golden->tell)
        term_tell(term, golden->tell);
    snprintf(sentence, sizeof sentence, "%s is as drawn, %d columns, %d rows",
             golden->name, golden->cols, golden->rows);
    if (mode && !strcmp(mode, "write"))
        write_golden(term, golden_path(golden), golden->colours);
    compare(term, golden, sentence);
    term_free(term);
}

#define LIVE_BODY "tests/fixtures/hard_emoji_zwj.json"
static const int sizes[][2] = {{8, 40}, {24, 80}, {40, 140}, {60, 200}};
#define SIZES_COUNT (sizeof sizes / sizeof *sizes)

/* What lies over the screens, layouts, prompts and marks. A last ^L takes the
 * message away that a key left. */
static void check_popups(void)
{
    const struct golden popups[] = {
        {.name = "accounts_zoomed", .keys = KEYS("\t", "z", "j")},
        {.name = "category_zoomed", .keys = KEYS("\t", "\t", "z")},
        {.name = "layout_accounts", .keys = KEYS("W", "\f")},
        {.name = "layout_panes", .keys = KEYS("W", "W", "\f")},
        {.name = "layout_stream", .keys = KEYS("W", "W", "W", "\f")},
        {.name = "highlight",
         .settings = KEYS("highlight=category:flags"),
         .keys = KEYS("\f")},
        {.name = "ages", .keys = KEYS("r", "k")},
        {.name = "mirrors",
         .settings = KEYS("mirrors=3"),
         .keys = KEYS(":mirrors\r", "j")},
        {.name = "rejects",
         .settings = KEYS("rejects=3"),
         .keys = KEYS(":rejects\r", "j")},
        {.name = "reject",
         .settings = KEYS("rejects=3"),
         .keys = KEYS(":rejects\r", "\r")},
        {.name = "replays", .keys = KEYS("O", ":replays\r", "\f")},
        {.name = "pins",
         .keys = KEYS("m", "k", ":pin Ask Ben about it\r", "'", "\f")},
        {.name = "pinned", .keys = KEYS("k", "m", "kk", "\f")},
        {.name = "help_accounts", .keys = KEYS("A", "?")},
        {.name = "note",
         .keys = KEYS("A", "j",
                      ":note Renewal in March: ask about single "
                      "sign-on, and send the price of ten more "
                      "seats\r",
                      "\f")},
        {.name = "note_detail",
         .keys = KEYS(":note Renewal in March: ask about single sign-on, and "
                      "send the price of ten more seats\r",
                      "\r", "\f")},
        {.name = "note_edit",
         .keys = KEYS("S", ":note call on Friday\r", "M")},
        {.name = "note_signal",
         .keys = KEYS("A", "j",
                      ":note Renewal in March: ask about single "
                      "sign-on\r",
                      "S")},
        {.name = "go_to_wrong", .keys = KEYS("Tnoon")},
        {.name = "go_to_later", .keys = KEYS("T23:59")},
        {.name = "detail_tree",
         .keys = KEYS("k", "\r", "jjjjjjjjjj", "\r", "jj")},
        {.name = "detail_raw", .keys = KEYS("k", "\r", "G", "G")},
        {.name = "theme_unknown", .keys = KEYS(":theme blue\r")},
        {.name = "copy",
         .extra = KEYS("SSH_TTY=/dev/null"),
         .keys = KEYS("k", "y")},
        {.name = "tour", .keys = KEYS(":tour\r", "\f")},
        {.name = "address", .keys = KEYS(":address\r", "\f")},
        {.name = "command", .keys = KEYS(":re")},
        {.name = "found", .keys = KEYS("/flag\r", "n", "\f")},
        {.name = "save_view", .keys = KEYS("3", "VFla")},
        {.name = "error", .keys = KEYS("famount>lots")},
        {.name = "evicted",
         .settings = KEYS("ring_events=10", "no_journal=yes"),
         .keys = KEYS("g", "\f")},
        {.name = "signals_events", .keys = KEYS("S", "\r")},
        {.name = "fold", .keys = KEYS("/autocapture\r", "n", "\r", "\f")},
        {.name = "problem",
         .keys = KEYS("k", "\f"),
         .tell =
             "problem 3 posts refused since 10:47: wrong secret. :rejects"},
        {.name = "help_coverage", .keys = KEYS("C", "?")},
    };

    for (size_t i = 0; i < sizeof popups / sizeof *popups; i++)
        for (size_t j = 0; j < SIZES_COUNT; j++) {
            struct golden golden = popups[i];

            golden.rows = sizes[j][0];
            golden.cols = sizes[j][1];
            golden.bodies = BODIES_MORNING;
            check(&golden, NULL);
        }
}

/* Themes differ in nothing but colours. */
static void check_themes(void)
{
    static const char *const themes[] = {"terminal",     "night",
                                         "paper",        "high-contrast",
                                         "deuteranopia", "tritanopia",
                                         "mono"};

    for (size_t i = 0; i < sizeof themes / sizeof *themes; i++)
        for (size_t j = 0; j < SIZES_COUNT; j++) {
            char name[40], setting[40];
            struct golden golden = {.name = name,
                                    .rows = sizes[j][0],
                                    .cols = sizes[j][1],
                                    .bodies = BODIES_MORNING,
                                    .settings = KEYS(setting),
                                    .extra = KEYS("COLORTERM=truecolor"),
                                    .keys = KEYS("k", "\f"),
                                    .colours = true};

            snprintf(name, sizeof name, "theme_%s", themes[i]);
            snprintf(setting, sizeof setting, "theme=%s", themes[i]);
            check(&golden, NULL);
        }
}

/* The journal beyond a ring of ten. */
static void check_past(void)
{
    const struct {
        const char *name;
        const char *const *keys;
        struct later later;
    } pasts[] = {
        {"past", KEYS("g"), {NULL, ">08:06", KEYS("\f")}},
        {"past_filter",
         KEYS("g"),
         {NULL, ">08:06",
          KEYS("f", "p", "e", "r", "s", "o", "n", ":", "o", "m", "a", "r",
               "\r")}},
        {"past_found",
         KEYS("/", "c", "o", "h", "o", "r", "t", "\r"),
         {NULL, "1 of 1 in the journal.", KEYS("\f")}},
        {"go_to", KEYS("T", "9", ":", "3", "0"), {NULL, "go to: 9:30", NULL}},
        {"past_time",
         KEYS("T", "9", ":", "3", "0", "\r"),
         {NULL, ">09:31", KEYS("\f")}},
        {"past_playing",
         KEYS("T", "9", ":", "3", "0", "\r"),
         {NULL, ">09:31", KEYS(" ", "\f")}},
    };

    for (size_t i = 0; i < sizeof pasts / sizeof *pasts; i++)
        for (size_t j = 0; j < SIZES_COUNT; j++) {
            struct golden golden = {.name = pasts[i].name,
                                    .rows = sizes[j][0],
                                    .cols = sizes[j][1],
                                    .bodies = BODIES_MORNING,
                                    .settings = KEYS("ring_events=10"),
                                    .keys = pasts[i].keys};

            check(&golden, &pasts[i].later);
        }
}

/* The screens, and Live in its states; each also at the size it was first
 * drawn at. */
static void check_screens(void)
{
    const struct {
        const char *name;
        enum bodies bodies;
        const char *const *keys;
        const char *live;
        int rows, cols;
    } screens[] = {
        {"live", BODIES_MORNING, NULL, NULL, 40, 120},
        {"empty", BODIES_NONE, NULL, NULL, 40, 120},
        {"detail", BODIES_MORNING, KEYS("k", "\r"), NULL, 40, 120},
        {"help", BODIES_MORNING, KEYS("?"), NULL, 40, 120},
        {"filter", BODIES_MORNING,
         KEYS("f", "p", "e", "r", "s", "o", "n", ":", "o", "m"), NULL, 40,
         120},
        {"views", BODIES_MORNING,
         KEYS("3", "V", "F", "l", "a", "g", "s", "\r", "v", "j"), NULL, 40,
         120},
        {"frozen", BODIES_MORNING, KEYS(" ", "z", "z"), LIVE_BODY, 40, 120},
        {"hostile", BODIES_HOSTILE, NULL, NULL, 40, 120},
        {"category", BODIES_MORNING, KEYS("1", "3"), NULL, 40, 120},
        {"accounts_table", BODIES_MORNING, KEYS("A", "j"), NULL, 24, 100},
        {"people", BODIES_MORNING, KEYS("P", "j"), NULL, 24, 100},
        {"coverage", BODIES_MORNING, KEYS("C", "j", "l", "l"), NULL, 24, 100},
        {"signals", BODIES_MORNING, KEYS("S"), NULL, 24, 100},
        {"share", BODIES_MORNING, KEYS("X", "k"), NULL, 24, 100},
        {"share_detail", BODIES_MORNING, KEYS("X", "k", "\r"), NULL, 24, 100},
    };

    for (size_t i = 0; i < sizeof screens / sizeof *screens; i++)
        for (size_t j = 0; j <= SIZES_COUNT; j++) {
            struct golden golden = {.name = screens[i].name,
                                    .rows = screens[i].rows,
                                    .cols = screens[i].cols,
                                    .bodies = screens[i].bodies,
                                    .keys = screens[i].keys,
                                    .live = screens[i].live};

            if (j < SIZES_COUNT) {
                golden.rows = sizes[j][0];
                golden.cols = sizes[j][1];
            }
            check(&golden, NULL);
        }
}

/* Where there is nothing yet, or little room: what is said is said whole. */
static void check_little(void)
{
    const struct golden little[] = {
        {.name = "empty", .rows = 15, .cols = 60},
        {.name = "empty", .rows = 15, .cols = 100},
        {.name = "accounts_none", .rows = 24, .cols = 80, .keys = KEYS("A")},
        {.name = "coverage_none", .rows = 24, .cols = 80, .keys = KEYS("C")},
        {.name = "signals_none", .rows = 15, .cols = 60, .keys = KEYS("S")},
        {.name = "rejects_none",
         .rows = 15,
         .cols = 60,
         .settings = KEYS("rejects=0"),
         .keys = KEYS(":rejects\r", "\f")},
        {.name = "help", .rows = 15, .cols = 60, .keys = KEYS("?")},
        {.name = "help_fields",
         .rows = 24,
         .cols = 80,
         .keys = KEYS("?", "\033[6~", "\033[6~")},
        {.name = "help_marks",
         .rows = 24,
         .cols = 80,
         .keys = KEYS("?", "\033[6~", "\033[6~", "\033[6~")},
        {.name = "tour",
         .rows = 15,
         .cols = 60,
         .keys = KEYS(":tour\r", "\f")},
        {.name = "address",
         .rows = 15,
         .cols = 60,
         .keys = KEYS(":address\r", "\f")},
    };

    for (size_t i = 0; i < sizeof little / sizeof *little; i++)
        check(&little[i], NULL);
}

/* Letters that are not there, and sizes that hardly anybody has. */
static void check_others(void)
{
    const struct golden others[] = {
        {.name = "accounts_ascii",
         .rows = 24,
         .cols = 100,
         .settings = KEYS("glyphs=ascii"),
         .keys = KEYS("A")},
        {.name = "people_ascii",
         .rows = 24,
         .cols = 80,
         .settings = KEYS("glyphs=ascii"),
         .keys = KEYS("P")},
        {.name = "people_busy",
         .rows = 24,
         .cols = 80,
         .keys = KEYS("P"),
         .tell = "feed 9000"},
        {.name = "coverage_ascii",
         .rows = 24,
         .cols = 100,
         .settings = KEYS("glyphs=ascii"),
         .keys = KEYS("C")},
        {.name = "coverage", .rows = 24, .cols = 70, .keys = KEYS("C")},
        {.name = "live_ascii",
         .rows = 24,
         .cols = 80,
         .settings = KEYS("glyphs=ascii")},
        {.name = "live_c_locale",
         .rows = 24,
         .cols = 80,
         .extra = KEYS("LC_ALL=C")},
        {.name = "live", .rows = 24, .cols = 60},
        {.name = "live", .rows = 100, .cols = 300},
        {.name = "live", .rows = 8, .cols = 23},
        {.name = "live", .rows = 8, .cols = 16},
        {.name = "accounts", .rows = 8, .cols = 40, .keys = KEYS("\t")},
        {.name = "accounts_table", .rows = 8, .cols = 16, .keys = KEYS("A")},
    };

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct golden golden = others[i];

        golden.bodies = BODIES_MORNING;
        check(&golden, NULL);
    }
}

/* Eleven minutes later who works is quiet, then one of them is left, and after
 * half an hour all are gone. */
static void check_working(void)
{
    static const struct {
        const char *name;
        struct later later;
    } times[] = {
        {"working_quiet", {"clock 2026-09-14T10:59:45.000Z", "11 min", NULL}},
        {"working_one", {"clock 2026-09-14T11:17:50.000Z", "29 min", NULL}},
        {"working_gone", {"clock 2026-09-14T11:19:00.000Z", "30 min", NULL}},
    };

    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        for (size_t j = 0; j < SIZES_COUNT; j++) {
            struct golden golden = {.name = times[i].name,
                                    .rows = sizes[j][0],
                                    .cols = sizes[j][1],
                                    .bodies = BODIES_MORNING};

            check(&golden, &times[i].later);
        }
}

/* The events of an account say their day once that is over. */
static void check_next_day(void)
{
    struct golden golden = {.name = "accounts_next_day",
                            .rows = 24,
                            .cols = 100,
                            .bodies = BODIES_MORNING,
                            .keys = KEYS("A", "j")};
    struct later later = {"clock 2026-09-15T08:00:00.000Z", " Mon 14 Sep ",
                          NULL};

    check(&golden, &later);
}

int main(void)
{
    check_screens();
    check_little();
    check_others();
    check_popups();
    check_themes();
    check_past();
    check_working();
    check_next_day();
    return done();
}
