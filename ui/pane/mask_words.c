/* Sorted lists that are searched by halves: one of words in any case, one of
 * parts in their own letters. What comes goes into a short list beside the
 * long one, so that one name more does not sort all that are known again. */
#include "ui/pane/mask_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/banned.h"

#define FRESH 512 /* words that came, before they are put among all */

struct word {
    char *text;
    void *whom;
};

struct list {
    struct word *words;
    size_t count, room;
};

struct set {
    bool exact; /* its words count in their own letters only */
    struct list all, fresh;
};

struct mask_words {
    struct set whole, parts;
    uint64_t compared;
};

struct mask_words *mask_words_new(void)
{
    struct mask_words *words = xcalloc(1, sizeof *words);

    words->parts.exact = true;
    return words;
}

static void free_list(struct list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->words[i].text);
    free(list->words);
}

void mask_words_free(struct mask_words *words)
{
    if (!words)
        return;
    free_list(&words->whole.all);
    free_list(&words->whole.fresh);
    free_list(&words->parts.all);
    free_list(&words->parts.fresh);
    free(words);
}

uint64_t mask_words_compared(const struct mask_words *words)
{
    return words->compared;
}

/* ---- order ---- */

static unsigned char letter(char c, bool exact)
{
    return (unsigned char)(!exact && c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* How many bytes of word the text, of len bytes, begins with. */
static size_t common(const char *text, size_t len, const char *word,
                     bool exact)
{
    size_t i = 0;

    while (i < len && word[i] &&
           letter(text[i], exact) == letter(word[i], exact))
        i++;
    return i;
}

/* How many words stand before the text, of len bytes, or begin it. */
static size_t place_of(struct mask_words *words, const struct set *set,
                       const struct list *list, const char *text, size_t len)
{
    size_t low = 0, high = list->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *word = list->words[middle].text;
        size_t same = common(text, len, word, set->exact);

        words->compared++;
        if (word[same] && (same == len || letter(text[same], set->exact) <
                                              letter(word[same], set->exact)))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* ---- finding ---- */

static bool is_letter(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || c == '_';
}

static bool stands_alone(const char *text, size_t len)
{
    return !is_letter(text[len - 1]) || !is_letter(text[len]);
}

/* A word that stands before the text without beginning it has all shorter
 * ones that do before it: so much of the text is looked for next. */
static const struct word *longest(struct mask_words *words,
                                  const struct set *set,
                                  const struct list *list, const char *text,
                                  size_t *len)
{
    size_t most = SIZE_MAX;

    while (most) {
        size_t place = place_of(words, set, list, text, most), same;
        const struct word *word;

        if (!place)
            return NULL;
        word = &list->words[place - 1];
        same = common(text, most, word->text, set->exact);
        if (same && !word->text[same] && stands_alone(text, same)) {
            *len = same;
            return word;
        }
        most = word->text[same] ? same : same - 1;
    }
    return NULL;
}

static void look(struct mask_words *words, const struct set *set,
                 const struct list *list, const char *text,
                 const struct word **best, size_t *len)
{
    size_t here = 0;
    const struct word *word = longest(words, set, list, text, &here);

    if (word && here > *len) {
        *best = word;
        *len = here;
    }
}

void *mask_words_find(struct mask_words *words, const char *text, size_t *len)
{
    const struct word *best = NULL;
    size_t most = 0;

    look(words, &words->whole, &words->whole.all, text, &best, &most);
    look(words, &words->whole, &words->whole.fresh, text, &best, &most);
    look(words, &words->parts, &words->parts.all, text, &best, &most);
    look(words, &words->parts, &words->parts.fresh, text, &best, &most);
    if (best)
        *len = most;
    return best ? best->whom : NULL;
}

/* ---- adding ---- */

static void make_room(struct list *list, size_t count)
{
    if (count <= list->room)
        return;
    list->room = count > 2 * list->room ? count : 2 * list->room;
    list->words = xreallocarray(list->words, list->room, sizeof *list->words);
}

static bool is_at(const struct set *set, const struct list *list, size_t place,
                  const char *text, size_t len)
{
    const char *word = place ? list->words[place - 1].text : NULL;

    return word && strlen(word) == len &&
           common(text, len, word, set->exact) == len;
}

/* From the end, so that nothing is overwritten that is still needed. */
static void merge(struct mask_words *words, struct set *set)
{
    struct list *all = &set->all, *fresh = &set->fresh;
    size_t count = all->count + fresh->count, end = count;

    make_room(all, count);
    while (fresh->count) {
        const struct word word = fresh->words[--fresh->count];
        size_t place = place_of(words, set, all, word.text, strlen(word.text));
        size_t later = all->count - place;

        memmove(all->words + end - later, all->words + place,
                later * sizeof *all->words);
        end -= later;
        all->words[--end] = word;
        all->count = place;
    }
    all->count = count;
}

static void put(struct list *list, size_t place, struct word word)
{
    make_room(list, list->count + 1);
    memmove(list->words + place + 1, list->words + place,
            (list->count - place) * sizeof *list->words);
    list->words[place] = word;
    list->count++;
}

void mask_words_add(struct mask_words *words, const char *text, size_t len,
                    bool part, void *whom)
{
    struct set *set = part ? &words->parts : &words->whole;
    size_t place = place_of(words, set, &set->all, text, len);

    if (!len || is_at(set, &set->all, place, text, len))
        return;
    place = place_of(words, set, &set->fresh, text, len);
    if (is_at(set, &set->fresh, place, text, len))
        return;
    put(&set->fresh, place, (struct word){xstrndup(text, len), whom});
    if (set->fresh.count == FRESH)
        merge(words, set);
}
