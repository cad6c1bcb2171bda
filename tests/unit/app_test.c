/* app: a whole receiver in this process, with a test in the place of the
 * screen and the client in the same loop as the sender. What it says is wrong
 * is app_problem_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "app/internal.h"
#include "base/buf.h"
#include "base/limits.h"
#include "config/path.h"
#include "net/nats.h"
#include "tests/unit/app_rig.h"

static bool two_fresh(void)
{
    return screen.fresh == 2;
}

static void what_is_posted_reaches_the_ring_and_the_screen(void **state)
{
    static const char *const bodies[] = {
        "{\"event\":\"insight created\",\"uuid\":"
        "\"01a09fb1-dc2c-78a8-927c-7ed72b010001\"}",
        "{\"event\":\"insight created\",\"uuid\":"
        "\"01a09fb1-dc2c-78a8-927c-7ed72b010001\"}",
        "{\"event\":\"cohort created\"}", NULL};
    struct app *app = open_app(&fake_display);

    (void)state;
    assert_int_equal(ring_count(screen.host->ring), 0);
    assert_non_null(strstr(app_shown_hook_url(app), "/hook/"));
    assert_null(strstr(app_shown_hook_url(app), "****"));
    run_play(app, bodies, two_fresh);
    assert_int_equal(ring_count(screen.host->ring), 2);
    assert_int_equal(tally_today(screen.host->tally), 2);
    assert_int_equal(screen.host->status(screen.host->ctx)->duplicates, 1);
    assert_null(screen.host->status(screen.host->ctx)->problem);
    assert_non_null(strstr(app_shown_hook_url(app), "****"));
    app_close(app);
    assert_int_equal(screen.closed, 1);
}

static bool two_in_the_ring(void)
{
    return ring_count(screen.host->ring) == 2;
}

static void the_past_is_in_the_ring_of_the_next_start(void **state)
{
    struct app *app = open_app(&fake_display);

    (void)state;
    run_play(app, NULL, two_in_the_ring);
    assert_string_equal(ring_text(screen.host->ring,
                                  ring_at(screen.host->ring, 0)->row.name),
                        "insight created");
    assert_string_equal(ring_text(screen.host->ring,
                                  ring_at(screen.host->ring, 1)->row.name),
                        "cohort created");
    assert_int_equal(tally_today(screen.host->tally), 2);
    assert_int_equal(screen.fresh, 0);
    app_close(app);
}

/* One that is posted beside the script. */
static struct aside {
    struct buf body;
    int status;
} aside;

static void aside_answered(void *ctx, const struct client_answer *answer)
{
    (void)ctx;
    aside.status = answer->status;
}

static void post_large(struct app *app, size_t len)
{
    struct client_request request = {.allow_http = true};

    aside.status = 0;
    buf_init(&aside.body, len + KIB);
    buf_adds(&aside.body, "{\"event\":\"insight created\",\"x\":\"");
    while (aside.body.len < len)
        buf_adds(&aside.body, "of no importance ");
    buf_adds(&aside.body, "\"}");
    request.url = app_hook_url(app);
    request.body = aside.body.data;
    request.len = aside.body.len;
    client_send(app_client(app), &request, aside_answered, NULL);
}

static bool the_small_one_did_not_wait(void)
{
    if (webhook_busy(play.app->webhook) && !play.bodies && screen.fresh == 0) {
        static const char *const small[] = {"{\"event\":\"small\"}", NULL};

        play.bodies = small;
        return false;
    }
    if (screen.fresh == 1) {
        assert_int_equal(aside.status, 0);
        webhook_hold(play.app->webhook, false);
    }
    return screen.fresh == 2 && aside.status == 200;
}

static void a_large_body_holds_up_nobody(void **state)
{
    struct app *app = open_app(&fake_display);

    (void)state;
    webhook_hold(app->webhook, true);
    post_large(app, LIMIT_DECODE_INLINE);
    run_play(app, NULL, the_small_one_did_not_wait);
    buf_free(&aside.body);
    app_close(app);
}

static void found(void *ctx, const struct event *event)
{
    struct screen *mine = ctx;

    mine->found++;
    if (event)
        mine->found_seq = event->seq;
    else
        mine->gone++;
}

static bool fetched(void)
{
    static bool asked;

    if (!asked) {
        asked = true;
        screen.host->fetch(screen.host->ctx, 1, found, &screen);
        screen.host->fetch(screen.host->ctx, 999, found, &screen);
    }
    return screen.found == 2;
}

