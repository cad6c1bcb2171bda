/* A journal in which somebody is to be forgotten. */
#ifndef TELLTALE_FORGET_RIG_H
#define TELLTALE_FORGET_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal/forget.h"
#include "tests/unit/journal_rig.h"

#define EMAIL "jonas@alderfinch.example"

/* What was said of one that was asked for. */
struct asked {
    bool done, ok;
    struct forget_result result;
    struct err err;
};
/* A forget_done of that. */
void note_asked(void *ctx, bool ok, const struct forget_result *result,
                const struct err *err);

/* Waits until it is done, at that time and at NOW; it must go well. */
struct forget_result forget_at(struct rig *rig, enum forget_kind kind,
                               const char *text, int64_t when);
struct forget_result forget(struct rig *rig, enum forget_kind kind,
                            const char *text);
/* As a board is told of it: only what was before. */
void forget_before(struct rig *rig, enum forget_kind kind, const char *text,
                   int64_t at);

/* An event of that person, its uuid by that number. */
struct event by(const char *id, const char *email, uint32_t number);

/* Does any file of the journal still hold these bytes, that text? */
bool file_holds_bytes(struct rig *rig, const void *text, size_t size);
bool file_holds(struct rig *rig, const char *text);

#endif
