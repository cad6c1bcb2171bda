/* What the tests of forgetting share (forget_rig.h). */
#include "tests/unit/forget_rig.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/limits.h"

#include "base/banned.h"

void note_asked(void *ctx, bool ok, const struct forget_result *result,
                const struct err *err)
{
    struct asked *asked = ctx;

    asked->ok = ok;
    asked->result = *result;
    asked->err = *err;
    asked->done = true;
}

struct forget_result forget_at(struct rig *rig, enum forget_kind kind,
                               const char *text, int64_t when)
{
    struct asked asked = {.done = false};

    journal_forget(rig->journal, kind, text, when, note_asked, &asked);
    rig_drain_until(rig, &asked.done);
    assert_string_equal(asked.err.text, "");
    assert_true(asked.ok);
    return asked.result;
}

struct forget_result forget(struct rig *rig, enum forget_kind kind,
                            const char *text)
{
    return forget_at(rig, kind, text, NOW);
}

struct event by(const char *id, const char *email, uint32_t number)
{
    struct event event = with_uuid("a", number);

    event.person.id = id;
    event.person.email = email;
    return event;
}

/* Does any file of the journal still hold these bytes? */
bool file_holds_bytes(struct rig *rig, const void *text, size_t size)
{
    static const char *const suffixes[] = {"", "-wal"};
    bool found = false;

    for (size_t i = 0; i < 2; i++) {
        char path[160];
        size_t len;
        char *bytes;

        snprintf(path, sizeof path, "%s%s", rig->path, suffixes[i]);
        bytes = file_slurp(path, 64 * MIB, &len, NULL);
        for (size_t at = 0; bytes && at + size <= len; at++)
            found = found || !memcmp(bytes + at, text, size);
        free(bytes);
    }
    return found;
}

bool file_holds(struct rig *rig, const char *text)
{
    return file_holds_bytes(rig, text, strlen(text));
}

/* As a board is told of it. */
void forget_before(struct rig *rig, enum forget_kind kind, const char *text,
                   int64_t at)
{
    struct forget_ops ops = {.done = note_asked, .only_before = true};
    struct asked asked = {.done = false};

    journal_forget_by(rig->journal, kind, text, at, &ops, &asked);
    rig_drain_until(rig, &asked.done);
    assert_string_equal(asked.err.text, "");
    assert_true(asked.ok);
}