static void an_event_is_fetched_whole_or_told_to_be_gone(void **state)
{
    struct app *app = open_app(&fake_display);

    (void)state;
    run_play(app, NULL, fetched);
    assert_int_equal(screen.found_seq, 1);
    assert_int_equal(screen.gone, 1);
    assert_true(screen.changes > 0);
    app_close(app);
    assert_int_equal(screen.found, 2);
}

static void a_fetch_that_is_open_at_the_end_is_answered(void **state)
{
    struct app *app = open_app(&fake_display);

    (void)state;
    screen.host->fetch(screen.host->ctx, 1, found, &screen);
    screen.host->fetch(screen.host->ctx, 2, found, &screen);
    app_close(app);
    assert_int_equal(screen.found, 2);
    assert_int_equal(screen.closed, 1);
}

/* The first of the journal is pinned with a note, and looked for. */
static bool pinned(void)
{
    const struct display_host *host = screen.host;
    struct display_pin pin;
    static bool asked;

    if (!asked)
        assert_true(host->pin_set(host->ctx, 1, "call them"));
    asked = true;
    return host->pin(host->ctx, 0, &pin) && pin.event;
}

static bool still_pinned(void)
{
    return screen.host->pins(screen.host->ctx) == 1;
}

/* It is there first: the list is read at the start. */
static bool taken_off(void)
{
    static bool asked;

    if (!asked && !still_pinned())
        return false;
    if (!asked)
        screen.host->pin_remove(screen.host->ctx, 1);
    asked = true;
    return !screen.host->pins(screen.host->ctx);
}

static void a_pin_outlives_the_screen(void **state)
{
    struct app *app = open_app(&fake_display);
    struct display_pin pin;

    (void)state;
    run_play(app, NULL, pinned);
    app_close(app);
    app = open_app(&fake_display);
    run_play(app, NULL, still_pinned);
    assert_true(screen.host->pin(screen.host->ctx, 0, &pin));
    assert_int_equal(pin.seq, 1);
    assert_string_equal(pin.note, "call them");
    assert_string_equal(pin.event->name, "insight created");
    app_close(app);
    app = open_app(&fake_display);
    run_play(app, NULL, taken_off);
    app_close(app);
}

/* What is written is cleaned, and there once it is in the journal. */
static bool noted(void)
{
    const struct display_host *host = screen.host;
    static bool asked;
    const char *note;

    if (!asked)
        assert_true(host->note_set(host->ctx, "org-1",
                                   "renewal\x1b[2J in \xe2\x80\xae"
                                   "March"));
    asked = true;
    note = host->note(host->ctx, "org-1");
    return note && !strchr(note, '\x1b') && !strstr(note, "\xe2\x80\xae");
}

static bool still_noted(void)
{
    return screen.host->note(screen.host->ctx, "org-1") != NULL;
}

static bool note_gone(void)
{
    static bool asked;

    if (!asked && !still_noted())
        return false;
    if (!asked)
        assert_true(screen.host->note_set(screen.host->ctx, "org-1", NULL));
    asked = true;
    return !still_noted();
}

static void a_note_on_an_account_outlives_the_screen(void **state)
{
    struct app *app = open_app(&fake_display);
    const char *note;

    (void)state;
    run_play(app, NULL, noted);
    assert_null(screen.host->note(screen.host->ctx, "org-2"));
    app_close(app);
    app = open_app(&fake_display);
    run_play(app, NULL, still_noted);
    note = screen.host->note(screen.host->ctx, "org-1");
    assert_int_equal(strncmp(note, "renewal", 7), 0);
    assert_string_equal(note + strlen(note) - 5, "March");
    app_close(app);
    app = open_app(&fake_display);
    run_play(app, NULL, note_gone);
    app_close(app);
}

/* ---- signals ---- */

static void add_signal(void)
{
    char path[128];
    sqlite3 *db;

    snprintf(path, sizeof path, "%s/telltale/journal.db", directory);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db,
                     "INSERT INTO signals VALUES (7, 'billing', 0, 0, -1, 1, "
                     "1700000000000, 3, 'Payment failed', NULL, '[1]', 'new', "
                     "NULL, NULL, NULL, 1700000000000)",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
}

static const struct inbox_signal *the_signal(void)
{
    return inbox_find(screen.host->inbox, 7);
}

/* What is said is shown at once, before the journal has it. */
static bool snoozed_and_noted(void)
{
    const struct display_host *host = screen.host;

    if (!the_signal())
        return false;
    host->signal_state(host->ctx, 7, INBOX_SNOOZED, INT64_C(4102444800000));
    assert_int_equal(the_signal()->state, INBOX_SNOOZED);
    host->signal_note(host->ctx, 7, "call on Friday");
    assert_string_equal(the_signal()->note, "call on Friday");
    return true;
}

