/* What is said over a feed, done here: while something of ours about the same
 * waits to be told, it is not, and what stands there in the end is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "journal/acts.h"
#include "journal/notes.h"
#include "net/loop.h"
#include "source/feed_act.h"
#include "source/feed_word.h"
#include "tests/unit/journal_rig.h"

#include "base/banned.h"

/* The board's side: what it was told. */
static struct board {
    struct rig *rig;
    struct loop *loop;
    struct feed_acts acts;
    unsigned notes, failures;
    bool written, ended, ok;
} board;

static const struct uuid there = {{7}};

static void note_changed(void *ctx)
{
    ((struct board *)ctx)->notes++;
}

static void note_written(void *source)
{
    ((struct board *)source)->written = true;
}

static void note_ended(void *source, bool ok)
{
    struct board *mine = source;

    mine->ended = true;
    mine->ok = ok;
}

static void note_failed(void *source, const char *why)
{
    (void)why;
    ((struct board *)source)->failures++;
}

static void board_open(struct rig *rig)
{
    memset(&board, 0, sizeof board);
    board.rig = rig;
    board.loop = loop_new(NULL);
    board.acts = (struct feed_acts){.journal = rig->journal,
                                    .notes_changed = note_changed,
                                    .written = note_written,
                                    .ended = note_ended,
                                    .failed = note_failed,
                                    .judged = true,
                                    .ctx = &board,
                                    .source = &board};
    feed_acts_init(&board.acts, board.loop);
}

static void board_close(void)
{
    feed_acts_stop(&board.acts);
    rig_close(board.rig);
    feed_acts_free(&board.acts);
    loop_free(board.loop);
}

/* Noted here without a link, so that it is to be told. */
static bool keep_ours(void *ctx, struct sqlite3 *db, struct err *err)
{
    struct act_row row = {.subject = "about org", .verb = "note", .who = ""};
    bool full;

    row.at = 5;
    if (!notes_set(db, "org", "ours", 5, &full, err) ||
        !acts_keep(db, &row, 0, &full, err))
        return false;
    *(int64_t *)ctx = row.id;
    return true;
}

static void note_kept(void *ctx, bool ok, const struct err *err)
{
    (void)ctx;
    assert_string_equal(err->text, "");
    assert_true(ok);
    board.written = true;
}

static int64_t note_ours(void)
{
    int64_t id = 0;

    journal_write(board.rig->journal, keep_ours, note_kept, &id);
    rig_drain_until(board.rig, &board.written);
    board.written = false;
    return id;
}

static struct feed_word noted(const char *text, uint64_t act)
{
    return (struct feed_word){.kind = FEED_WORD_ACT,
                              .account = "org",
                              .is_note = true,
                              .verb = "note",
                              .note = text,
                              .act = act,
                              .at = 9};
}

static void assert_note(const char *text)
{
    char sql[120];

    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM notes WHERE subject = 'org' AND text = "
             "'%s'",
             text);
    assert_int_equal(ask(board.rig, sql), 1);
}

static void apply(struct feed_word word)
{
    feed_act_apply(&board.acts, &there, &word);
    rig_drain_until(board.rig, &board.written);
    board.written = false;
}

static void end(int64_t ours, uint64_t upto, const struct feed_word *word)
{
    board.ended = false;
    feed_act_end(&board.acts, &there, ours, upto, word);
    rig_drain_until(board.rig, &board.ended);
    board.written = false;
    assert_true(board.ok);
    assert_int_equal(board.failures, 0);
}

static void what_others_say_is_done_and_its_place_is_kept(void **state)
{
    board_open(*state);
    apply(noted("theirs", 3));
    assert_note("theirs");
    assert_int_equal(board.notes, 1);
    assert_int_equal(board.acts.done, 3);
    board_close();
}

/* The answer to ours is older than what the feed has brought. */
static void
ours_waits_on_while_what_came_is_newer_than_its_answer(void **state)
{
    struct feed_word stands = noted("theirs", 9);
    int64_t ours;

    board_open(*state);
    ours = note_ours();
    apply(stands);
    assert_note("ours");
    end(ours, 8, &stands);
    assert_int_equal(ask(board.rig, "SELECT count(*) FROM acts_untold"), 1);
    assert_note("ours");
    assert_int_equal(board.notes, 0);
    end(ours, 9, &stands);
    assert_int_equal(ask(board.rig, "SELECT count(*) FROM acts_untold"), 0);
    assert_note("theirs");
    assert_int_equal(board.notes, 1);
    board_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(what_others_say_is_done_and_its_place_is_kept),
        RIG_CASE(ours_waits_on_while_what_came_is_newer_than_its_answer),
    };

    return cmocka_run_group_tests_name("feed act", tests, NULL, NULL);
}
