/* ui: names in few cells, names of keys, actions, colours, replays that wait; no
 * terminal needed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "ui/offers.h"
#include "ui/pane/action.h"
#include "ui/pane/labels.h"
#include "ui/pane/names.h"
#include "ui/pane/time_text.h"
#include "ui/term/alert.h"
#include "ui/term/keys.h"
#include "ui/term/sgr.h"
#include "ui/term/theme.h"
#include "ui/term/tty.h"

static const char *account(const char *name, bool listed, int cells)
{
    static char text[512];
    struct buf out;

    buf_init(&out, sizeof text);
    name_account(&out, NULL, name, listed, cells);
    memcpy(text, out.data, out.len + 1);
    buf_free(&out);
    return text;
}

static void an_account_is_whole_where_it_fits(void **state)
{
    (void)state;
    assert_string_equal(account("Cobalt Kitchen", true, 20), "Cobalt Kitchen");
    assert_string_equal(account("Dunes Health, Inc.", true, 18),
                        "Dunes Health, Inc.");
    assert_string_equal(account(NULL, true, 9), "-");
}

static void an_account_loses_its_legal_form_first(void **state)
{
    (void)state;
    assert_string_equal(account("Dunes Health, Inc.", true, 12),
                        "Dunes Health");
    assert_string_equal(account("株式会社ひばり不動産", true, 12),
                        "ひばり不動産");
}

static void an_account_loses_words_then_letters(void **state)
{
    (void)state;
    assert_string_equal(account("Borealis Freight", true, 12), "Borealis");
    assert_string_equal(account("Alder & Finch Labs", true, 12), "Alder");
    assert_string_equal(account("株式会社ひばり不動産", true, 9), "ひばり不…");
    assert_string_equal(account("株式会社ひばり不動産", true, 8), "ひばり…");
}

static void an_unlisted_account_stands_in_parentheses(void **state)
{
    (void)state;
    assert_string_equal(account("Not My Account", false, 9), "(Not My)");
}

/* A book of three, of which two begin alike. */
static void names_that_would_look_alike_are_told_apart(void **state)
{
    const char *csv = "organization_id,organization_name\n"
                      "org-1,Acme Northern Railways\n"
                      "org-2,Acme Southern Ferries\n"
                      "org-3,Cobalt Kitchen\n";
    struct tally *tally = tally_new();
    struct labels *labels = labels_new(tally);
    struct err err;
    struct book *book =
        book_read("accounts.csv", csv, strlen(csv), NULL, &err);

    (void)state;
    assert_non_null(book);
    assert_null(labels_text(labels, "org-1", 9));
    tally_set_book(tally, book);
    labels_refresh(labels, book);
    assert_string_equal(labels_text(labels, "org-1", 9), "Acme Nor…");
    assert_string_equal(labels_text(labels, "org-2", 9), "Acme Sou…");
    assert_string_equal(labels_text(labels, "org-3", 9), "Cobalt");
    assert_string_equal(labels_text(labels, "org-1", 15), "Acme Northern");
    assert_string_equal(labels_text(labels, "org-2", 15), "Acme Southern");
    assert_null(labels_text(labels, "org-9", 9));
    assert_null(labels_text(labels, NULL, 9));
    labels_free(labels);
    tally_free(tally);
    book_free(book);
}

static const char *person(const char *name, int cells)
{
    static char text[512];
    struct buf out;

    buf_init(&out, sizeof text);
    name_person(&out, NULL, name, cells);
    memcpy(text, out.data, out.len + 1);
    buf_free(&out);
    return text;
}

static void a_person_keeps_the_words_that_fit(void **state)
{
    (void)state;
    assert_string_equal(person("Aurélie Fontaine", 7), "Aurélie");
    assert_string_equal(person("Zoë van Dijk", 7), "Zoë");
    assert_string_equal(person("佐藤 健", 7), "佐藤 健");
    assert_string_equal(person("invite_29d46d48-5344", 7), "invite…");
}

