/* The rows of the account list in their order, found by id. */
#include "live/tally_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

/* Listed ones first, then "no account", then unlisted ones; those that had
 * events before those that had none; newest first, else as in the book. */
static int class_of(const struct tally_row *row)
{
    if (row->account.listed)
        return row->account.last_at == CLOCK_NONE ? 1 : 0;
    return row->id ? 3 : 2;
}

static bool comes_before(const struct tally_row *a, const struct tally_row *b)
{
    if (class_of(a) != class_of(b))
        return class_of(a) < class_of(b);
    if (a->account.last_at != b->account.last_at)
        return a->account.last_at > b->account.last_at;
    if (a->account.last_seq != b->account.last_seq)
        return a->account.last_seq > b->account.last_seq;
    return a->book_place < b->book_place;
}

/* Moves the row at index to where it belongs now. */
static void move_to_place(struct tally_list *list, size_t index)
{
    struct tally_row **rows = list->rows, *row = rows[index];

    for (; index > 0 && comes_before(row, rows[index - 1]); index--)
        rows[index] = rows[index - 1];
    for (; index + 1 < list->count && comes_before(rows[index + 1], row);
         index++)
        rows[index] = rows[index + 1];
    rows[index] = row;
}

static int compare_rows(const void *a, const void *b)
{
    const struct tally_row *one = *(struct tally_row *const *)a;
    const struct tally_row *other = *(struct tally_row *const *)b;

    return comes_before(one, other) ? -1 : comes_before(other, one);
}

void tally_list_sort(struct tally_list *list)
{
    qsort(list->rows, list->count, sizeof *list->rows, compare_rows);
}

static size_t index_of(const struct tally_list *list,
                       const struct tally_row *row)
{
    size_t i = 0;

    while (list->rows[i] != row)
        i++;
    return i;
}

void tally_list_settle(struct tally_list *list, const struct tally_row *row)
{
    move_to_place(list, index_of(list, row));
}

static void set_text(char **text, const char *value)
{
    char *copy = value ? xstrdup(value) : NULL;

    free(*text);
    *text = copy;
}

void tally_row_rename(struct tally_row *row, const char *name)
{
    set_text(&row->name, name ? name : row->id ? row->id : "no account");
    row->account.name = row->name;
}

struct tally_row *tally_list_find(const struct tally_list *list,
                                  const char *id)
{
    uint32_t number = intern_find(list->ids, id);

    if (id && !number)
        return NULL;
    return number < list->numbers ? list->by_number[number] : NULL;
}

static void make_numbers(struct tally_list *list, uint32_t number)
{
    uint32_t size = number * 2 + 64;

    if (number < list->numbers)
        return;
    list->by_number =
        xreallocarray(list->by_number, size, sizeof *list->by_number);
    memset(list->by_number + list->numbers, 0,
           (size - list->numbers) * sizeof *list->by_number);
    list->numbers = size;
}

void tally_list_count_unlisted(struct tally_list *list,
                               const struct tally_row *row, bool more)
{
    /* the id is interned, too */
    size_t bytes = 2 * strlen(row->id) + strlen(row->name);

    if (more) {
        list->unlisted++;
        list->unlisted_bytes += bytes;
    } else {
        list->unlisted--;
        list->unlisted_bytes -= bytes;
    }
}

static void row_free(struct tally_row *row)
{
    free(row->id);
    free(row->name);
    free(row);
}

void tally_list_remove(struct tally_list *list, size_t index)
{
    struct tally_row *row = list->rows[index];

    list->by_number[row->number] = NULL;
    intern_release(list->ids, row->number);
    if (!row->account.listed && row->id)
        tally_list_count_unlisted(list, row, false);
    list->count--;
    list->changes++;
    memmove(list->rows + index, list->rows + index + 1,
            (list->count - index) * sizeof *list->rows);
    row_free(row);
}

/* The last row is the unlisted one that was quiet for longest. */
static void make_room(struct tally_list *list, const struct tally_row *row)
{
    tally_list_count_unlisted(list, row, true);
    while (list->unlisted > 1 && (list->unlisted > LIMIT_UNLISTED ||
                                  list->unlisted_bytes > LIMIT_UNLISTED_BYTES))
        tally_list_remove(list, list->count - 1);
}

struct tally_row *tally_list_add(struct tally_list *list, const char *id,
                                 const char *name, bool listed)
{
    struct tally_row *row = xcalloc(1, sizeof *row);

    set_text(&row->id, id);
    tally_row_rename(row, name);
    if (!listed && id)
        make_room(list, row);
    row->account.id = row->id;
    row->account.listed = listed;
    row->account.last_at = CLOCK_NONE;
    row->book_place = SIZE_MAX;
    row->number = intern_take(list->ids, id);
    make_numbers(list, row->number);
    list->by_number[row->number] = row;
    if (list->count == list->cap) {
        list->cap = list->cap * 2 + 32;
        list->rows = xreallocarray(list->rows, list->cap, sizeof *list->rows);
    }
    list->rows[list->count++] = row;
    list->changes++;
    move_to_place(list, list->count - 1);
    return row;
}

void tally_list_open(struct tally_list *list)
{
    list->ids = intern_new();
}

void tally_list_close(struct tally_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        row_free(list->rows[i]);
    free(list->rows);
    free(list->by_number);
    intern_free(list->ids);
}
