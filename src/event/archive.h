/* The lines that a journal is written out as, so that another one concludes
 * the same from them: an event in the one JSON form, with what that has no
 * place for behind it, under "kept"; and a tick, which says that time passed:
 *
 *   {"seq":7,"uuid":…,"properties":{},"kept":{"flags":["backfilled"],…}}
 *   {"seq":8,"tick":"2026-09-14T22:00:00.000Z","zone":"Europe/Zurich"}
 *
 * Knows nothing of files, nor of the journal. */
#ifndef TELLTALE_ARCHIVE_H
#define TELLTALE_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "event/decode.h"
#include "event/event.h"

/* Both append one line, without a newline. False if out overflowed. */
bool archive_event(struct buf *out, const struct event *event,
                   const struct uuid *journal_id);
bool archive_tick(struct buf *out, uint64_t seq, int64_t at, const char *zone);

/* A line read back. */
struct archived {
    bool is_tick;
    int64_t at;       /* of a tick, wall ms */
    const char *zone; /* whose days ticks end; NULL: it is not said */
    struct event event;
};

/* Reads len bytes of one line. It may come from anywhere: text is made
 * harmless again, addresses and properties are held against the decoder's
 * policies; account, category, tone and sentence are as the line says. The
 * raw text is the properties. What has no uuid, no key and no origin gets a
 * key of its line, so that it is not kept twice. All text goes into arena.
 * False with err: what is wrong. */
bool archive_read(const struct decoder *decoder, const char *line, size_t len,
                  struct arena *arena, struct archived *out, struct err *err);

#endif
