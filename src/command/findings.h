/* What `telltale check` finds: lines of three levels, gathered while it looks
 * and printed at the end, the worst first, for people or as JSON. Text is made
 * harmless here, whoever wrote it. */
#ifndef TELLTALE_FINDINGS_H
#define TELLTALE_FINDINGS_H

#include <stdbool.h>

#include "base/buf.h"

enum finding_level {
    FINDING_WRONG, /* "! …": something does not work */
    FINDING_NOTE,  /* "~ …": works, and is perhaps not what was meant */
    FINDING_FACT,  /* "  about     …": what is so */
};

/* As others mark a line: '!', '~', anything else. */
enum finding_level finding_level(char mark);

struct findings;

struct findings *findings_new(void);
void findings_free(struct findings *findings); /* NULL is allowed */

/* about is one word: what part of telltale it is of ("journal"); borrowed,
 * for ever. */
void finding_add(struct findings *findings, enum finding_level level,
                 const char *about, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* One of FINDING_WRONG, as it stands in text. */
void finding_wrong(struct findings *findings, const char *about,
                   const char *text);
/* A line that belongs to the one that was added last. */
void finding_more(struct findings *findings, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Lines as others write them: "! …" and "~ …" are findings, all else belongs
 * to the one before, or is a fact. */
void findings_add_lines(struct findings *findings, const char *about,
                        const char *lines);

bool findings_are_wrong(const struct findings *findings);
/* Appends them in the order of their levels. */
void findings_text(const struct findings *findings, struct buf *out);
/* Appends one object on one line:
 * {"wrong":N,"notes":N,"findings":[{"level":"wrong","about":"…","text":"…",
 * "more":["…"]}]}; level is wrong, note or fact, more is left out when there
 * is none. */
void findings_json(const struct findings *findings, struct buf *out);

#endif
