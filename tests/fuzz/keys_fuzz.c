/* What a terminal may send, in pieces of any size. Raw: the decoder ends,
 * gives only keys there are, and nothing pasted is raw. As a model: the input
 * chooses among keys, answers, mouse reports and pastes, so it is known which
 * bytes are keys; what comes out is those and no others, wherever the bytes
 * are cut and the terminal hesitates. */
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "ui/term/keys.h"
#include "base/banned.h"

#define BYTES_MOST 4000 /* sent in one run; each could be an Esc */
#define KEYS_MOST (2 * BYTES_MOST)
#define BYTES(text) text, sizeof text - 1

/* ---- raw ---- */

static void check_key(const struct key *key)
{
    REQUIRE(key->code <= KEY_CODE_UNKNOWN);
    REQUIRE(key->y >= 0 && key->x >= 0);
    if (key->code != KEY_CODE_PASTE)
        return;
    REQUIRE(utf8_valid(key->text, strlen(key->text), NULL));
    REQUIRE(strlen(key->text) <= LIMIT_PASTE);
    for (const char *at = key->text; *at; at++)
        REQUIRE((unsigned char)*at >= ' ' && *at != 0x7f);
}

static void take(struct keys *keys, bool late)
{
    struct key key;

    for (; keys_next(keys, late, &key); late = false)
        check_key(&key);
}

static void raw(const uint8_t *data, size_t size)
{
    struct keys *keys = keys_new();
    size_t piece = size ? data[0] % 16 + 1u : 1;
    int rounds = 0;

    for (size_t at = 0; at < size; at += piece) {
        size_t len = size - at < piece ? size - at : piece;

        buf_add(keys_buffer(keys), data + at, len);
        take(keys, false);
    }
    /* What waits is over sooner or later, and so is the waiting. */
    while (keys_wait_us(keys) && rounds++ < 4 * (int)size + 8)
        take(keys, true);
    REQUIRE(!keys_wait_us(keys) && !keys_buffer(keys)->len);
    keys_free(keys);
}

/* ---- the model ---- */

static const struct typed {
    const char *bytes;
    size_t len;
    uint32_t code;
} typed[] = {
    {BYTES("q"), 'q'},
    {BYTES("x"), 'x'},
    {BYTES("5"), '5'},
    {BYTES("\xc3\xa9"), 0xe9},
    {BYTES("\xe2\x80\x9c"), 0x201c},
    {BYTES("\xf0\x9f\x98\x80"), 0x1f600},
    {BYTES("\r"), KEY_CODE_ENTER},
    {BYTES("\t"), KEY_CODE_TAB},
    {BYTES("\x03"), 0x03},
    {BYTES("\x7f"), KEY_CODE_BACKSPACE},
    {BYTES("\033[A"), KEY_CODE_UP},
    {BYTES("\033OB"), KEY_CODE_DOWN},
    {BYTES("\233C"), KEY_CODE_RIGHT},
    {BYTES("\302\233D"), KEY_CODE_LEFT},
    {BYTES("\033[1;5C"), KEY_CODE_RIGHT},
    {BYTES("\033[1;1:2D"), KEY_CODE_LEFT},
    {BYTES("\033[3~"), KEY_CODE_DELETE},
    {BYTES("\033[5;2~"), KEY_CODE_PAGE_UP},
    {BYTES("\033[27u"), KEY_CODE_ESC},
    {BYTES("\033[27;1:1u"), KEY_CODE_ESC},
    {BYTES("\033[99;5u"), 0x03},
    {BYTES("\033[97:65:97;2;65u"), 'A'},
    {BYTES("\033[57419u"), KEY_CODE_UP},
    {BYTES("\033[27;5;99~"), 0x03},
    {BYTES("\033[27;2;65~"), 'A'},
    {BYTES("\033[Z"), KEY_CODE_BACK_TAB},
    {BYTES("\033[<0;250;7M"), KEY_CODE_CLICK},
    {BYTES("\033[<0;250;7m"), KEY_CODE_RELEASE},
    {BYTES("\033[<65;1;1M"), KEY_CODE_WHEEL_DOWN},
    {BYTES("\033[96;30;10M"), KEY_CODE_WHEEL_UP},
    {BYTES("\033[M !!"), KEY_CODE_CLICK},
    {BYTES("\033[M q\xf0"), KEY_CODE_CLICK},
};

