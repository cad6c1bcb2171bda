/* Finds an event's account again: by its id, else by the person's address,
 * else by a name that only one account has. */
#include "event/decode_relabel.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#include "base/banned.h"

/* The one account of that name; two of the same name are none. */
static const struct account *by_name(const struct book *book, const char *name)
{
    const struct account *found = NULL;

    for (size_t i = 0; i < book_count(book); i++) {
        const struct account *account = book_at(book, i);

        if (text_casecmp(account->name, name) != 0)
            continue;
        if (found)
            return NULL;
        found = account;
    }
    return found;
}

void decode_relabel(const struct book *book, struct event *event,
                    struct arena *arena)
{
    struct event_account *account = &event->account;
    const struct account *found = NULL;

    if (account->id)
        found = book ? book_find(book, account->id) : NULL;
    else if (book && event->person.email)
        found = book_find_email(book, event->person.email);
    if (book && !found && !account->id && account->name)
        found = by_name(book, account->name);
    account->listed = found;
    if (!found)
        return;
    account->id = arena_strdup(arena, found->id);
    account->name = arena_strdup(arena, found->name);
}
