/* Who has which number, and which words betray them. What is done with whole
 * texts is mask_text.c's, how words are found mask_words.c's.
 *
 * A key is what somebody is looked up by (id, name, address), with the kind
 * in front; a word is what is looked for in texts. */
#include "ui/pane/mask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "base/limits.h"
#include "base/mem.h"
#include "ui/pane/mask_internal.h"
#include "ui/pane/mask_words.h"
#include "base/banned.h"

#define LABEL 24
#define KEY_BYTES 520
#define NEWEST 1000 /* events, of whom a notice may tell */

struct masked {
    enum mask_kind kind;
    char whole[LABEL], brief[LABEL]; /* "Person 14", "P14" */
    char *real;                      /* what a filter asks for */
};

static const char *const kinds[MASK_KINDS] = {"Account", "Person", "Owner"};

static struct {
    bool on;
    struct intern *keys; /* made when first needed */
    struct masked **by_key;
    size_t key_room;
    struct masked **list[MASK_KINDS];
    size_t count[MASK_KINDS], room[MASK_KINDS], total;
    struct mask_words *words; /* made when first needed */
    const struct book *book;  /* learnt */
    size_t accounts;
} mask;

/* Beyond LIMIT_MASKED nobody has a number any more. */
static struct masked nameless[MASK_KINDS] = {
    [MASK_ACCOUNT] = {MASK_ACCOUNT, "Account", "A", NULL},
    [MASK_PERSON] = {MASK_PERSON, "Person", "P", NULL},
    [MASK_OWNER] = {MASK_OWNER, "Owner", "O", NULL}};

bool mask_on(void)
{
    return mask.on;
}

void mask_set(bool on)
{
    mask.on = on;
}

void mask_forget(void)
{
    bool on = mask.on;

    for (int kind = 0; kind < MASK_KINDS; kind++) {
        for (size_t i = 0; i < mask.count[kind]; i++) {
            free(mask.list[kind][i]->real);
            free(mask.list[kind][i]);
        }
        free(mask.list[kind]);
    }
    mask_words_free(mask.words);
    free(mask.by_key);
    if (mask.keys)
        intern_free(mask.keys);
    memset(&mask, 0, sizeof mask);
    mask.on = on;
}

/* ---- keys ---- */

static void key_of(enum mask_kind kind, const char *text, char out[KEY_BYTES])
{
    snprintf(out, KEY_BYTES, "%c%s", kinds[kind][0], text);
}

static struct masked *by_key(enum mask_kind kind, const char *text)
{
    char key[KEY_BYTES];
    uint32_t id;

    if (!mask.keys || !text)
        return NULL;
    key_of(kind, text, key);
    id = intern_find(mask.keys, key);
    return id ? mask.by_key[id] : NULL;
}

static void add_key(enum mask_kind kind, const char *text, struct masked *whom)
{
    char key[KEY_BYTES];
    uint32_t id;

    if (!mask.keys)
        mask.keys = intern_new();
    key_of(kind, text, key);
    id = intern_take(mask.keys, key);
    if (id >= mask.key_room) {
        size_t room = id * (size_t)2 + 64;

        mask.by_key = xreallocarray(mask.by_key, room, sizeof *mask.by_key);
        memset(mask.by_key + mask.key_room, 0,
               (room - mask.key_room) * sizeof *mask.by_key);
        mask.key_room = room;
    }
    mask.by_key[id] = whom;
}

/* ---- words ---- */

static void add_word(const char *text, size_t len, struct masked *whom,
                     bool part)
{
    if (!mask.words)
        mask.words = mask_words_new();
    mask_words_add(mask.words, text, len, part, whom);
}

static bool is_foreign(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] & 0x80)
            return true;
    return false;
}

/* "2" and "a" say nothing of anybody. */
static bool betrays(const char *text, size_t len)
{
    size_t digits = strspn(text, "0123456789");

    if (digits >= len)
        return len >= 6;
    return len >= 3 || is_foreign(text, len);
}

/* A word of a name counts too, if it looks like a name's. */
static void add_parts(const char *name, struct masked *whom)
{
    while (*name) {
        size_t len = strcspn(name, " .@");
        bool capital = *name >= 'A' && *name <= 'Z';

        if ((capital && len >= 4) || is_foreign(name, len))
            add_word(name, len, whom, true);
        name += len;
        name += strspn(name, " .@");
    }
}

static void learn_text(enum mask_kind kind, const char *text, bool name,
                       struct masked *whom)
{
    size_t len;

    if (!text || by_key(kind, text) || whom == &nameless[kind])
        return;
    len = strlen(text);
    add_key(kind, text, whom);
    if (betrays(text, len))
        add_word(text, len, whom, false);
    if (name)
        add_parts(text, whom);
    /* An address betrays by what stands before the @ as well. */
    if (kind != MASK_ACCOUNT && strchr(text, '@') &&
        betrays(text, strcspn(text, "@")))
        add_word(text, strcspn(text, "@"), whom, true);
}

