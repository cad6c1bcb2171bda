/* What is known of an account, as bytes: struct after struct as they lie in
 * memory, behind a line that says of which make they are. They are read back
 * by the same program on the same machine; another one begins anew from the
 * journal. */
#include "signal/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

#include "base/banned.h"

/* Goes up when one of the structs changes. */
#define MAKE 5

struct head {
    uint32_t make;
    uint32_t sizes[4]; /* of the structs */
    uint32_t people, carriers;
};

static struct head head_of(const struct account_state *account)
{
    return (struct head){
        .make = MAKE,
        .sizes = {sizeof(struct account_state), sizeof(struct carrier),
                  sizeof(struct person), sizeof(struct engine)},
        .people = account ? account->people.count : 0,
        .carriers = account ? (uint32_t)account->carrier_count : 0};
}

/* ---- writing ---- */

static void put_text(struct buf *out, const char *text)
{
    uint32_t len = text ? (uint32_t)strlen(text) + 1 : 0;

    buf_add(out, &len, sizeof len);
    buf_add(out, text, len);
}

struct book_state { /* of no account */
    int32_t done;
    bool book;
    float ratios[DAYS];
};

static void pack_book(const struct engine *engine, struct buf *out)
{
    struct head head = head_of(NULL);
    struct book_state state = {.done = engine->done, .book = engine->book};

    memcpy(state.ratios, engine->ratios, sizeof state.ratios);
    buf_add(out, &head, sizeof head);
    buf_add(out, &state, sizeof state);
}

/* Addresses mean nothing to who reads it. */
static void put_account(struct buf *out, const struct account_state *account)
{
    struct account_state copy = *account;

    copy.id = NULL;
    copy.people = (struct people){0};
    copy.carriers = NULL;
    copy.champion.id = copy.one_person.id = copy.away.id = NULL;
    copy.dirty = false;
    buf_add(out, &copy, sizeof copy);
}

static const struct account_state *find(const struct engine *engine,
                                        const char *key)
{
    for (size_t i = 0; i < engine->count; i++)
        if (!strcmp(engine->accounts[i]->id, key))
            return engine->accounts[i];
    return NULL;
}

void engine_pack(const struct engine *engine, const char *key, struct buf *out)
{
    const struct account_state *account = find(engine, key);
    struct head head;

    if (!*key) {
        pack_book(engine, out);
        return;
    }
    head = head_of(account);
    buf_add(out, &head, sizeof head);
    put_account(out, account);
    put_text(out, account->champion.id);
    put_text(out, account->one_person.id);
    put_text(out, account->away.id);
    buf_add(out, account->people.list,
            account->people.count * sizeof *account->people.list);
    for (size_t i = 0; i < account->carrier_count; i++) {
        struct carrier copy = account->carriers[i];

        copy.id = NULL;
        buf_add(out, &copy, sizeof copy);
        put_text(out, account->carriers[i].id);
    }
}

/* ---- reading ---- */

struct input {
    const char *at;
    size_t len;
    bool ok;
};

static void get(struct input *in, void *out, size_t size)
{
    in->ok = in->ok && in->len >= size;
    if (!in->ok)
        return;
    memcpy(out, in->at, size);
    in->at += size;
    in->len -= size;
}

static char *get_text(struct input *in)
{
    uint32_t len = 0;
    char *text;

    get(in, &len, sizeof len);
    if (!in->ok || !len)
        return NULL;
    if (len > in->len || in->at[len - 1]) {
        in->ok = false;
        return NULL;
    }
    text = xstrdup(in->at);
    in->at += len;
    in->len -= len;
    return text;
}

static bool head_fits(const struct head *head)
{
    struct head ours = head_of(NULL);

    return head->make == ours.make &&
           !memcmp(head->sizes, ours.sizes, sizeof ours.sizes) &&
           head->people <= LIMIT_SIGNAL_PEOPLE &&
           head->carriers <= CARRIERS_MAX;
}

static bool unpack_book(struct engine *engine, struct input *in)
{
    struct book_state state;

    get(in, &state, sizeof state);
    if (!in->ok)
        return false;
    engine->done = state.done;
    engine->book = state.book;
    memcpy(engine->ratios, state.ratios, sizeof state.ratios);
    return true;
}

static void unpack_people(struct account_state *account, struct input *in,
                          const struct head *head)
{
    if (head->people) {
        account->people.list =
            xreallocarray(NULL, head->people, sizeof *account->people.list);
        account->people.cap = head->people;
        get(in, account->people.list,
            head->people * sizeof *account->people.list);
        account->people.count = in->ok ? head->people : 0;
    }
    if (head->carriers)
        account->carriers = xcalloc(head->carriers, sizeof *account->carriers);
    for (uint32_t i = 0; i < head->carriers && in->ok; i++) {
        struct carrier *carrier = &account->carriers[i];

        get(in, carrier, sizeof *carrier);
        carrier->id = get_text(in);
        if (!carrier->id) {
            in->ok = false;
            return;
        }
        account->carrier_count++;
    }
}

/* The memory of the account but for what it points to. */
static void unpack_account(struct account_state *account, struct input *in,
                           const struct head *head)
{
    char *id = account->id;
    struct account_state read = *account;

    get(in, &read, sizeof read);
    if (!in->ok)
        return;
    *account = read;
    account->id = id;
    account->people = (struct people){0};
    account->carriers = NULL;
    account->carrier_count = 0;
    account->dirty = false;
    account->champion.id = account->one_person.id = account->away.id = NULL;
    account->champion.id = get_text(in);
    account->one_person.id = get_text(in);
    account->away.id = get_text(in);
    unpack_people(account, in, head);
}

bool engine_unpack(struct engine *engine, const char *key, const void *bytes,
                   size_t len)
{
    struct input in = {.at = bytes, .len = len, .ok = true};
    struct account_state *account;
    struct head head;

    get(&in, &head, sizeof head);
    if (!in.ok || !head_fits(&head))
        return false;
    if (!*key)
        return unpack_book(engine, &in);
    account = engine_account(engine, key);
    if (!account)
        return false;
    unpack_account(account, &in, &head);
    return in.ok && !in.len;
}

/* ---- what changed ---- */

const char *engine_dirty(const struct engine *engine, size_t index)
{
    if (engine->dirty && index-- == 0)
        return "";
    for (size_t i = 0; i < engine->count; i++)
        if (engine->accounts[i]->dirty && index-- == 0)
            return engine->accounts[i]->id;
    return NULL;
}

void engine_clean(struct engine *engine)
{
    engine->dirty = false;
    for (size_t i = 0; i < engine->count; i++)
        engine->accounts[i]->dirty = false;
}
