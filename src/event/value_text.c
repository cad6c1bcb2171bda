/* How a value reads in a sentence: words, counts, money, lengths of time and
 * addresses. It never shows an id, a piece of JSON or a control byte. */
#include <cjson/cJSON.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/uuid.h"
#include "event/property.h"
#include "base/banned.h"

#define WORDS_CELLS 40

/* ASCII only: isalpha() and friends depend on the locale. */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c)
{
    return is_upper(c) || (c >= 'a' && c <= 'z');
}

/* A run of letters and digits that nobody chose: it changes between the two
 * at least three times (cus_KVOGyxGgW21Qe5, 9e91171fc173), or, when long,
 * between cases nearly everywhere. Model names, dates and versions are cut
 * into short runs by their punctuation. */
static bool opaque_run(const char *run, size_t len)
{
    size_t kinds = 0, cases = 0;

    if (len < 10)
        return false;
    for (size_t i = 1; i < len; i++) {
        kinds += is_digit(run[i]) != is_digit(run[i - 1]);
        cases += is_upper(run[i]) != is_upper(run[i - 1]);
    }
    return kinds >= 3 || (len >= 20 && cases * 5 > len * 2);
}

static bool holds_uuid(const char *word, size_t len)
{
    struct uuid uuid;

    for (size_t i = 0; i + 36 <= len; i++)
        if (word[i + 8] == '-' && uuid_parse(word + i, 36, &uuid))
            return true;
    return false;
}

bool words_opaque(const char *word, size_t len)
{
    size_t start = 0;

    if (holds_uuid(word, len))
        return true;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && (is_letter(word[i]) || is_digit(word[i])))
            continue;
        if (opaque_run(word + start, i - start))
            return true;
        start = i + 1;
    }
    return false;
}

/* Text that a program put there, not a person: a piece of JSON, a template
 * that was never filled in, a null that was printed. */
static bool is_fragment(const char *text)
{
    static const char *const printed[] = {"null", "undefined", "NaN",
                                          "[object Object]"};
    size_t len = strlen(text);

    for (size_t i = 0; i < sizeof printed / sizeof *printed; i++)
        if (strcmp(text, printed[i]) == 0)
            return true;
    if (text[0] == '{')
        return text[len - 1] == '}';
    if (text[0] == '"')
        return strstr(text, "\":") != NULL;
    return text[0] == '[' && text[len - 1] == ']' &&
           strspn(text + 1, " 0123456789,.-") == len - 2;
}

/* "failed with {"code":500}" is told without its end. */
static void cut_json(struct buf *text)
{
    static const char *const signs[] = {"{\"", "[\"", "[{", "{{"};
    size_t len = text->len;

    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        const char *at = strstr(text->data, signs[i]);

        if (at && (size_t)(at - text->data) < len)
            len = (size_t)(at - text->data);
    }
    if (len == text->len)
        return;
    while (len > 0 && strchr(" :,(", text->data[len - 1]))
        len--;
    buf_truncate(text, len);
}

/* Copies text with runs of blanks made one, none at the ends, and "…" for
 * words that are ids. False when nothing else is left. */
static bool tidy(struct buf *out, const char *text, size_t len)
{
    bool any = false;

    for (size_t i = 0; i < len;) {
        size_t word = i;

        while (word < len && text[word] == ' ')
            word++;
        i = word;
        while (i < len && text[i] != ' ')
            i++;
        if (i == word)
            break;
        if (out->len > 0)
            buf_addc(out, ' ');
        if (words_opaque(text + word, i - word)) {
            buf_adds(out, "…");
        } else {
            buf_add(out, text + word, i - word);
            any = true;
        }
    }
    return any;
}

/* An identifier of a program: one word of letters, digits and _ $ - . with
 * nothing else in it. */
static bool is_identifier(const char *text)
{
    for (; *text; text++)
        if (!is_letter(*text) && !is_digit(*text) && !strchr("_$-.", *text))
            return false;
    return true;
}

static const char *find_acronym(const char *word, size_t len)
{
    static const char *const known[] = {"AI",  "API", "CSV", "ID", "LLM",
                                        "NPS", "PDF", "SQL", "UI", "URL"};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i]) == len && strncasecmp(known[i], word, len) == 0)
            return known[i];
    return NULL;
}

/* FEATURE_FLAGS shouts; NPS and GPT-4 do not. */
static bool shouts(const char *text)
{
    size_t run = 0, longest = 0;

    for (; *text; text++) {
        if (is_letter(*text) && !is_upper(*text))
            return false;
        run = is_upper(*text) ? run + 1 : 0;
        if (run > longest)
            longest = run;
    }
    return longest >= 4;
}

