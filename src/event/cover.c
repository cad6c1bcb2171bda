/* Names of what must not be kept, and finding them in keys. It sees keys
 * only: what becomes of their values is redact.c's affair. */
#include "event/cover.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "event/redact.h"

#include "base/banned.h"

#define PAIRS 1024 /* places of pair_of() */

struct cover {
    char *list;
    bool first[256];    /* characters that a name begins with */
    const char **names; /* into list */
    size_t count;
    bool all;          /* the quick look cannot tell: look at every key */
    bool prompts;      /* AI names are judged by their words, too */
    bool pairs[PAIRS]; /* and first two of them: see pair_of() */
    bool ends[256];    /* what stands in front of a word */
    bool begins[256];  /* what begins one wherever it stands */
    bool cuts[256];    /* what cover_cut() has to look at */
};

static char upper(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') ||
           (c & 0x80) || c == '_' || c == '-' || c == '$';
}

/* Of the characters at `at`, in any case; two others may share it. */
static size_t pair_of(const char *at)
{
    return ((at[0] & 0x1fu) << 5 | (at[1] & 0x1fu));
}

/* ---- the list ---- */

/* What a name begins with in text: behind its marks, whose like spelled()
 * passes over; one of nothing else is everywhere. */
static void note_cut(struct cover *cover, const char *name)
{
    name += strspn(name, "$*");
    name += strspn(name, "_-");
    for (int c = 0; c < 256; c++)
        cover->cuts[c] |= !*name || *name == '*' ||
                          ascii_lower((char)c) == ascii_lower(*name);
}

static void note_name(struct cover *cover, const char *name)
{
    cover->pairs[pair_of(name)] = true;
    cover->first[(unsigned char)name[0]] = true;
    cover->first[(unsigned char)upper(name[0])] = true;
    cover->first[(unsigned char)ascii_lower(name[0])] = true;
    for (int i = 0; i < 2; i++)
        cover->all |= !is_word(name[i]) || strchr("_-", name[i]);
    cover->all |= strchr(name, '*') != NULL;
}

static void add_names(struct cover *cover, char *at)
{
    while (*(at += strspn(at, " \t\r\n,"))) {
        cover->names[cover->count++] = at;
        at += strcspn(at, " \t\r\n,");
        if (*at)
            *at++ = '\0';
        note_name(cover, cover->names[cover->count - 1]);
        note_cut(cover, cover->names[cover->count - 1]);
    }
}

static void set_class(struct cover *cover, char c)
{
    cover->ends[(unsigned char)c] = !is_word(c) || strchr("_-$", c);
    cover->begins[(unsigned char)c] = c == '$' || is_upper(c);
}

struct cover *cover_new(const char *list, bool prompts)
{
    struct cover *cover = xcalloc(1, sizeof *cover);
    struct buf all;

    buf_init(&all, strlen(list) + sizeof REDACT_DEFAULT + 8);
    buf_adds(&all, list);
    if (prompts)
        buf_adds(&all, " " REDACT_DEFAULT);
    cover->list = xstrdup(all.data);
    buf_free(&all);
    cover->names = xcalloc(strlen(cover->list) / 2 + 1, sizeof *cover->names);
    cover->prompts = prompts;
    for (int c = 0; c < 256; c++)
        set_class(cover, (char)c);
    add_names(cover, cover->list);
    cover->cuts['%'] = cover->cuts['\\'] = true; /* hidden letters */
    if (prompts) {
        note_cut(cover, "ai");
        note_name(cover, "$ai");
        note_name(cover, "ai"); /* some senders lose the '$' */
    }
    return cover;
}

void cover_free(struct cover *cover)
{
    if (!cover)
        return;
    free(cover->names);
    free(cover->list);
    free(cover);
}

/* ---- a name ---- */

/* How many bytes at `at` are the name of len bytes, in any case and without
 * regard to what joins its words; 0: they are another. */