static const char *sentence(const char *whole, int cells)
{
    static char text[512];
    struct buf out;

    buf_init(&out, sizeof text);
    name_sentence(&out, whole, cells);
    memcpy(text, out.data, out.len + 1);
    buf_free(&out);
    return text;
}

static void a_sentence_drops_a_detail_that_would_be_a_stump(void **state)
{
    const char *paid = "had a payment fail · $742.13, attempt 2";

    (void)state;
    assert_string_equal(sentence(paid, 60), paid);
    assert_string_equal(sentence(paid, 29), "had a payment fail · $742.13…");
    assert_string_equal(sentence(paid, 28), "had a payment fail");
    assert_string_equal(sentence(paid, 12), "had a payme…");
    assert_string_equal(sentence("turned off session recording", 24),
                        "turned off session…");
}

static void ages_step_slowly(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {{0, "now"},       {9999, "now"},      {10000, "10 s"},
                 {59999, "50 s"},  {60000, "1 min"},   {3599999, "59 min"},
                 {3600000, "1 h"}, {86399999, "23 h"}, {86400000, "1 d"},
                 {-5, "now"}};
    char text[AGE_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        age_text(cases[i].ms, text);
        assert_string_equal(text, cases[i].text);
        age_text(cases[i].ms + age_next(cases[i].ms), text);
        assert_string_not_equal(text, cases[i].text);
    }
}

static void a_day_has_the_same_date_in_every_zone(void **state)
{
    static const char *const zones[] = {"UTC-14", "UTC0", "UTC+12"};
    char text[AGE_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        setenv("TZ", zones[i], 1);
        tzset();
        time_day_number(20699, text);
        assert_string_equal(text, "3 Sep 2026");
    }
    setenv("TZ", "UTC0", 1);
    tzset();
}

static void times_say_which_other_day_they_are_of(void **state)
{
    static const struct {
        int hours; /* before Mon 4 Jan 2027 09:00 */
        const char *point, *when, *narrow;
    } cases[] = {{1, "08:00", "Mon 4 Jan 08:00", "08:00"},
                 {15, "Sun 3 Jan 18:00", "Sun 3 Jan 18:00", "18:00"},
                 {24, "Sun 3 Jan 09:00", "Sun 3 Jan 09:00", "1 d"},
                 {96, "Thu 31 Dec 2026 09:00", "Thu 31 Dec 2026", "4 d"}};
    int64_t now = INT64_C(1799053200000), ms;
    char text[AGE_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ms = now - cases[i].hours * INT64_C(3600000);
        time_point(ms, now, text);
        assert_string_equal(text, cases[i].point);
        time_when(ms, now, TIME_WHEN_CELLS, text);
        assert_string_equal(text, cases[i].when);
        time_when(ms, now, 5, text);
        assert_string_equal(text, cases[i].narrow);
    }
}

static void numbers_have_separators(void **state)
{
    char text[NUMBER_SIZE];

    (void)state;
    number_text(999, text);
    assert_string_equal(text, "999");
    number_text(15001, text);
    assert_string_equal(text, "15,001");
    number_text(UINT64_MAX, text);
    assert_string_equal(text, "18,446,744,073,709,551,615");
}

static void key_names_round_trip(void **state)
{
    static const char *const names[] = {"Up", "PgDn", "S-Tab", "Space",
                                        "^L", "q",    "?",     "é"};
    char name[24];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        key_name(key_parse(names[i]), name);
        assert_string_equal(name, names[i]);
    }
    assert_int_equal(key_parse("Hyper"), 0);
    assert_int_equal(key_parse(""), 0);
}

static void every_default_key_is_one(void **state)
{
    (void)state;
    for (int i = 0; i < ACTION_COUNT; i++) {
        char keys[128];
        char *save = NULL;

        assert_true(strlen(action_row((enum action)i)->keys) < sizeof keys);
        memcpy(keys, action_row((enum action)i)->keys,
               strlen(action_row((enum action)i)->keys) + 1);
        for (char *key = strtok_r(keys, " ", &save); key;
             key = strtok_r(NULL, " ", &save))
            assert_int_not_equal(key_parse(key), 0);
    }
}