/* session_replay → session replay, DEFAULT_APP → default app,
 * llm_analytics → LLM analytics, in place. */
static void humanise(char *text)
{
    bool lower = shouts(text), one = !strchr(text, '_');

    while (*text) {
        size_t len = strcspn(text, "_");
        const char *acronym = one ? NULL : find_acronym(text, len);

        for (size_t i = 0; i < len; i++)
            if (acronym)
                text[i] = acronym[i];
            else if (lower)
                text[i] = (char)tolower((unsigned char)text[i]);
        text += len;
        if (*text)
            *text++ = ' ';
    }
}

static bool add_cut(struct buf *out, const char *text,
                    const struct property_value *value)
{
    text_cut(out, text, value->whole ? LIMIT_TEXT : WORDS_CELLS, "…");
    return true;
}

/* Sanitised, tidied and whole; false when nothing worth showing is in it. */
static bool clean_text(struct buf *clean, const char *text)
{
    struct buf raw;
    bool any;

    buf_init(&raw, 4 * LIMIT_TEXT);
    text_sanitise(&raw, text, strlen(text), LIMIT_TEXT);
    any = tidy(clean, raw.data, raw.len);
    cut_json(clean);
    any = any && clean->len > 0 && !is_fragment(clean->data);
    buf_free(&raw);
    return any;
}

static bool text_words(struct buf *out, const struct property_value *value,
                       bool verbatim)
{
    struct buf clean, spaced;
    bool any;

    buf_init(&clean, 4 * LIMIT_TEXT);
    buf_init(&spaced, 4 * LIMIT_TEXT);
    any = clean_text(&clean, value->text);
    if (any && !verbatim && is_identifier(clean.data)) {
        humanise(clean.data);
        any = tidy(&spaced, clean.data, clean.len);
        add_cut(out, any ? spaced.data : "", value);
    } else if (any) {
        add_cut(out, clean.data, value);
    }
    buf_free(&clean);
    buf_free(&spaced);
    return any;
}

bool value_words(struct buf *out, const struct property_value *value,
                 bool verbatim)
{
    switch (value->kind) {
    case PROPERTY_TEXT:
        return text_words(out, value, verbatim);
    case PROPERTY_BOOL:
        return buf_adds(out, value->truth ? "yes" : "no");
    case PROPERTY_NUMBER:
        return value_text(out, value);
    case PROPERTY_MISSING:
    case PROPERTY_LIST:
    case PROPERTY_OBJECT:
        break;
    }
    return false;
}

/* Where the next word of InsightVizNode begins: at a capital after a small
 * letter, or at the last of several capitals. */
static size_t hump(const char *text, size_t len)
{
    size_t at = 1;

    while (at < len &&
           !(is_upper(text[at]) && (!is_upper(text[at - 1]) ||
                                    (at + 1 < len && is_letter(text[at + 1]) &&
                                     !is_upper(text[at + 1])))))
        at++;
    return at;
}

/* WebOverview → web overview; LLMTraces → LLM traces. */
static void add_humps(struct buf *out, const char *text, size_t len)
{
    while (len > 0) {
        size_t cut = hump(text, len);
        bool acronym = cut > 1 && is_upper(text[1]);

        for (size_t i = 0; i < cut; i++)
            buf_addc(out, acronym ? text[i]
                                  : (char)tolower((unsigned char)text[i]));
        text += cut;
        len -= cut;
        if (len > 0)
            buf_addc(out, ' ');
    }
}

/* The length of text without that ending; 0: it does not end so, or is
 * nothing else. */
static size_t without(const char *text, const char *ending)
{
    size_t len = strlen(text), cut = strlen(ending);

    return len > cut && strcmp(text + len - cut, ending) == 0 ? len - cut : 0;
}

bool value_kind_words(struct buf *out, const struct property_value *value)
{
    struct buf words;
    size_t len;

    if (value->kind != PROPERTY_TEXT || !is_identifier(value->text))
        return value_words(out, value, false);
    if (without(value->text, "Node"))
        return false;
    len = without(value->text, "Query");
    if (!len || !is_upper(value->text[0]) || len > LIMIT_TEXT)
        return value_words(out, value, false);
    buf_init(&words, 4 * LIMIT_TEXT);
    if (len == strlen("HogQL") && strncmp(value->text, "HogQL", len) == 0)
        buf_adds(&words, "SQL");
    else
        add_humps(&words, value->text, len);
    add_cut(out, words.data, value);
    buf_free(&words);
    return true;
}