static bool is_signal_there(void)
{
    return the_signal() != NULL;
}

static void what_is_said_of_a_signal_is_shown_at_once_and_stays(void **state)
{
    struct app *app;

    (void)state;
    add_signal();
    app = open_app(&fake_display);
    run_play(app, NULL, snoozed_and_noted);
    app_close(app);
    app = open_app(&fake_display);
    run_play(app, NULL, is_signal_there);
    assert_int_equal(the_signal()->state, INBOX_SNOOZED);
    assert_true(the_signal()->until == INT64_C(4102444800000));
    assert_string_equal(the_signal()->note, "call on Friday");
    app_close(app);
}

/* Read twice: a book, and then one that is none. */
static struct {
    char path[128], first[sizeof screen.said];
    size_t count; /* of the first */
} reread;

static size_t accounts(void)
{
    return book_count(screen.host->book(screen.host->ctx));
}

/* It returns before anything is read, so that nothing waits for a book of any
 * size. */
static void reload(void)
{
    size_t before = accounts();

    screen.said[0] = '\0';
    screen.host->reload(screen.host->ctx);
    assert_string_equal(screen.said, "");
    assert_int_equal(accounts(), before);
}

static bool reread_twice(void)
{
    if (!*screen.said || *reread.first)
        return *screen.said;
    memcpy(reread.first, screen.said, sizeof reread.first);
    reread.count = accounts();
    assert_true(config_write_file(reread.path, "nothing\n", 8, NULL));
    reload();
    return false;
}

static void reading_again_labels_what_is_shown(void **state)
{
    static const char book[] = "organization_id,organization_name\n"
                               "77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8,Alder\n";
    struct app *app = open_app(&fake_display);
    struct err err = {""};

    (void)state;
    snprintf(reread.path, sizeof reread.path, "%s/telltale/accounts.csv",
             directory);
    assert_true(path_make_parents(reread.path, &err));
    assert_true(config_write_file(reread.path, book, sizeof book - 1, &err));
    assert_int_equal(accounts(), 0);
    reload();
    run_play(app, NULL, reread_twice);
    unlink(reread.path);
    assert_string_equal(reread.first, "Reread: 1 account.");
    assert_int_equal(reread.count, 1);
    if (!strstr(screen.said, "Not reread: ") ||
        !strstr(screen.said, "accounts.csv"))
        fail_msg("%s", screen.said);
    assert_int_equal(accounts(), 1);
    assert_non_null(screen.host->status(screen.host->ctx)->problem);
    app_close(app);
}

static void options_and_keys_come_from_the_configuration(void **state)
{
    struct app *app = open_app(&fake_display);

    (void)state;
    assert_string_equal(screen.host->option(screen.host->ctx, "theme"),
                        "paper");
    assert_string_equal(screen.host->option(screen.host->ctx, "nonsense"), "");
    app_close(app);
}

static void listening_beyond_the_machine_needs_tls_or_a_proxy(void **state)
{
    static const char *const bad[] = {"0.0.0.0:0", "[::]:0",
                                      "127.0.0.1:0,10.0.0.1:1"};
    struct err err = {""};
    int code = 0;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct app_options options = {.config = config,
                                      .command = "serve",
                                      .listen = bad[i]};

        assert_null(app_open(&options, &code, &err));
        assert_int_equal(code, EXIT_CONFIG);
        assert_non_null(strstr(err.text, "--behind-proxy"));
    }
}

/* A folder is no journal. All that runs beside it has been made by then, and
 * nothing opened. */
static void refuses_to_start(const char *settings)
{
    struct err err = {""};
    char text[1024];
    int code = -1, len = snprintf(text, sizeof text, "journal = %s\n%s",
                                  directory, settings);
    struct config *full = config_read("config.ini", text, (size_t)len, &err);
    struct app_options options = {.config = full,
                                  .display = &fake_display,
                                  .command = "watch",
                                  .listen = "127.0.0.1:0"};

    assert_string_equal(err.text, "");
    assert_null(app_open(&options, &code, &err));
    assert_non_null(strstr(err.text, directory));
    assert_int_equal(code, EXIT_FAILED);
    config_free(full);
}

static void a_start_that_fails_takes_back_what_was_asked_for(void **state)
{
    struct err none;

    (void)state;
    refuses_to_start("source = posthog\n"
                     "[posthog]\nhost = http://127.0.0.1:1\nproject = 1\n"
                     "api_key_command = echo phx_none\nrefresh = 1d\n"
                     "[mirror m]\ntype = json\nurl = https://127.0.0.1:1/\n"
                     "query = tone:bad\n"
                     "[rule r]\nquery = tone:bad\ndo = bell\n");
    if (!nats_available(&none))
        return;
    refuses_to_start("source = nats://127.0.0.1:1/READ\n");
    refuses_to_start("publish = nats://127.0.0.1:1/KEPT\n");
}