static size_t spelled(const char *name, size_t len, const char *at,
                      const char *end)
{
    const char *from = at, *stop = name + len;

    if (len > 4 && strncmp(name, "$ai_", 4) == 0 && at < end && *at != '$')
        name++;
    for (; name < stop; name++) {
        if (*name == '_' || *name == '-')
            continue;
        while (at < end && at > from && (*at == '_' || *at == '-'))
            at++;
        if (at == end || ascii_lower(*at) != ascii_lower(*name))
            return 0;
        at++;
    }
    return (size_t)(at - from);
}

static bool is_glob(const char *name, const char *at, size_t len)
{
    struct buf copy;
    bool same;

    buf_init(&copy, len);
    buf_add(&copy, at, len);
    same = text_glob(name, copy.data);
    buf_free(&copy);
    return same;
}

/* "prompt_0" and "prompt1" are parts of it. */
static bool is_name(const char *name, const char *at, size_t len)
{
    size_t used;

    if (strchr(name, '*'))
        return is_glob(name, at, len);
    used = spelled(name, strlen(name), at, at + len);
    while (used && used < len &&
           (strchr("_-", at[used]) || is_digit(at[used])))
        used++;
    return used && used == len;
}

static bool is_listed(const struct cover *cover, const char *at, size_t len)
{
    for (size_t i = 0; i < cover->count; i++)
        if (is_name(cover->names[i], at, len))
            return true;
    return false;
}

/* ---- names of AI events ---- */

/* Words in names of properties that hold what somebody wrote or read. */
static const char *const telling[] = {"prompt",     "input",   "output",
                                      "message",    "content", "question",
                                      "query",      "choice",  "response",
                                      "completion", "tools",   "reasoning",
                                      "feedback",   "state",   "instruction"};

static bool tells(const char *at, const char *end)
{
    for (; at < end; at++)
        for (size_t i = 0; i < sizeof telling / sizeof *telling; i++)
            if (spelled(telling[i], strlen(telling[i]), at, end))
                return true;
    return false;
}

/* What is left of "$ai_model", "ai_model", "$aiModel"; NULL: it is none. */
static const char *after_ai(const char *at, size_t len)
{
    const char *rest = at + (len && *at == '$');

    if (at + len - rest < 3 || strncasecmp(rest, "ai", 2) != 0)
        return NULL;
    if (rest[2] == '_')
        return rest + 3;
    return is_upper(rest[2]) ? rest + 2 : NULL;
}

/* "user_prompt", "systemPrompts" */
static bool is_some_prompt(const char *at, size_t len)
{
    static const char prompt[] = "prompt";
    size_t word = sizeof prompt - 1;

    if (len && ascii_lower(at[len - 1]) == 's')
        len--;
    if (len < word || strncasecmp(at + len - word, prompt, word) != 0)
        return false;
    at += len - word;
    return len == word || strchr("_-", at[-1]) || is_upper(*at);
}

static enum covered judge_ai(const char *at, size_t len)
{
    const char *rest = after_ai(at, len);

    if (is_some_prompt(at, len))
        return COVERED_TEXT;
    if (!rest)
        return COVERED_NO;
    if (tells(rest, at + len))
        return COVERED_TEXT;
    return *at == '$' ? COVERED_NESTED : COVERED_LONG;
}

/* ---- a step of a path ---- */

/* "properties_prompt": the name behind a container that is joined to it. */
static size_t container(const char *at, size_t len)
{
    static const char *const names[] = {"event_properties_", "properties_",
                                        "person_properties_", "props_"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t name = strlen(names[i]);

        if (len > name && strncasecmp(at, names[i], name) == 0)
            return name;
    }
    return 0;
}

static enum covered judge_step(const struct cover *cover, const char *at,
                               size_t len)
{
    size_t skip = container(at, len);
    enum covered covered;

    if (is_listed(cover, at, len))
        return COVERED_ALL;
    covered = cover->prompts ? judge_ai(at, len) : COVERED_NO;
    if (skip && covered == COVERED_NO)
        return judge_step(cover, at + skip, len - skip);
    return covered;
}

/* The length of the step at `at`: to a mark, a "__" or a '$' of its own. */
static size_t step_len(const char *at, const char *end)
{
    const char *from = at;

    while (at < end && is_word(*at) && (at == from || *at != '$') &&
           !(at > from && at + 1 < end && at[0] == '_' && at[1] == '_'))
        at++;
    return (size_t)(at - from);
}