static void an_unknown_command_names_the_nearest(void **state)
{
    enum action action;
    const char *arg;
    struct err err;

    (void)state;
    assert_false(action_parse("folow", &action, &arg, &err));
    assert_string_equal(err.text, "No command \"folow\". Nearest: follow.");
    assert_false(action_parse("coffee", &action, &arg, &err));
    assert_string_equal(err.text, "No command \"coffee\". ? lists them.");
    assert_true(action_parse("  filter  acme flag", &action, &arg, &err));
    assert_int_equal(action, ACTION_filter);
    assert_string_equal(arg, "acme flag");
}

static void keys_can_be_bound_and_unbound(void **state)
{
    struct keymap *map = keymap_new();
    struct err err;

    (void)state;
    assert_string_equal(keymap_find(map, WHERE_LIVE, '3'), "category 3");
    assert_string_equal(keymap_find(map, WHERE_DETAIL, '3'), "link 3");
    assert_true(keymap_bind(map, "^F", "filter tone:bad", &err));
    assert_string_equal(keymap_find(map, WHERE_LIVE, 6), "filter tone:bad");
    assert_true(keymap_bind(map, "q", "", &err));
    assert_null(keymap_find(map, WHERE_LIVE, 'q'));
    assert_false(keymap_bind(map, "Hyper", "quit", &err));
    assert_false(keymap_bind(map, "x", "explode", &err));
    keymap_free(map);
}

static void a_theme_says_where_it_is_wrong(void **state)
{
    struct err err;

    (void)state;
    assert_null(theme_read("x.theme", "[roles]\nbad = purplish\n", 23, &err));
    assert_string_equal(err.text,
                        "x.theme:2: \"purplish\" is no colour or attribute");
    assert_null(theme_load("no such", &err));
    assert_non_null(
        strstr(err.text, "There are terminal, night, paper, high"));
}

static void colours_come_down_to_what_there_is(void **state)
{
    (void)state;
    assert_int_equal(theme_nearest(0xff0000, 256), 196);
    assert_int_equal(theme_nearest(0xff0000, 8), 1);
    assert_int_equal(theme_nearest(THEME_PALETTE | 12, 256), 12);
    assert_int_equal(theme_nearest(THEME_PALETTE | 12, 8), 4);
    assert_int_equal(theme_nearest(0xff0000, 0), -1);
    assert_int_equal(theme_nearest(THEME_DEFAULT, 256), -1);
}

static void palette_colours_become_what_the_theme_has(void **state)
{
    const char *bytes = "a\033[1;38;5;16mb\033[48;5;17m\033[2Jc\033";
    uint32_t table[256];
    struct buf out;

    (void)state;
    for (int i = 0; i < 256; i++)
        table[i] = TTY_NO_COLOUR;
    table[16] = 0x010203;
    buf_init(&out, 256);
    sgr_true_colours(&out, bytes, strlen(bytes), table);
    assert_string_equal(out.data,
                        "a\033[1;38;2;1;2;3mb\033[48;5;17m\033[2Jc\033");
    buf_free(&out);
}

static const char *notified(const char *name, const char *value)
{
    static char text[256];
    static const char *const names[] = {"TMUX",         "STY",
                                        "TERM",         "KITTY_WINDOW_ID",
                                        "TERM_PROGRAM", "VTE_VERSION"};
    struct buf out;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    setenv(name, value, 1);
    buf_init(&out, sizeof text);
    alert_notify(&out, "mo;ney", "paid\033]0;x\a late");
    memcpy(text, out.data, out.len + 1);
    buf_free(&out);
    setenv("TERM", "xterm-256color", 1);
    return text;
}

