/* Labels of accounts. How one name is shortened is names.c's; here they are
 * compared with each other. */
#include "ui/pane/labels.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/pane/mask.h"
#include "ui/pane/names.h"
#include "base/banned.h"

#define WIDTHS 8 /* as many as a screen has columns of names */
#define LABEL_BYTES 512

struct label {
    char *id, *text;
    const char *name; /* the tally's; only while labels are made */
    bool listed;
};

struct shelf {
    int cells;          /* 0: not made */
    struct label *list; /* by id */
    size_t count;
};

struct labels {
    const struct tally *tally;
    const struct book *book;
    size_t known; /* accounts when the labels were made */
    struct shelf shelves[WIDTHS];
    size_t next; /* shelf to be given up when all are used */
};

static void clear(struct shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++) {
        free(shelf->list[i].id);
        free(shelf->list[i].text);
    }
    free(shelf->list);
    *shelf = (struct shelf){0};
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct label *)a)->id,
                  ((const struct label *)b)->id);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct label *)a)->text,
                  ((const struct label *)b)->text);
}

/* As many letters as fit, in place of as many words. */
static void keep_letters(struct label *label, int cells)
{
    struct buf text;

    if (!label->listed || text_width(label->name) <= cells)
        return;
    buf_init(&text, LABEL_BYTES);
    text_cut(&text, label->name, cells, "…");
    free(label->text);
    label->text = buf_take(&text);
}

/* Sorted by text, those that look alike stand together. */
static void tell_apart(struct shelf *shelf)
{
    size_t from = 0;

    qsort(shelf->list, shelf->count, sizeof *shelf->list, by_text);
    while (from < shelf->count) {
        size_t to = from + 1;

        while (to < shelf->count &&
               !strcmp(shelf->list[from].text, shelf->list[to].text))
            to++;
        for (size_t i = from; to - from > 1 && i < to; i++)
            keep_letters(&shelf->list[i], shelf->cells);
        from = to;
    }
    qsort(shelf->list, shelf->count, sizeof *shelf->list, by_id);
}

static void add(struct shelf *shelf, const struct tally_account *account)
{
    struct label *label = &shelf->list[shelf->count++];
    struct buf text;

    label->id = xstrdup(account->id);
    label->name = account->name ? account->name : account->id;
    label->listed = account->listed;
    buf_init(&text, LABEL_BYTES);
    name_account(&text, NULL, label->name, label->listed, shelf->cells);
    label->text = buf_take(&text);
}

static void make(const struct labels *labels, struct shelf *shelf, int cells)
{
    size_t count = tally_accounts(labels->tally);

    clear(shelf);
    shelf->cells = cells;
    if (!count)
        return;
    shelf->list = xcalloc(count, sizeof *shelf->list);
    for (size_t i = 0; i < count; i++)
        if (tally_account(labels->tally, i)->id)
            add(shelf, tally_account(labels->tally, i));
    tell_apart(shelf);
}

static struct shelf *shelf_for(struct labels *labels, int cells)
{
    struct shelf *shelf = labels->shelves;

    while (shelf < labels->shelves + WIDTHS && shelf->cells &&
           shelf->cells != cells)
        shelf++;
    if (shelf == labels->shelves + WIDTHS)
        shelf = &labels->shelves[labels->next++ % WIDTHS];
    if (shelf->cells != cells)
        make(labels, shelf, cells);
    return shelf;
}

struct labels *labels_new(const struct tally *tally)
{
    struct labels *labels = xcalloc(1, sizeof *labels);

    labels->tally = tally;
    return labels;
}

void labels_free(struct labels *labels)
{
    if (!labels)
        return;
    for (size_t i = 0; i < WIDTHS; i++)
        clear(&labels->shelves[i]);
    free(labels);
}

void labels_refresh(struct labels *labels, const struct book *book)
{
    size_t count = tally_accounts(labels->tally);

    if (labels->book == book && labels->known == count)
        return;
    for (size_t i = 0; i < WIDTHS; i++)
        clear(&labels->shelves[i]);
    labels->book = book;
    labels->known = count;
}

const char *labels_text(struct labels *labels, const char *account_id,
                        int cells)
{
    const struct shelf *shelf;
    const struct label *found;
    struct label key = {.id = (char *)account_id};

    if (!account_id || cells < 1)
        return NULL;
    if (mask_on())
        return mask_account(account_id, NULL, cells);
    shelf = shelf_for(labels, cells);
    if (!shelf->count)
        return NULL;
    found =
        bsearch(&key, shelf->list, shelf->count, sizeof *shelf->list, by_id);
    return found ? found->text : NULL;
}