/* ---- somebody is forgotten ---- */

static struct {
    uint64_t seq;
    bool asked, over;
} theirs;

/* The journal has begun, and deletes nothing before this is read. */
static void fetch_theirs(struct display *display)
{
    (void)display;
    screen.host->fetch(screen.host->ctx, theirs.seq, found, &screen);
}

static void note_over(void *ctx, bool ok)
{
    (void)ctx;
    assert_true(ok);
    theirs.over = true;
}

/* Among those whose days are counted. */
static bool they_are_counted(void)
{
    const struct usage *usage = screen.host->usage;

    for (uint32_t i = 0; i < usage_people(usage); i++) {
        const char *name = usage_person(usage, i)->name;

        if (name && !strcmp(name, "jonas@alder.example"))
            return true;
    }
    return false;
}

static bool forgotten_with_their_pin(void)
{
    const struct ring *ring = screen.host->ring;
    struct err err = {""};

    if (!theirs.seq && screen.fresh) {
        theirs.seq = ring_at(ring, ring_count(ring) - 1)->seq;
        assert_true(screen.host->pin_set(screen.host->ctx, theirs.seq, NULL));
    }
    if (!theirs.asked && screen.host->pins(screen.host->ctx) == 1 &&
        they_are_counted()) {
        theirs.asked = true;
        assert_true(app_forget(play.app, FORGET_EMAIL, "jonas@alder.example",
                               0, note_over, NULL, &err));
    }
    return theirs.over && !screen.host->pins(screen.host->ctx) &&
           !they_are_counted() && screen.found == 1 &&
           screen.forgetting == FORGOT;
}

static void of_who_is_being_forgotten_nothing_is_read(void **state)
{
    static const char *const bodies[] = {
        "{\"event\":\"insight created\",\"distinct_id\":\"j\",\"user_email\":"
        "\"jonas@alder.example\"}",
        NULL};
    struct display_ops display = fake_display;
    struct app *app;

    (void)state;
    display.views_written = fetch_theirs;
    app = open_app(&display);
    run_play(app, bodies, forgotten_with_their_pin);
    assert_int_equal(screen.gone, 1);
    app_close(app);
}

static bool forgotten_with_its_note(void)
{
    const struct display_host *host = screen.host;
    const bool noted_now = host->note(host->ctx, "org-9") != NULL;
    struct err err = {""};

    if (!theirs.seq) {
        theirs.seq = 1;
        assert_true(host->note_set(host->ctx, "org-9", "renewal in March"));
    }
    if (!theirs.asked && noted_now) {
        theirs.asked = true;
        assert_true(app_forget(play.app, FORGET_ACCOUNT, "org-9", 0, note_over,
                               NULL, &err));
    }
    return theirs.over && !noted_now;
}

static void a_note_goes_with_the_account_that_is_forgotten(void **state)
{
    struct app *app = open_app(&fake_display);

    (void)state;
    theirs.seq = 0;
    theirs.asked = theirs.over = false;
    run_play(app, NULL, forgotten_with_its_note);
    app_close(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_posted_reaches_the_ring_and_the_screen),
        cmocka_unit_test(the_past_is_in_the_ring_of_the_next_start),
        cmocka_unit_test(an_event_is_fetched_whole_or_told_to_be_gone),
        cmocka_unit_test(a_fetch_that_is_open_at_the_end_is_answered),
        cmocka_unit_test(a_pin_outlives_the_screen),
        cmocka_unit_test(a_note_on_an_account_outlives_the_screen),
        cmocka_unit_test(what_is_said_of_a_signal_is_shown_at_once_and_stays),
        cmocka_unit_test(reading_again_labels_what_is_shown),
        cmocka_unit_test(a_large_body_holds_up_nobody),
        cmocka_unit_test(options_and_keys_come_from_the_configuration),
        cmocka_unit_test(listening_beyond_the_machine_needs_tls_or_a_proxy),
        cmocka_unit_test(a_start_that_fails_takes_back_what_was_asked_for),
        cmocka_unit_test(of_who_is_being_forgotten_nothing_is_read),
        cmocka_unit_test(a_note_goes_with_the_account_that_is_forgotten),
    };

    return cmocka_run_group_tests(tests, app_rig_setup, app_rig_teardown);
}
