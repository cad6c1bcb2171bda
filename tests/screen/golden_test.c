/* Golden screens: what the board shows, cell by cell, at every size that
 * matters. With TELLTALE_GOLDEN=write the files are written instead; look at
 * them before you keep them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
};

static const char *golden_path(const struct golden *golden)
{
    char name[128];

    snprintf(name, sizeof name, "tests/screen/golden/%s_%dx%d.txt",
             golden->name, golden->cols, golden->rows);
    return stage_path(name);
}

static bool is_golden(struct term *term, const void *text)
{
    struct buf now;
    bool same;

    buf_init(&now, MIB);
    term_text(term, &now);
    same = !strcmp(now.data, text);
    buf_free(&now);
    return same;
}

static void write_golden(struct term *term, const char *path)
{
    FILE *file = fopen(path, "w");
    struct buf now;

    if (!file) {
        note("cannot write %s", path);
        return;
    }
    for (int i = 0; i < 20; i++)
        term_pump(term, 20);
    buf_init(&now, MIB);
    term_text(term, &now);
    fputs(now.data, file);
    buf_free(&now);
    fclose(file);
}

static size_t line_length(const char *text)
{
    return strcspn(text, "\n");
}

static void note_difference(const struct term *term, const char *want)
{
    struct buf now;
    const char *have;

    buf_init(&now, MIB);
    term_text(term, &now);
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
    same = term_wait(term, is_golden, want);
    if (!same)
        note_difference(term, want);
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
    if (later && later->clock &&
        write(term->control, later->clock, strlen(later->clock)) < 0)
        note("the board takes no time");
    if (later && !term_shows(term, later->until))
        note("no \"%s\"", later->until);
    if (later)
        stage_keys(term, later->keys);
    if (golden->live)
        stage_body(term, golden->live);
    snprintf(sentence, sizeof sentence, "%s is as drawn, %d columns, %d rows",
             golden->name, golden->cols, golden->rows);
    if (mode && !strcmp(mode, "write"))
        write_golden(term, golden_path(golden));
    compare(term, golden, sentence);
    term_free(term);
}

#define LIVE_BODY "tests/fixtures/hard_emoji_zwj.json"
#define SIZES(name, bodies, keys, live)                                       \
    {name, 8, 40, bodies, NULL, NULL, keys, live},                            \
        {name, 24, 80, bodies, NULL, NULL, keys, live},                       \
        {name, 40, 120, bodies, NULL, NULL, keys, live},                      \
    {                                                                         \
        name, 60, 200, bodies, NULL, NULL, keys, live                         \
    }

/* Those of the screens beside Live, and the size they were drawn at. */
#define SCREEN(name, keys)                                                    \
    {name, 8, 40, BODIES_MORNING, NULL, NULL, keys, NULL},                    \
        {name, 24, 80, BODIES_MORNING, NULL, NULL, keys, NULL},               \
        {name, 24, 100, BODIES_MORNING, NULL, NULL, keys, NULL},              \
        {name, 40, 140, BODIES_MORNING, NULL, NULL, keys, NULL},              \
    {                                                                         \
        name, 60, 200, BODIES_MORNING, NULL, NULL, keys, NULL                 \
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
         {NULL, ">08:08", KEYS("\f")}},
        {"go_to", KEYS("T", "9", ":", "3", "0"), {NULL, "go to: 9:30", NULL}},
        {"past_time",
         KEYS("T", "9", ":", "3", "0", "\r"),
         {NULL, ">09:31", KEYS("\f")}},
        {"past_playing",
         KEYS("T", "9", ":", "3", "0", "\r"),
         {NULL, ">09:31", KEYS(" ", "\f")}},
    };
    static const int sizes[][2] = {{8, 40}, {24, 80}, {40, 140}, {60, 200}};

    for (size_t i = 0; i < sizeof pasts / sizeof *pasts; i++)
        for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++) {
            struct golden golden = {.name = pasts[i].name,
                                    .rows = sizes[j][0],
                                    .cols = sizes[j][1],
                                    .bodies = BODIES_MORNING,
                                    .settings = KEYS("ring_events=10"),
                                    .keys = pasts[i].keys};

            check(&golden, &pasts[i].later);
        }
}

