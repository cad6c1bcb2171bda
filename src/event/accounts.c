/* The book of business: accounts in the order of the file, found by id and
 * by e-mail domain. How a CSV is read is book_read.c's; when to read it again
 * is the caller's. */
#include "event/accounts.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "event/book_add.h"
#include "event/book_id.h"
#include "base/banned.h"

/* A key and the account it leads to; NULL key: a free place. */
struct place {
    const char *key;
    size_t account;
    bool shared; /* a domain or project of two accounts leads to neither */
};

struct places {
    struct place *places;
    size_t count, size; /* size: a power of two, or 0 */
};

struct book {
    struct arena arena;
    struct account *accounts;
    size_t count;
    struct places ids, domains, teams;
};

static size_t hash(const char *key, size_t len)
{
    uint64_t value = HASH_START;

    for (size_t i = 0; i < len; i++)
        value = hash_byte(value, (unsigned char)ascii_lower(key[i]));
    return (size_t)(value ^ value >> 32);
}

static bool same(const char *key, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (key[i] != ascii_lower(text[i]))
            return false;
    return !key[len];
}

/* The place of a key, in any case: taken, or the free one for it. */
static struct place *find_place(const struct places *table, const char *key,
                                size_t len)
{
    size_t at = hash(key, len) & (table->size - 1);

    while (table->places[at].key && !same(table->places[at].key, key, len))
        at = (at + 1) & (table->size - 1);
    return &table->places[at];
}

static void grow(struct places *table)
{
    struct places old = *table;

    if (2 * (table->count + 1) <= table->size)
        return;
    table->size = old.size ? 2 * old.size : 64;
    table->places = xcalloc(table->size, sizeof *table->places);
    for (size_t i = 0; i < old.size; i++)
        if (old.places[i].key)
            *find_place(table, old.places[i].key, strlen(old.places[i].key)) =
                old.places[i];
    free(old.places);
}

/* Returns the place of key, new (leading to account) or old. key is lower
 * case and outlives the table. */
static struct place *take_place(struct places *table, const char *key,
                                size_t account)
{
    struct place *place;

    grow(table);
    place = find_place(table, key, strlen(key));
    if (!place->key) {
        *place = (struct place){.key = key, .account = account};
        table->count++;
    }
    return place;
}

/* ---- adding ---- */

struct book *book_new(void)
{
    return xcalloc(1, sizeof(struct book));
}

struct arena *book_arena(struct book *book)
{
    return &book->arena;
}

void book_adopt(struct book *book, struct account *room)
{
    book->accounts = room;
}

const struct account *book_add(struct book *book,
                               const struct account *account)
{
    struct account added = *account;
    const struct place *place = take_place(&book->ids, added.id, book->count);

    if (place->account != book->count)
        return &book->accounts[place->account];
    book->accounts[book->count++] = added;
    return NULL;
}

/* A domain that two accounts claim would tell half the people wrong. */
const struct account *book_add_domain(struct book *book, const char *domain)
{
    struct place *place = take_place(&book->domains, domain, book->count - 1);

    if (place->account == book->count - 1 || place->shared)
        return NULL;
    place->shared = true;
    return &book->accounts[place->account];
}

bool book_add_team(struct book *book, const struct account *account,
                   int64_t id, const struct account **other)
{
    const struct account *own = book_find(book, account->id);
    struct place *place;
    char key[24];

    *other = NULL;
    snprintf(key, sizeof key, "%lld", (long long)id);
    grow(&book->teams);
    place = find_place(&book->teams, key, strlen(key));
    if (!place->key) {
        if (book->teams.count >= LIMIT_TEAMS)
            return false;
        *place = (struct place){.key = arena_strndup(&book->arena, key,
                                                     strlen(key)),
                                .account = (size_t)(own - book->accounts)};
        book->teams.count++;
    } else if (&book->accounts[place->account] != own && !place->shared) {
        place->shared = true;
        *other = &book->accounts[place->account];
    }
    return true;
}

void book_free(struct book *book)
{
    if (!book)
        return;
    arena_free(&book->arena);
    free(book->accounts);
    free(book->ids.places);
    free(book->domains.places);
    free(book->teams.places);
    free(book);
}

/* ---- finding ---- */

size_t book_count(const struct book *book)
{
    return book ? book->count : 0;
}

const struct account *book_at(const struct book *book, size_t index)
{
    return &book->accounts[index];
}

static const struct account *lookup(const struct book *book,
                                    const struct places *table,
                                    const char *key, size_t len)
{
    const struct place *place;

    if (table->size == 0)
        return NULL;
    place = find_place(table, key, len);
    if (!place->key || place->shared)
        return NULL;
    return &book->accounts[place->account];
}

static bool blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* An id that is a UUID in another dress than the book's. */
static const struct account *find_uuid(const struct book *book, const char *id)
{
    char uuid[UUID_TEXT_SIZE];

    return book_id_to_uuid(id, uuid)
               ? lookup(book, &book->ids, uuid, sizeof uuid - 1)
               : NULL;
}

const struct account *book_find(const struct book *book, const char *id)
{
    const struct account *account;
    size_t len;

    if (!book || !id)
        return NULL;
    while (blank(*id))
        id++;
    len = strlen(id);
    while (len > 0 && blank(id[len - 1]))
        len--;
    account = lookup(book, &book->ids, id, len);
    return account || len < 32 ? account : find_uuid(book, id);
}

/* A domain of the book covers what is below it: eu.acme.example belongs to
 * acme.example. */
const struct account *book_find_email(const struct book *book,
                                      const char *email)
{
    const char *domain = email ? strrchr(email, '@') : NULL;
    const struct account *account = NULL;

    if (!book || !domain || accounts_free_mail(domain + 1))
        return NULL;
    while (domain && strchr(domain + 1, '.') && !account) {
        size_t len = strlen(domain + 1);

        while (len > 0 && (blank(domain[len]) || domain[len] == '.'))
            len--;
        account = lookup(book, &book->domains, domain + 1, len);
        domain = strchr(domain + 1, '.');
    }
    return account;
}

bool book_next_team(const struct book *book, size_t *cursor, int64_t *id,
                    const struct account **account)
{
    const struct place *place;

    while (book && *cursor < book->teams.size) {
        place = &book->teams.places[(*cursor)++];
        if (!place->key || place->shared)
            continue;
        *id = strtoll(place->key, NULL, 10);
        *account = &book->accounts[place->account];
        return true;
    }
    return false;
}