static void a_notification_is_what_the_terminal_takes(void **state)
{
    (void)state;
    assert_string_equal(notified("TERM", "xterm-256color"), "\a");
    assert_string_equal(notified("TMUX", "/tmp/x"), "\a");
    assert_memory_equal(notified("TERM", "foot"), "\033]777;notify;mo,ney;",
                        20);
    assert_memory_equal(notified("TERM", "xterm-kitty"),
                        "\033]99;;mo,ney: ", 14);
    assert_memory_equal(notified("TERM_PROGRAM", "iTerm.app"),
                        "\033]9;mo,ney: ", 12);
    /* what is told cannot end the sequence */
    assert_null(strchr(notified("TERM", "foot") + 1, '\a'));
    assert_int_equal(strcspn(notified("TERM", "foot") + 1, "\033"),
                     strlen(notified("TERM", "foot")) - 3);
}

/* At the beginning every command may come. */
static void offers_that_have_no_room_are_counted(void **state)
{
    const struct display_host host = {.ring = NULL};
    struct offers offers = {.where = (enum action_where) ~0u};
    size_t names = 0;

    (void)state;
    for (enum action i = 0; i < ACTION_COUNT; i++) {
        const char *command = action_row(i)->command;
        size_t len = strcspn(command, " ");
        bool again = false;

        for (enum action j = 0; j < i && !again; j++)
            again = strcspn(action_row(j)->command, " ") == len &&
                    !strncmp(action_row(j)->command, command, len);
        names += !again;
    }
    offers_find(&offers, &host, PROMPT_COMMAND, "x", 0);
    assert_int_equal(offers.count, OFFERS_MAX);
    assert_true(names > OFFERS_MAX);
    assert_int_equal(offers.count + offers.left_out, names);
    offers_find(&offers, &host, PROMPT_COMMAND, "mirr", 4);
    assert_int_equal(offers.count, 1);
    assert_int_equal(offers.left_out, 0);
    offers_clear(&offers);
}

/* Nothing is said to match what asks for nothing yet. */
static void what_is_only_begun_has_no_count(void **state)
{
    struct ring *ring = ring_new(10, 64 * KIB);
    struct tally *tally = tally_new();
    const struct display_host host = {.ring = ring, .tally = tally};
    struct offers offers = {.count = 0};

    (void)state;
    offers_find(&offers, &host, PROMPT_FILTER, "prop", 4);
    assert_int_equal(offers.count, 1);
    assert_string_equal(offers.list[0].word, "prop.");
    assert_false(offers.list[0].counted);
    offers_find(&offers, &host, PROMPT_FILTER, "category:fla", 12);
    assert_int_equal(offers.count, 1);
    assert_true(offers.list[0].counted);
    offers_clear(&offers);
    tally_free(tally);
    ring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notification_is_what_the_terminal_takes),
        cmocka_unit_test(an_account_is_whole_where_it_fits),
        cmocka_unit_test(an_account_loses_its_legal_form_first),
        cmocka_unit_test(an_account_loses_words_then_letters),
        cmocka_unit_test(an_unlisted_account_stands_in_parentheses),
        cmocka_unit_test(names_that_would_look_alike_are_told_apart),
        cmocka_unit_test(a_person_keeps_the_words_that_fit),
        cmocka_unit_test(a_sentence_drops_a_detail_that_would_be_a_stump),
        cmocka_unit_test(ages_step_slowly),
        cmocka_unit_test(a_day_has_the_same_date_in_every_zone),
        cmocka_unit_test(times_say_which_other_day_they_are_of),
        cmocka_unit_test(numbers_have_separators),
        cmocka_unit_test(key_names_round_trip),
        cmocka_unit_test(every_default_key_is_one),
        cmocka_unit_test(an_unknown_command_names_the_nearest),
        cmocka_unit_test(keys_can_be_bound_and_unbound),
        cmocka_unit_test(a_theme_says_where_it_is_wrong),
        cmocka_unit_test(colours_come_down_to_what_there_is),
        cmocka_unit_test(palette_colours_become_what_the_theme_has),
        cmocka_unit_test(offers_that_have_no_room_are_counted),
        cmocka_unit_test(what_is_only_begun_has_no_count),
    };

    return cmocka_run_group_tests_name("ui", tests, NULL, NULL);
}