/* Eleven minutes later who works is quiet, after half an hour gone. */
static void check_working(void)
{
    static const struct {
        const char *name;
        struct later later;
    } times[] = {
        {"working_quiet",
         {"clock 2026-09-14T10:59:45.000Z\n", "11 min", NULL}},
        {"working_gone", {"clock 2026-09-14T11:19:00.000Z\n", "30 min", NULL}},
    };
    static const int sizes[][2] = {{8, 40}, {24, 80}, {40, 140}};

    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++) {
            struct golden golden = {.name = times[i].name,
                                    .rows = sizes[j][0],
                                    .cols = sizes[j][1],
                                    .bodies = BODIES_MORNING};

            check(&golden, &times[i].later);
        }
}

int main(void)
{
    const struct golden goldens[] = {
        SIZES("live", BODIES_MORNING, NULL, NULL),
        SIZES("empty", BODIES_NONE, NULL, NULL),
        SIZES("detail", BODIES_MORNING, KEYS("k", "\r"), NULL),
        SIZES("help", BODIES_MORNING, KEYS("?"), NULL),
        SIZES("filter", BODIES_MORNING,
              KEYS("f", "p", "e", "r", "s", "o", "n", ":", "o", "m"), NULL),
        SIZES("views", BODIES_MORNING,
              KEYS("3", "V", "F", "l", "a", "g", "s", "\r", "v", "j"), NULL),
        SIZES("frozen", BODIES_MORNING, KEYS(" ", "z", "z"), LIVE_BODY),
        SCREEN("accounts_table", KEYS("A", "j")),
        SCREEN("people", KEYS("P", "j")),
        SCREEN("coverage", KEYS("C", "j", "l", "l")),
        SCREEN("signals", KEYS("S")),
        SCREEN("share", KEYS("X", "k")),
        SCREEN("share_detail", KEYS("X", "k", "\r")),
        {"accounts_ascii", 24, 100, BODIES_MORNING, KEYS("glyphs=ascii"), NULL,
         KEYS("A"), NULL},
        {"people_ascii", 24, 80, BODIES_MORNING, KEYS("glyphs=ascii"), NULL,
         KEYS("P"), NULL},
        {"coverage_ascii", 24, 100, BODIES_MORNING, KEYS("glyphs=ascii"), NULL,
         KEYS("C"), NULL},
        {"coverage", 24, 70, BODIES_MORNING, NULL, NULL, KEYS("C"), NULL},
        {"signals_events", 24, 80, BODIES_MORNING, NULL, NULL, KEYS("S", "\r"),
         NULL},
        SIZES("hostile", BODIES_HOSTILE, NULL, NULL),
        {"live_ascii", 24, 80, BODIES_MORNING, KEYS("glyphs=ascii"), NULL,
         NULL, NULL},
        {"live_c_locale", 24, 80, BODIES_MORNING, NULL, KEYS("LC_ALL=C"), NULL,
         NULL},
        {"live", 40, 140, BODIES_MORNING, NULL, NULL, NULL, NULL},
        {"live", 24, 60, BODIES_MORNING, NULL, NULL, NULL, NULL},
        {"live", 100, 300, BODIES_MORNING, NULL, NULL, NULL, NULL},
        {"live", 8, 23, BODIES_MORNING, NULL, NULL, NULL, NULL},
        {"live", 8, 16, BODIES_MORNING, NULL, NULL, NULL, NULL},
        {"accounts", 8, 40, BODIES_MORNING, NULL, NULL, KEYS("\t"), NULL},
        {"error", 24, 80, BODIES_MORNING, NULL, NULL,
         KEYS("f", "a", "m", "o", "u", "n", "t", ">", "l", "o", "t", "s"),
         NULL},
        {"evicted", 24, 80, BODIES_MORNING,
         KEYS("ring_events=10", "no_journal=yes"), NULL, KEYS("g"), NULL},
        {"category", 40, 120, BODIES_MORNING, NULL, NULL, KEYS("1", "3"),
         NULL},
    };

    for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++)
        check(&goldens[i], NULL);
    check_past();
    check_working();
    return done();
}
