/* Texts without names: sentences, messages, filters. Who is who is mask.c's. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ui/pane/mask.h"
#include "ui/pane/mask_internal.h"
#include "base/banned.h"

#define QUOTE "“"
#define UNQUOTE "”"
#define NOTHING "…"
#define TEXT_BYTES 8192

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z') || c == '_' || (c & 0x80);
}

static bool starts(const char *text, const char *with)
{
    return !strncmp(text, with, strlen(with));
}

/* ---- pieces of a text; each gives the bytes it took, 0: it is none ---- */

/* “…” in whatever quotes; an end that was cut off ends with the text. */
static size_t add_quoted(struct buf *out, const char *text)
{
    const char *end;

    if (starts(text, QUOTE)) {
        end = strstr(text, UNQUOTE);
        buf_adds(out, QUOTE NOTHING UNQUOTE);
        return end ? (size_t)(end - text) + strlen(UNQUOTE) : strlen(text);
    }
    if (*text != '"' || !(end = strchr(text + 1, '"')))
        return 0;
    buf_adds(out, "\"" NOTHING "\"");
    return (size_t)(end - text) + 1;
}

static void add_names(struct buf *out, const char *text, size_t len);

/* https://host/… as host, which may name somebody itself. */
static size_t add_address(struct buf *out, const char *text)
{
    size_t scheme = strspn(text, "abcdefghijklmnopqrstuvwxyz"), len, host;

    if (!scheme || !starts(text + scheme, "://"))
        return 0;
    scheme += 3;
    len = strcspn(text + scheme, " \"<>");
    host = strcspn(text + scheme, "/?# \"<>");
    if (host > len)
        host = len;
    if (memchr(text + scheme, '@', host))
        buf_adds(out, NOTHING);
    else
        add_names(out, text + scheme, host);
    return scheme + len;
}

static size_t mail_length(const char *text)
{
    size_t before = strcspn(text, " \"<>(),;:@/"), after;

    if (!before || text[before] != '@')
        return 0;
    after = strcspn(text + before + 1, " \"<>(),;:@/");
    while (after && !is_word(text[before + after]))
        after--; /* a sentence ends behind it */
    return after ? before + 1 + after : 0;
}

static size_t add_mail(struct buf *out, const char *text)
{
    size_t len = mail_length(text), word;
    const char *who = len ? mask_word_at(text, &word) : NULL;

    if (!len)
        return 0;
    buf_adds(out, who ? who : NOTHING);
    return len;
}

static size_t add_name(struct buf *out, const char *text, size_t left)
{
    size_t len = 0;
    const char *who = mask_word_at(text, &len);

    if (!who || len > left)
        return 0;
    buf_adds(out, who);
    return len;
}

/* Names alone, in the first len bytes. */
static void add_names(struct buf *out, const char *text, size_t len)
{
    size_t at = 0;

    while (at < len) {
        bool begins = !at || !is_word(text[at - 1]) || (text[at] & 0x80);
        size_t took = begins ? add_name(out, text + at, len - at) : 0;

        if (!took)
            buf_addc(out, text[at++]);
        at += took;
    }
}

bool mask_add(struct buf *out, const char *text)
{
    size_t len = strlen(text), at = 0;

    if (!mask_on())
        return buf_adds(out, text);
    while (at < len) {
        bool begins = !at || !is_word(text[at - 1]);
        size_t took = add_quoted(out, text + at);

        if (!took && begins)
            took = add_address(out, text + at);
        if (!took && begins)
            took = add_mail(out, text + at);
        if (!took && (begins || (text[at] & 0x80)))
            took = add_name(out, text + at, len - at);
        if (!took)
            buf_addc(out, text[at++]);
        at += took;
    }
    return buf_ok(out);
}

