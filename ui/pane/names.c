/* Shortening of names and sentences. Text in, text out; it draws nothing. */
#include "ui/pane/names.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "ui/pane/mask.h"
#include "base/banned.h"

#define DETAIL " · "
#define DETAIL_CELLS 8
#define DOT "·"
#define DOT_BYTES (sizeof DOT - 1)

static const char *const legal_forms[] = {"Inc.", "Inc",    "Ltd.", "Ltd",
                                          "LLC",  "L.L.C.", "GmbH", "AG",
                                          "SA",   "S.A.",   "SAS",  "SARL",
                                          "S.L.", "B.V.",   "BV",   "Oy",
                                          "AB",   "A/S",    "ApS",  "KG",
                                          "PLC",  "plc",    "Corp", "Corp.",
                                          "Co.",  "S.p.A.", "Pty",  "K.K."};
static const char *const legal_heads[] = {"株式会社", "有限会社", "合同会社",
                                          "(株)"};
/* Words that no name ends in. */
static const char *const dangling[] = {"&",   "+",   "-",   "–",   "of",
                                       "and", "the", "de",  "du",  "des",
                                       "da",  "di",  "do",  "dos", "et",
                                       "y",   "e",   "la",  "le",  "el",
                                       "al",  "bin", "van", "von", "der",
                                       "den", "ter", "und", "zu"};

static bool is_one_of(const char *word, size_t len, const char *const *list,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(list[i]) == len && !memcmp(list[i], word, len))
            return true;
    return false;
}
#define IS_ONE_OF(word, len, list)                                            \
    is_one_of(word, len, list, sizeof(list) / sizeof *(list))

static size_t trim_end(const char *text, size_t len)
{
    while (len && strchr(" ,;:-", text[len - 1]))
        len--;
    return len;
}

/* Start of the last word in text. */
static size_t last_word(const char *text, size_t len)
{
    while (len && text[len - 1] != ' ')
        len--;
    return len;
}

/* The range of name without its legal form, at either end. */
static size_t without_form(const char **name)
{
    size_t len = strlen(*name);
    size_t word;

    for (size_t i = 0; i < sizeof legal_heads / sizeof *legal_heads; i++) {
        size_t head = strlen(legal_heads[i]);

        if (len > head && !memcmp(*name, legal_heads[i], head)) {
            *name += head;
            *name += strspn(*name, " ");
            return strlen(*name);
        }
        if (len > head && !memcmp(*name + len - head, legal_heads[i], head))
            return trim_end(*name, len - head);
    }
    word = last_word(*name, len);
    while (word && IS_ONE_OF(*name + word, len - word, legal_forms)) {
        len = trim_end(*name, word);
        word = last_word(*name, len);
    }
    return len;
}

/* The longest run of leading words that fits; 0: not even the first. */
static size_t leading_words(const char *name, size_t len, int cells)
{
    while (len && text_width_n(name, len) > cells) {
        len = trim_end(name, last_word(name, len));
        while (len) {
            size_t word = last_word(name, len);

            if (!IS_ONE_OF(name + word, len - word, dangling))
                break;
            len = trim_end(name, word);
        }
    }
    return len;
}

static void shorten(struct buf *out, const char *name, size_t len, int cells)
{
    size_t words = leading_words(name, len, cells);
    char copy[512];

    if (words) {
        buf_add(out, name, words);
        return;
    }
    if (len >= sizeof copy)
        len = text_fit(name, len, cells + 1, NULL);
    if (len >= sizeof copy)
        return;
    memcpy(copy, name, len);
    copy[len] = '\0';
    text_cut(out, copy, cells, "…");
}

void name_account(struct buf *out, const char *id, const char *name,
                  bool listed, int cells)
{
    size_t len;

    if ((!name || !*name) && !id) {
        buf_adds(out, "-");
        return;
    }
    if (!listed) {
        buf_addc(out, '(');
        name_account(out, id, name, true, cells - 2);
        buf_addc(out, ')');
        return;
    }
    name = mask_account(id, name, cells);
    len = strlen(name);
    if (text_width(name) > cells)
        len = without_form(&name);
    shorten(out, name, len, cells);
}

void name_person(struct buf *out, const char *id, const char *name, int cells)
{
    bool address = name && strchr(name, '@');

    name =
        mask_person(id, address ? NULL : name, address ? name : NULL, cells);
    if (!name || !*name)
        buf_adds(out, "-");
    else
        shorten(out, name, strlen(name), cells);
}

void name_of_person(struct buf *out, const struct ring *ring,
                    const struct record *record, int cells)
{
    const char *name = ring_text(ring, record->row.person);
    const char *email = ring_text(ring, record->row.email);
    const char *id = ring_text(ring, record->row.person_id);

    if (mask_on()) {
        name = mask_person(id, name, email, cells);
        buf_adds(out, name ? name : "-");
        return;
    }
    if (!name && email) {
        shorten(out, email, strcspn(email, "@"), cells);
        return;
    }
    if (!name)
        name = id;
    name_person(out, id, name, cells);
}

/* "2, 3" has two words, "$1,284.50" one. */
static bool ends_word(const char *at)
{
    return *at == ' ' || (strchr(",;:", *at) && at[1] == ' ');
}

/* Behind a word, unless that gives up a quarter of what fits. A head without
 * its detail is whole. */
static void cut_at_word(struct buf *out, const char *sentence, int cells)
{
    size_t len = strlen(sentence), fits, end;

    if (cells < 2 || text_width(sentence) <= cells) {
        text_cut(out, sentence, cells, "…");
        return;
    }
    fits = end = text_fit(sentence, len, cells - 1, NULL);
    while (end && !ends_word(sentence + end))
        end--;
    if (text_width_n(sentence, end) < cells - cells / 4)
        end = fits;
    end = trim_end(sentence, end);
    if (end >= DOT_BYTES &&
        !memcmp(sentence + end - DOT_BYTES, DOT, DOT_BYTES))
        end = trim_end(sentence, end - DOT_BYTES);
    buf_add(out, sentence, end);
    if (strncmp(sentence + end, DETAIL, strlen(DETAIL)) != 0)
        buf_adds(out, "…");
}

static void fit_sentence(struct buf *out, const char *sentence, int cells)
{
    const char *detail = strstr(sentence, DETAIL);
    int head;

    if (text_width(sentence) > cells && detail) {
        head = text_width_n(sentence, (size_t)(detail - sentence));
        if (head <= cells && cells - head - 3 < DETAIL_CELLS) {
            buf_add(out, sentence, (size_t)(detail - sentence));
            return;
        }
    }
    cut_at_word(out, sentence, cells);
}

void name_sentence(struct buf *out, const char *sentence, int cells)
{
    struct buf masked;

    buf_init(&masked, LIMIT_BODY);
    mask_add(&masked, sentence);
    fit_sentence(out, masked.data, cells);
    buf_free(&masked);
}
