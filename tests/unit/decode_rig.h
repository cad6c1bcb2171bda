/* What the tests of decoding share: a decoder with a catalogue and a small
 * book, and what became of the last body. */
#ifndef TELLTALE_DECODE_RIG_H
#define TELLTALE_DECODE_RIG_H

#include "event/decode.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define NOW INT64_C(1789373165000) /* 2026-09-14 08:06:05 */
#define UUID "01a09ef3-a9a6-7bb2-a3ce-10cfe4a10794"
/* The two accounts of the book. */
#define BOREALIS "becccfc8-9252-4f2f-983e-4eeaaac45350"
#define DUNES "49b0761a-a1aa-4a9b-bd41-4344bf0cdf4a"

struct decode_rig {
    struct decoder decoder;
    struct arrival arrival; /* at NOW */
    struct catalog *catalog;
    struct book *book;
    struct redaction *redaction;
    struct event_batch *batch; /* of the last body */
    struct decoded decoded;
    struct err err;
};

/* For cmocka: *state is a struct decode_rig. */
int decode_rig_setup(void **state);
int decode_rig_teardown(void **state);
#define DECODE_CASE(test)                                                     \
    cmocka_unit_test_setup_teardown(test, decode_rig_setup,                   \
                                    decode_rig_teardown)

/* Decodes a body in the place of the last one. */
bool decode_bytes(struct decode_rig *rig, const char *body, size_t len);
bool decode_text(struct decode_rig *rig, const char *body);
/* The only event of a body, or the case fails. */
const struct event *decode_one(struct decode_rig *rig, const char *body);
/* want: NULL where there is to be none. */
void assert_text(const char *have, const char *want);

#endif
