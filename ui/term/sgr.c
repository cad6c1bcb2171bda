/* Rewriting of palette colours in a frame's bytes. It looks at nothing but
 * `ESC [ … m`, and text holds no ESC, so it cannot mistake one for the
 * other. */
#include "ui/term/sgr.h"

#include <string.h>

#include "ui/term/tty.h"
#include "base/banned.h"

#define SGR_MAX 32 /* parameters; curses sends at most a handful */

struct sgr {
    unsigned values[SGR_MAX];
    size_t count;
};

/* Parameters of the sequence that starts behind `ESC [`; returns its length
 * with the final `m`, or 0 when it is another sequence. */
static size_t read_sgr(const char *at, size_t len, struct sgr *sgr)
{
    unsigned value = 0;

    sgr->count = 0;
    for (size_t i = 0; i < len; i++) {
        if (at[i] >= '0' && at[i] <= '9') {
            value = value * 10 + (unsigned)(at[i] - '0');
            if (value > 9999)
                return 0;
        } else if (at[i] == ';' || at[i] == 'm') {
            if (sgr->count == SGR_MAX)
                return 0;
            sgr->values[sgr->count++] = value;
            value = 0;
            if (at[i] == 'm')
                return i + 1;
        } else {
            return 0;
        }
    }
    return 0;
}

static bool is_palette(const struct sgr *sgr, size_t i, const uint32_t *table)
{
    return i + 2 < sgr->count &&
           (sgr->values[i] == 38 || sgr->values[i] == 48) &&
           sgr->values[i + 1] == 5 && sgr->values[i + 2] < 256 &&
           table[sgr->values[i + 2]] != TTY_NO_COLOUR;
}

static void write_sgr(struct buf *out, const struct sgr *sgr,
                      const uint32_t *table)
{
    buf_adds(out, "\033[");
    for (size_t i = 0; i < sgr->count; i++) {
        if (i)
            buf_addc(out, ';');
        if (is_palette(sgr, i, table)) {
            uint32_t rgb = table[sgr->values[i + 2]];

            buf_addf(out, "%u;2;%u;%u;%u", sgr->values[i],
                     (unsigned)(rgb >> 16 & 255), (unsigned)(rgb >> 8 & 255),
                     (unsigned)(rgb & 255));
            i += 2;
        } else {
            buf_addf(out, "%u", sgr->values[i]);
        }
    }
    buf_addc(out, 'm');
}

void sgr_true_colours(struct buf *out, const char *bytes, size_t len,
                      const uint32_t table[256])
{
    while (len) {
        const char *esc = memchr(bytes, '\033', len);
        size_t plain = esc ? (size_t)(esc - bytes) : len;
        struct sgr sgr;
        size_t taken = 0;

        buf_add(out, bytes, plain);
        bytes += plain;
        len -= plain;
        if (!len)
            break;
        if (len > 2 && bytes[1] == '[')
            taken = read_sgr(bytes + 2, len - 2, &sgr);
        if (taken) {
            write_sgr(out, &sgr, table);
            taken += 2;
        } else {
            buf_addc(out, '\033');
            taken = 1;
        }
        bytes += taken;
        len -= taken;
    }
}
