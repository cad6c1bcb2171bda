/* A list is written by hand, and in many ways: what is understood is made
 * alike here, what would match nothing is refused instead of kept. */
#include "config/list.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "base/banned.h"

#define SEPARATORS " \t\r\n,;"
/* Plain and curled quotes, as bytes of UTF-8. */
static const char *const quotes[] = {"\"",
                                     "'",
                                     "`",
                                     "\xe2\x80\x98",
                                     "\xe2\x80\x99",
                                     "\xe2\x80\x9c",
                                     "\xe2\x80\x9d",
                                     "\xe2\x80\x9e"};
#define QUOTES (sizeof quotes / sizeof *quotes)

/* A word in a text, not ended by a NUL. */
struct word {
    const char *text;
    size_t len;
};

static bool begins(const struct word *word, const char *with)
{
    size_t len = strlen(with);

    return word->len >= len && memcmp(word->text, with, len) == 0;
}

static bool ends(const struct word *word, const char *with)
{
    size_t len = strlen(with);

    return word->len >= len &&
           memcmp(word->text + word->len - len, with, len) == 0;
}

static void skip(struct word *word, size_t len)
{
    word->text += len;
    word->len -= len;
}

static void unquote(struct word *word)
{
    for (size_t i = 0; i < QUOTES; i++) {
        if (begins(word, quotes[i])) {
            skip(word, strlen(quotes[i]));
            i = (size_t)-1;
        } else if (ends(word, quotes[i])) {
            word->len -= strlen(quotes[i]);
            i = (size_t)-1;
        }
    }
}

/* Without a scheme in front and a path behind. */
static void cut_to_host(struct word *word)
{
    for (size_t i = 0; i + 3 <= word->len; i++)
        if (memcmp(word->text + i, "://", 3) == 0) {
            skip(word, i + 3);
            break;
        }
    for (size_t i = 0; i < word->len; i++)
        if (strchr("/?#", word->text[i])) {
            word->len = i;
            break;
        }
    while (ends(word, "."))
        word->len--;
}

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || strchr("-._", c) ||
           (unsigned char)c >= 0x80;
}

/* Bytes of a name with dots that are neither first nor doubled. */
static size_t name_len(const char *text, size_t len)
{
    size_t at = 0;

    while (at < len && is_host_char(text[at]) &&
           !(text[at] == '.' && (!at || text[at - 1] == '.')))
        at++;
    return at;
}

static bool refuse(const struct word *word, const char *what, struct err *err)
{
    return err_set(err, "\"%.*s\" is no %s",
                   (int)(word->len < 80 ? word->len : 80), word->text, what);
}

/* The domain of an address without the address. */
static bool clean_domain(struct word *word, struct err *err)
{
    struct word given = *word;

    cut_to_host(word);
    if (begins(word, "@"))
        skip(word, 1);
    if (begins(word, "*."))
        skip(word, 1);
    if (begins(word, "."))
        skip(word, 1);
    return (word->len && name_len(word->text, word->len) == word->len &&
            memchr(word->text, '.', word->len)) ||
           refuse(&given, "domain, like team.example", err);
}

/* "host", "host:port", "*.host", "[::1]:8000". */
static bool clean_host(struct word *word, struct err *err)
{
    struct word given = *word, name;
    size_t len;

    cut_to_host(word);
    name = *word;
    if (begins(&name, "*."))
        skip(&name, 2);
    if (begins(&name, "[")) {
        const char *end = memchr(name.text, ']', name.len);

        len = end ? (size_t)(end - name.text) + 1 : 0;
    } else {
        len = name_len(name.text, name.len);
    }
    if (len && len < name.len && name.text[len] == ':') {
        size_t digits = 0;

        skip(&name, len + 1);
        while (digits < name.len && name.text[digits] >= '0' &&
               name.text[digits] <= '9')
            digits++;
        len = digits <= 5 ? digits : 0;
    }
    return (len && len == name.len) ||
           refuse(&given, "host, like posthog.team.example", err);
}

static bool is_choice(const struct word *word, const char *choices)
{
    while (*choices) {
        size_t len = strcspn(choices, "|");

        if (len == word->len && memcmp(choices, word->text, len) == 0)
            return true;
        choices += len;
        choices += *choices == '|';
    }
    return false;
}

static bool clean(enum config_type type, const char *limits, struct word *word,
                  struct err *err)
{
    unquote(word);
    if (!word->len)
        return true;
    switch (type) {
    case CONFIG_DOMAINS:
        return clean_domain(word, err);
    case CONFIG_HOSTS:
        return clean_host(word, err);
    case CONFIG_CHOICES:
        return is_choice(word, limits) ||
               err_set(err, "\"%.*s\" is none of %s",
                       (int)(word->len < 80 ? word->len : 80), word->text,
                       limits);
    default:
        return true;
    }
}

static void add(struct buf *out, enum config_type type,
                const struct word *word)
{
    bool small = type == CONFIG_DOMAINS || type == CONFIG_HOSTS;

    if (out->len)
        buf_addc(out, ' ');
    for (size_t i = 0; i < word->len; i++) {
        char c = word->text[i];

        buf_addc(out,
                 small && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
}

bool list_read(enum config_type type, const char *limits, const char *text,
               struct buf *out, struct err *err)
{
    while (*(text += strspn(text, SEPARATORS))) {
        struct word word = {text, strcspn(text, SEPARATORS)};

        text += word.len;
        if (!clean(type, limits, &word, err))
            return false;
        if (word.len)
            add(out, type, &word);
    }
    return true;
}
