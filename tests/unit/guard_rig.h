/* What the tests of the guard share: what can happen to a journal's files, and
 * what is put aside of them. A file is named by what stands behind the
 * journal's path: "", "-wal". */
#ifndef TELLTALE_GUARD_RIG_H
#define TELLTALE_GUARD_RIG_H

#include <sqlite3.h>

#include "tests/unit/journal_rig.h"

#define EVENTS 3000

/* For cmocka, beside rig_setup(): what was put aside is removed, too. */
int guard_teardown(void **state);
#define GUARD_CASE(test)                                                      \
    cmocka_unit_test_setup_teardown(test, rig_setup, guard_teardown)

void name_of(const struct rig *rig, const char *suffix, char out[200]);
int64_t size_of(const struct rig *rig, const char *suffix); /* -1: none */
void remove_file(struct rig *rig, const char *suffix);
void cut_file(struct rig *rig, const char *suffix, int64_t size);
/* Junk in the place of what was there; the file keeps its time, as on a disk
 * that forgets. */
void overwrite(struct rig *rig, const char *suffix, int64_t at, size_t len);

/* A reader of the journal: until it is closed, what comes stays in the
 * log. */
sqlite3 *hold_log(struct rig *rig);
/* All of the log is in the file then. */
void empty_log(struct rig *rig);
/* So many events, each with its body, in a file that is whole. */
void assert_all_kept(struct rig *rig, int64_t events);
/* The path of what was put aside by that word, to be freed; NULL: nothing
 * was. */
char *find_aside(struct rig *rig, const char *word);
/* Puts the events of the damaged journal that is aside into the new one; how
 * many there were. */
uint64_t salvage(struct rig *rig);

#endif
