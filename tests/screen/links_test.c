/* Rows that are links (OSC 8), where the terminal shows them: which cells lead
 * where, and that the cells are the same without. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "stage.h"
#include "tap.h"
#include "base/banned.h"

#define KEYS(...)                                                             \
    (const char *const[])                                                     \
    {                                                                         \
        __VA_ARGS__, NULL                                                     \
    }
#define NEWS "tests/fixtures/hard_emoji_zwj.json"

static struct term *start(const char *setting, const char *environment)
{
    return stage_start(24, 80, BODIES_MORNING, KEYS(setting),
                       environment ? KEYS(environment) : NULL);
}

static bool has_links(struct term *term, const void *unused)
{
    (void)unused;
    return linkgrid_count(term->links) > 0;
}

struct place {
    const char *text, *leads;
};

static bool leads(struct term *term, const void *ctx)
{
    const struct place *place = ctx;
    int row = term_find(term, place->text);

    for (int col = 0; row >= 0 && col < term->cols; col++)
        if (strstr(linkgrid_at(term->links, row, col), place->leads))
            return true;
    return false;
}

/* A sentence leads to the replay, else to the event; names and times lead
 * nowhere. */
static void check_rows(void)
{
    static const struct place places[] = {{"created a feature flag",
                                           "/replay/"},
                                          {"had a payment fail", "/events/"}};
    struct term *term = start("hyperlinks=yes", NULL);
    bool good = true, names = false;

    for (size_t i = 0; i < 2; i++)
        good &= term_wait(term, leads, &places[i]);
    ok(good, "a row leads to its replay, else to its event");
    for (int row = 3; row < 23; row++)
        for (int col = 24; col < 46; col++)
            names |= *linkgrid_at(term->links, row, col) != '\0';
    ok(!names, "only the sentence does");
    stage_body(term, NEWS);
    ok(term_wait(term, leads, &(struct place){"10:55", "/"}),
       "what comes does at once");
    stage_keys(term, KEYS("\033[A", "\r"));
    ok(term_wait(term, leads, &(struct place){"1 Replay", "/replay/"}),
       "the numbered links of an event lead where they say");
    stage_keys(term, KEYS("\033", "X"));
    for (int i = 0; i < 3; i++)
        term_pump(term, 10);
    ok(!linkgrid_count(term->links) && term_shows(term, "SCREEN SHARE"),
       "nothing does while the screen is shared");
    term_free(term);
}

/* What is copied, the title and the mouse go the same way as frames do. */
static void check_stays(void)
{
    struct term *term = start("hyperlinks=yes", NULL);
    bool good = term_wait(term, has_links, NULL);

    stage_keys(term, KEYS("\033[A", "y", "\033", "%", "%", "\f"));
    term_tell(term, "alert Calls|Somebody");
    term_wrote(term, "Calls");
    stage_keys(term, KEYS("\033[A"));
    ok(good && term_wait(term, has_links, NULL) &&
           leads(term, &(struct place){"created a feature flag", "https:"}),
       "links stay after what is no frame");
    term_free(term);
}

/* The same keys, with and without: every cell is the same. */
static void check_cells(void)
{
    static const char *const keys[] = {"\033[A", "\033[A", "\033[5~", "f",
                                       "f",      "l",      "a",       "g",
                                       "\r",     "\033",   "\r",      "\t",
                                       "\033",   "S",      "A",       "L",
                                       "z",      "z",      "G",       NULL};
    struct term *with = start("hyperlinks=yes", NULL);
    struct term *without = start("hyperlinks=no", NULL);
    struct buf a, b;
    bool same = true;

    buf_init(&a, MIB);
    buf_init(&b, MIB);
    for (int i = 0; keys[i]; i++) {
        stage_keys(with, KEYS(keys[i]));
        stage_keys(without, KEYS(keys[i]));
    }
    term_tell(with, "clock 2026-09-14T10:49:00Z");
    term_tell(without, "clock 2026-09-14T10:49:00Z");
    stage_body(with, NEWS);
    stage_body(without, NEWS);
    term_shows(with, ">10:55");
    term_shows(without, ">10:55");
    term_text(with, &a);
    term_text(without, &b);
    same = !strcmp(a.data, b.data);
    ok(same, "every cell is what it is without links");
    ok(linkgrid_count(with->links) && !linkgrid_count(without->links),
       "and without, there are none");
    buf_free(&a);
    buf_free(&b);
    term_free(with);
    term_free(without);
}

static bool is_linked(struct term *term, const char *text)
{
    const struct place place = {text, "https://"};

    return leads(term, &place);
}

static bool links_in(const char *setting, const char *environment)
{
    struct term *term = start(setting, environment);
    bool good;

    stage_keys(term, KEYS("\033[A", "\033[A"));
    stage_body(term, NEWS);
    stage_keys(term, KEYS("G"));
    term_shows(term, ">10:55");
    good = is_linked(term, "10:55");
    term_free(term);
    return good;
}

static void check_terminals(void)
{
    ok(!links_in("hyperlinks=auto", NULL),
       "a terminal that says nothing of itself gets none");
    ok(links_in("hyperlinks=auto", "VTE_VERSION=7200"),
       "one that is known to show them gets them");
    ok(!links_in("hyperlinks=auto", "VTE_VERSION=5000"),
       "the one that falls over them does not");
    ok(links_in("hyperlinks=auto", "TERM_PROGRAM=WezTerm"),
       "as are others, by their names");
    ok(!links_in("hyperlinks=yes", "LC_ALL=C"),
       "without UTF-8 there are none");
}

int main(void)
{
    term_keeps_links = true;
    check_rows();
    check_stays();
    check_cells();
    check_terminals();
    return done();
}