enum covered cover_judge(const struct cover *cover, const char *key,
                         size_t len)
{
    const char *at = key, *end = key + len;
    enum covered worst = COVERED_NO, covered;

    if (is_listed(cover, key, len))
        return COVERED_ALL;
    while (at < end) {
        size_t step;

        if (!is_word(*at) || *at == '_' || *at == '-') {
            at++;
            continue;
        }
        step = step_len(at, end);
        covered = judge_step(cover, at, step);
        if (covered > worst)
            worst = covered;
        at += step;
    }
    return worst;
}

/* True if a name begins like what stands at `at`. */
static bool begins_alike(const struct cover *cover, const char *at)
{
    static const char *const stems[] = {"$ai", "ai"};

    for (size_t i = 0; cover->prompts && i < 2; i++)
        if (ascii_lower(at[0]) == stems[i][0] &&
            ascii_lower(at[1]) == stems[i][1] &&
            (i || ascii_lower(at[2]) == 'i'))
            return true;
    for (size_t i = 0; i < cover->count; i++) {
        const char *name = cover->names[i];
        int same = 0;

        while (same < 4 && name[same] && strchr("_-", name[same]) == NULL &&
               ascii_lower(name[same]) == ascii_lower(at[same]))
            same++;
        if (same == 4 || !name[same] || strchr("_-", name[same]))
            return true;
    }
    return false;
}

/* Every step is looked at from its first two characters on. */
bool cover_may(const struct cover *cover, const char *key, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (cover->first[(unsigned char)key[i]] &&
            cover->pairs[pair_of(key + i)] &&
            (!i || cover->ends[(unsigned char)key[i - 1]] ||
             cover->begins[(unsigned char)key[i]]) &&
            begins_alike(cover, key + i))
            return true;
    return cover->all;
}

/* ---- text of no notation ---- */

/* A letter that is written as %70 or \u0070, maybe of such a name. */
static bool is_hidden_letter(const char *at, const char *end)
{
    size_t skip = *at == '%' ? 1 : 4;
    int high, low;

    if (*at == '\\' && (end - at < 4 || memcmp(at, "\\u00", 4) != 0))
        return false;
    if ((*at != '%' && *at != '\\') || (size_t)(end - at) < skip + 2)
        return false;
    high = hex_digit(at[skip]);
    low = hex_digit(at[skip + 1]);
    return high >= 0 && low >= 0 && high < 8 && high * 16 + low != '$' &&
           is_word((char)(high * 16 + low));
}

/* How many bytes at `at` are a covered name, or its beginning; 0: none. */
static size_t begins_name(const struct cover *cover, const char *at,
                          const char *end)
{
    if (cover->prompts && ascii_lower(*at) == 'a' && end - at > 2 &&
        ascii_lower(at[1]) == 'i' && (at[2] == '_' || is_upper(at[2])))
        return 3;
    for (size_t i = 0; i < cover->count; i++) {
        /* '$' may be written as %24 or \u0024 */
        const char *name = cover->names[i] + strspn(cover->names[i], "$*");
        size_t len = strcspn(name, "*");
        size_t used = len ? spelled(name, len, at, end) : 1;

        if (used)
            return used;
    }
    return 0;
}

/* True if a value follows a name that goes on at `at`. */
static bool is_key(const char *at, const char *end)
{
    while (at < end && is_word(*at))
        at++;
    while (at < end && strchr("\\\"' ])", *at))
        at++;
    return at < end && (*at == ':' || *at == '=');
}

size_t cover_cut(const struct cover *cover, const char *text, size_t len,
                 bool keys)
{
    const char *end = text + len;
    size_t used;

    if (!cover->count)
        return len;
    for (const char *at = text; at < end; at++) {
        if (!cover->cuts[(unsigned char)*at])
            continue;
        used = begins_name(cover, at, end);
        if ((used && (!keys || is_key(at + used, end))) ||
            (!keys && is_hidden_letter(at, end)))
            return (size_t)(at - text);
    }
    return len;
}