/* Answers, and keys that are bound to nothing. */
static const struct {
    const char *bytes;
    size_t len;
} others[] = {
    {BYTES("\033[?64;1;2;6;9;15;18;21;22c")},
    {BYTES("\033[>41;354;0c")},
    {BYTES("\033[=1;2c")},
    {BYTES("\033P!|00000000\033\\")},
    {BYTES("\033P>|tmux 3.3a\033\\")},
    {BYTES("\033P>|XTerm(379)\033\\")},
    {BYTES("\033[?2026;2$y")},
    {BYTES("\033[4;1$y")},
    {BYTES("\033P1$r0 q\033\\")},
    {BYTES("\033[24;80R")},
    {BYTES("\033[?24;80;1R")},
    {BYTES("\033[0n")},
    {BYTES("\033[?997;1n")},
    {BYTES("\033]4;1;rgb:ffff/0000/xxxx\033\\")},
    {BYTES("\033]10;rgb:ffff/ffff/ffff\a")},
    {BYTES("\033]11;rgb:0000/0000/0000\033\\")},
    {BYTES("\033]52;c;cXV4OnE=\033\\")},
    {BYTES("\033]lqux \xe2\x80\x9cq\xe2\x80\x9d\033\\")},
    {BYTES("\033P1+r524742=38\033\\")},
    {BYTES("\033P0+r\033\\")},
    {BYTES("\033[?1u")},
    {BYTES("\033_Gi=31;OK\033\\")},
    {BYTES("\033^quit\033\\")},
    {BYTES("\033Xquit\033\\")},
    {BYTES("\033[I")},
    {BYTES("\033[O")},
    {BYTES("\033[8;24;80t")},
    {BYTES("\033[6;16;8t")},
    {BYTES("\033[48;24;80;384;640t")},
    {BYTES("\220>|foot(1.16)\234")},
    {BYTES("\235"
           "11;rgb:q/x/u\234")},
    {BYTES("\302\237Gi=1;OK\302\234")},
    {BYTES("\233?1;2c")},
    {BYTES("\033q")},
    {BYTES("\033x")},
    {BYTES("\033\xc3\xa9")},
    {BYTES("\033\033[A")},
    {BYTES("\033[1;3A")},
    {BYTES("\033[113;3u")},
    {BYTES("\033[113;1:3u")},
    {BYTES("\033[57441;2u")},
    {BYTES("\033[27;3;113~")},
    {BYTES("\033[81;16;113;1;0;1_")},
    {BYTES("\033[[A")},
    {BYTES("\033OP")},
    {BYTES("\033[15~")},
    {BYTES("\033[201~")},
    {BYTES("\033(B")},
    {BYTES("\033\\")},
};

struct model {
    const uint8_t *data;
    size_t size, at;
    struct buf bytes;
    uint32_t want[KEYS_MOST], got[KEYS_MOST]; /* with surplus Escs */
    size_t wanted, came;
    bool hesitated; /* behind an ESC: it may have become a key */
};

static unsigned choose(struct model *model, unsigned most)
{
    return model->at < model->size ? model->data[model->at++] % most : 0;
}

static void add_want(struct model *model, uint32_t code)
{
    if (model->wanted < KEYS_MOST)
        model->want[model->wanted++] = code;
}

/* Any bytes that leave the string open. */
static void add_text(struct model *model)
{
    for (unsigned left = choose(model, 64); left; left--)
        buf_addc(&model->bytes, (char)(' ' + choose(model, 95)));
}

/* As far as their kind shows: behind a pause, what could be no answer is
 * typed. */
static void add_string(struct model *model)
{
    static const char *const starts[] = {"\033P1", "\033]1", "\033^", "\033_G",
                                         "\033X",  "\220>",  "\2350", "\237G"};
    static const char *const ends[] = {"\033\\", "\a", "\234", "\302\234"};

    buf_adds(&model->bytes, starts[choose(model, 8)]);
    add_text(model);
    buf_adds(&model->bytes, ends[choose(model, 4)]);
}

/* A private sequence: no key is sent as one. */
static void add_private(struct model *model)
{
    static const char ends[] = "ABcnuyRtq~HFZ";

    buf_adds(&model->bytes, choose(model, 2) ? "\033[?" : "\033[>");
    for (unsigned left = choose(model, 40); left; left--)
        buf_addc(&model->bytes, "0123456789;:"[choose(model, 12)]);
    if (choose(model, 4) == 0)
        buf_addc(&model->bytes, '$');
    buf_addc(&model->bytes, ends[choose(model, sizeof ends - 1)]);
}