int mask_draw(struct draw *draw, int y, int x, int cells, enum role role,
              const char *text)
{
    struct buf masked;
    int used;

    if (!mask_on())
        return draw_cut(draw, y, x, cells, role, text);
    buf_init(&masked, TEXT_BYTES);
    mask_add(&masked, text);
    used = draw_cut(draw, y, x, cells, role, masked.data);
    buf_free(&masked);
    return used;
}

const char *mask_own_words(const char *text)
{
    return mask_on() ? NOTHING : text;
}

bool mask_add_value(struct buf *out, const char *value, bool is_string)
{
    size_t word = 0;
    const char *who;

    if (!mask_on())
        return buf_adds(out, value);
    who = mask_word_at(value, &word);
    if (who && !value[word])
        return buf_adds(out, who);
    return buf_adds(out, is_string ? NOTHING : value);
}

bool mask_hides(const char *text)
{
    size_t word;

    for (const char *at = text; mask_on() && *at; at++)
        if ((at == text || !is_word(at[-1]) || (*at & 0x80)) &&
            (mask_word_at(at, &word) || mail_length(at)))
            return true;
    return false;
}

/* ---- filters ---- */

/* Their values are words of the language, numbers or times. */
static bool names_nobody(const char *field)
{
    static const char *const fields[] = {"category", "tone",   "has",
                                         "hidden",   "source", "signal",
                                         "age",      "since",  "amount",
                                         "time",     "event",  "segment"};

    for (size_t i = 0; field && i < sizeof fields / sizeof *fields; i++)
        if (!strcmp(field, fields[i]))
            return true;
    return false;
}

static const char *known(const char *field, const char *value)
{
    if (!strcmp(field, "account"))
        return mask_known(MASK_ACCOUNT, value);
    if (!strcmp(field, "person"))
        return mask_known(MASK_PERSON, value);
    if (!strcmp(field, "owner"))
        return mask_known(MASK_OWNER, value);
    return NULL;
}

static void show_value(void *ctx, struct buf *out, const char *field,
                       const char *value)
{
    const char *who = field ? known(field, value) : NULL;

    (void)ctx;
    if (who)
        query_add_value(out, who);
    else if (names_nobody(field) || (field && !strcmp(value, "me")))
        query_add_value(out, value);
    else
        buf_adds(out, NOTHING);
}

bool mask_add_query(struct buf *out, const char *text)
{
    struct query *query;

    if (!mask_on())
        return buf_adds(out, text);
    query = query_parse(text, NULL);
    if (query)
        query_add_shown(out, query, show_value, NULL);
    else
        buf_adds(out, NOTHING);
    query_free(query);
    return buf_ok(out);
}

/* The number in "Account 2", with its quotes, or A2; 0: it is neither. */
static size_t number_at(const char *text, enum mask_kind kind, size_t *len)
{
    const char *name = mask_kind_name(kind), *at = text;
    bool quoted = *at == '"';
    size_t number = 0;

    at += quoted;
    if (quoted && starts(at, name) && at[strlen(name)] == ' ')
        at += strlen(name) + 1;
    else if (!quoted && *at == *name)
        at++;
    else
        return 0;
    while (*at >= '0' && *at <= '9' && number < 1000000)
        number = number * 10 + (size_t)(*at++ - '0');
    if (quoted ? *at++ != '"' : is_word(*at))
        return 0;
    *len = (size_t)(at - text);
    return number;
}

static size_t reveal(struct buf *out, const char *text)
{
    for (enum mask_kind kind = 0; kind < MASK_KINDS; kind++) {
        size_t len = 0;
        const char *real = mask_real(kind, number_at(text, kind, &len));

        if (real) {
            query_add_value(out, real);
            return len;
        }
    }
    return 0;
}

bool mask_reveal_query(struct buf *out, const char *text)
{
    bool value = false; /* behind : = ~ or a comma of such a list */

    while (mask_on() && *text) {
        size_t took = value ? reveal(out, text) : 0;

        value = strchr(":=~,", *text) != NULL;
        if (!took)
            buf_addc(out, *text++);
        text += took;
    }
    return buf_adds(out, text);
}