const char *mask_word_at(const char *text, size_t *len)
{
    const struct masked *whom =
        mask.words ? mask_words_find(mask.words, text, len) : NULL;

    return whom ? whom->whole : NULL;
}

/* ---- who is who ---- */

static struct masked *new_one(enum mask_kind kind, const char *real)
{
    struct masked *whom;

    if (mask.total >= LIMIT_MASKED)
        return &nameless[kind];
    if (mask.count[kind] == mask.room[kind]) {
        mask.room[kind] = mask.room[kind] ? mask.room[kind] * 2 : 64;
        mask.list[kind] = xreallocarray(mask.list[kind], mask.room[kind],
                                        sizeof *mask.list[kind]);
    }
    whom = xcalloc(1, sizeof *whom);
    mask.list[kind][mask.count[kind]++] = whom;
    mask.total++;
    whom->kind = kind;
    whom->real = xstrdup(real);
    snprintf(whom->whole, LABEL, "%s %zu", kinds[kind], mask.count[kind]);
    snprintf(whom->brief, LABEL, "%c%zu", kinds[kind][0], mask.count[kind]);
    return whom;
}

/* An id is surer than an address, an address than a name; a whole name is good
 * enough, since many have several ids. */
static struct masked *find(enum mask_kind kind, const char *id,
                           const char *name, const char *email)
{
    struct masked *whom = by_key(kind, id);

    if (!whom)
        whom = by_key(kind, email);
    if (!whom && name && (!id || (kind == MASK_PERSON && strchr(name, ' '))))
        whom = by_key(kind, name);
    if (!whom)
        whom = new_one(kind, name ? name : email ? email : id);
    learn_text(kind, id, false, whom);
    learn_text(kind, email, false, whom);
    learn_text(kind, name, true, whom);
    return whom;
}

/* A column has one form for those below 100. */
static const char *fitting(const struct masked *whom, int cells)
{
    int needs = (int)strlen(kinds[whom->kind]) + 3;

    return cells >= needs && (int)strlen(whom->whole) <= cells ? whom->whole
                                                               : whom->brief;
}

const char *mask_account(const char *id, const char *name, int cells)
{
    if (!mask.on || (!id && !name))
        return name ? name : id;
    return fitting(find(MASK_ACCOUNT, id, name, NULL), cells);
}

const char *mask_person(const char *id, const char *name, const char *email,
                        int cells)
{
    if (!mask.on || (!id && !name && !email))
        return name ? name : email ? email : id;
    return fitting(find(MASK_PERSON, id, name, email), cells);
}

const char *mask_owner(const char *owner, int cells)
{
    if (!mask.on || !owner)
        return owner;
    return fitting(find(MASK_OWNER, NULL, owner, NULL), cells);
}

const char *mask_event_person(const struct event *event, int cells)
{
    return mask_person(event->person.id, event->person.name,
                       event->person.email, cells);
}

/* ---- back ---- */

const char *mask_real(enum mask_kind kind, size_t number)
{
    return number && number <= mask.count[kind]
               ? mask.list[kind][number - 1]->real
               : NULL;
}

const char *mask_known(enum mask_kind kind, const char *text)
{
    const struct masked *whom = by_key(kind, text);

    return whom ? whom->whole : NULL;
}

const char *mask_kind_name(enum mask_kind kind)
{
    return kinds[kind];
}

/* ---- accounts ---- */

static void learn_domains(const char *domains, struct masked *whom)
{
    while (domains && *domains) {
        size_t len = strcspn(domains, " ");

        add_word(domains, len, whom, false);
        domains += len;
        domains += strspn(domains, " ");
    }
}

static void learn_book(const struct book *book)
{
    for (size_t i = 0; i < book_count(book); i++) {
        const struct account *account = book_at(book, i);
        struct masked *whom =
            find(MASK_ACCOUNT, account->id, account->name, NULL);

        learn_domains(account->domains, whom);
        if (account->owner)
            find(MASK_OWNER, NULL, account->owner, NULL);
    }
}

void mask_learn(const struct display_host *host)
{
    const struct book *book = host->book(host->ctx);
    size_t count = tally_accounts(host->tally);

    if (!mask.on || (book == mask.book && count == mask.accounts))
        return;
    if (book != mask.book)
        learn_book(book);
    for (size_t i = 0; i < count; i++) {
        const struct tally_account *account = tally_account(host->tally, i);

        if (account->id || account->name)
            find(MASK_ACCOUNT, account->id, account->name, NULL);
    }
    mask.book = book;
    mask.accounts = count;
}

void mask_learn_newest(const struct ring *ring)
{
    size_t count = ring_count(ring);

    for (size_t i = 0; mask.on && i < count && i < NEWEST; i++) {
        const struct record *record = ring_at(ring, count - 1 - i);

        mask_person(ring_text(ring, record->row.person_id),
                    ring_text(ring, record->row.person),
                    ring_text(ring, record->row.email), MASK_ANY_CELLS);
    }
}