static void add_paste(struct model *model)
{
    buf_adds(&model->bytes, "\033[200~");
    add_text(model);
    if (choose(model, 2))
        buf_adds(&model->bytes, "\033[20\033]q\r");
    buf_adds(&model->bytes, "\033[201~");
    add_want(model, KEY_CODE_PASTE);
}

static void add_item(struct model *model)
{
    unsigned which = choose(model, 256);

    if (which < 80) {
        const struct typed *key = &typed[which % (sizeof typed / sizeof *key)];

        buf_add(&model->bytes, key->bytes, key->len);
        add_want(model, key->code);
    } else if (which < 200) {
        which = (which - 80) % (sizeof others / sizeof *others);
        buf_add(&model->bytes, others[which].bytes, others[which].len);
    } else if (which < 225) {
        add_string(model);
    } else if (which < 245) {
        add_private(model);
    } else {
        add_paste(model);
    }
}

static void take_known(struct model *model, struct keys *keys, bool late)
{
    struct key key;

    for (; keys_next(keys, late, &key); late = false) {
        check_key(&key);
        if (key.code != KEY_CODE_UNKNOWN && key.code != KEY_CODE_BACKGROUND &&
            model->came < KEYS_MOST)
            model->got[model->came++] = key.code;
    }
}

/* Not where a pause makes two keys of one: behind Esc, before what could be
 * typed there; and once in a sequence is enough. */
static bool may_hesitate(const struct model *model, const struct keys *keys,
                         const struct buf *waits, size_t sent)
{
    if (keys_wait_us(keys) != KEYS_ESC_US || !waits->len ||
        strchr("OP_", waits->data[0]))
        return false;
    if (waits->len == 2 && strchr("X^(", waits->data[1]))
        return false;
    return waits->data[0] != '\033' || waits->data[waits->len - 1] != '\033' ||
           (waits->len == 1 && sent < model->bytes.len &&
            strchr("[]P_O", model->bytes.data[sent]));
}

/* Sends it all; after a piece the terminal may hesitate, for as long as ESC
 * is waited for. */
static void send_pieces(struct model *model, struct keys *keys)
{
    const uint8_t *cuts = model->data;
    size_t cut = 0, at = 0;

    while (at < model->bytes.len) {
        uint8_t how = model->size ? cuts[cut++ % model->size] : 0;
        size_t len = how % 9 + 1u;

        if (len > model->bytes.len - at)
            len = model->bytes.len - at;
        buf_add(keys_buffer(keys), model->bytes.data + at, len);
        at += len;
        take_known(model, keys, false);
        if (how & 0x40 && may_hesitate(model, keys, keys_buffer(keys), at)) {
            model->hesitated |= keys_buffer(keys)->len == 1;
            take_known(model, keys, true);
        }
    }
}

static void drop_escapes(uint32_t *codes, size_t *count)
{
    size_t kept = 0;

    for (size_t i = 0; i < *count; i++)
        if (codes[i] != KEY_CODE_ESC)
            codes[kept++] = codes[i];
    *count = kept;
}

static void say_codes(const char *what, const uint32_t *codes, size_t count)
{
    fprintf(stderr, "%s:", what);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, " %X", (unsigned)codes[i]);
    fputc('\n', stderr);
}

static bool is_as_typed(const struct model *model)
{
    if (model->came == model->wanted &&
        !memcmp(model->got, model->want, model->came * sizeof *model->got))
        return true;
    for (size_t i = 0; i < model->bytes.len; i++)
        fprintf(stderr, "%02X ", (unsigned char)model->bytes.data[i]);
    fputc('\n', stderr);
    say_codes("typed", model->want, model->wanted);
    say_codes("taken", model->got, model->came);
    return false;
}

static void known(const uint8_t *data, size_t size)
{
    struct model model = {.data = data, .size = size};
    struct keys *keys = keys_new();

    buf_init(&model.bytes, MIB);
    while (model.at < size && model.bytes.len < BYTES_MOST)
        add_item(&model);
    send_pieces(&model, keys);
    if (model.hesitated) {
        drop_escapes(model.want, &model.wanted);
        drop_escapes(model.got, &model.came);
    }
    REQUIRE(is_as_typed(&model));
    REQUIRE(!keys_wait_us(keys) || model.hesitated);
    buf_free(&model.bytes);
    keys_free(keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    raw(data, size);
    known(data, size);
    return 0;
}
