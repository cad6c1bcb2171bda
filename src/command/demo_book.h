/* The demo's made-up book of business: 30 accounts, and who works there. It
 * is the same whatever the seed. */
#ifndef TELLTALE_DEMO_BOOK_H
#define TELLTALE_DEMO_BOOK_H

#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

#define DEMO_ACCOUNTS 30
#define DEMO_PEOPLE_MAX 12 /* of one account */

/* Those that something happens to; all others have ordinary months. */
enum demo_story_account {
    ALDER,    /* has a champion, buys credit */
    BOREALIS, /* reads about flags, then makes some: is working now */
    COBALT,   /* is stuck */
    DUNES,    /* has billing trouble */
    EMERAUDE, /* explores surveys */
    HIBARI,   /* goes quiet */
    JUNIPER,  /* grows */
    KESTREL,  /* loses its champion */
    MISTRAL,  /* explores data pipelines */
    XYLO,     /* hangs on one person */
    DEMO_STORIES
};

/* What an account uses. */
enum demo_use {
    USES_ALL,
    USES_ANALYTICS,
    USES_FLAGS,
    USES_REPLAY,
    USES_AI,
    USES_EXPORTS,
    DEMO_USES
};

struct demo_account {
    char id[UUID_TEXT_SIZE];
    const char *name, *domain, *segment, *arr;
    int project;
    enum demo_use use;
    int people;
};

struct demo_person {
    const struct demo_account *account;
    int index; /* in the account */
    const char *mailbox;
    char name[48];
    char id[64];   /* the distinct id */
    uint64_t mark; /* of nobody else */
};

struct demo_book {
    struct demo_account accounts[DEMO_ACCOUNTS];
    struct demo_person people[DEMO_ACCOUNTS * DEMO_PEOPLE_MAX];
    size_t count; /* of people; those of an account lie together */
};

void demo_book_init(struct demo_book *book);
/* The accounts, as the CSV that `telltale accounts` reads. The caller frees
 * it. */
char *demo_book_csv(const struct demo_book *book);
/* By the mailbox of somebody in the account; ends the program when there is
 * nobody: a mistake in the tables. */
const struct demo_person *demo_book_person(const struct demo_book *book,
                                           int account, const char *mailbox);
/* The first person of an account; account->people of them follow. */
const struct demo_person *demo_book_first(const struct demo_book *book,
                                          int account);

/* Vigna's splitmix64: small, and the same on every machine. */
uint64_t demo_mix(uint64_t seed);
/* Makes a version 7 of it, of that wall time. */
void demo_stamp(struct uuid *uuid, int64_t at);

#endif
