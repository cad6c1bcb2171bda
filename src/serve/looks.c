/* The feed tells who comes and who is there; the rest is a list of names. That
 * somebody left is seen at the end of the turn: from inside the calls about
 * one connection no other is written to. */
#include "serve/looks.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

struct looks {
    struct feed *feed;
    struct presence *presence;
    void (*changed)(void *ctx);
    void *ctx;
    uint64_t left; /* feeds that had ended when last looked */
};

/* ,"who":"maya","account":"org-1" */
static void add_words(struct buf *out, const char *who, const char *account)
{
    cJSON *words = cJSON_CreateObject();
    char *text;

    cJSON_AddStringToObject(words, "who", who);
    if (account)
        cJSON_AddStringToObject(words, "account", account);
    else
        cJSON_AddNullToObject(words, "account");
    text = cJSON_PrintUnformatted(words);
    text[strlen(text) - 1] = '\0';
    buf_addf(out, ",%s", text + 1);
    cJSON_free(text);
    cJSON_Delete(words);
}

/* Whoever comes is told where the others are. */
static void greet(void *ctx, struct buf *out, enum feed_form form)
{
    const struct looks *looks = ctx;
    struct buf words;

    buf_init(&words, MIB);
    for (size_t i = 0; i < presence_count(looks->presence); i++) {
        buf_clear(&words);
        add_words(&words, presence_who(looks->presence, i),
                  presence_account(looks->presence, i));
        feed_line_say(out, form, "look", 0, words.data);
    }
    buf_free(&words);
}

struct looks *looks_new(struct feed *feed, void (*changed)(void *ctx),
                        void *ctx)
{
    struct looks *looks = xcalloc(1, sizeof *looks);

    looks->feed = feed;
    looks->presence = presence_new();
    looks->changed = changed;
    looks->ctx = ctx;
    feed_greet(feed, greet, looks);
    return looks;
}

void looks_free(struct looks *looks)
{
    if (!looks)
        return;
    presence_free(looks->presence);
    free(looks);
}

/* who may be a text of the list itself. */
static void set(struct looks *looks, const char *who, const char *account)
{
    struct buf words;

    buf_init(&words, MIB);
    add_words(&words, who, account);
    if (presence_set(looks->presence, who, account)) {
        feed_say(looks->feed, "look", words.data);
        looks->changed(looks->ctx);
    }
    buf_free(&words);
}

bool looks_set(struct looks *looks, const char *who, const char *account)
{
    if (*who && !feed_has(looks->feed, who))
        return false;
    set(looks, who, account);
    return true;
}

void looks_turn_end(struct looks *looks)
{
    uint64_t left = feed_left(looks->feed);

    if (left == looks->left)
        return;
    looks->left = left;
    for (size_t i = presence_count(looks->presence); i-- > 0;) {
        const char *who = presence_who(looks->presence, i);

        if (*who && !feed_has(looks->feed, who))
            set(looks, who, NULL);
    }
}

const struct presence *looks_presence(const struct looks *looks)
{
    return looks->presence;
}
