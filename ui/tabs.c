/* The screens beside Live, and going from one to another: a table has the
 * keys, what stands below it tells of its selected row. Which there are is in
 * ui/tabs.def. */
#include <stdlib.h>

#include "base/limits.h"
#include "ui/pane/account_facts.h"
#include "ui/pane/account_table.h"
#include "ui/pane/coverage_facts.h"
#include "ui/pane/coverage_table.h"
#include "ui/pane/inbox_brief.h"
#include "ui/pane/people_table.h"
#include "ui/pane/signal_facts.h"
#include "ui/pane/signal_list.h"
#include "ui/pane/working.h"
#include "ui/screen_internal.h"
#include "base/banned.h"

static const char *const names[TAB_COUNT] = {
#define TAB(id, name, where) [TAB_##id] = (name),
#include "ui/tabs.def"
#undef TAB
};

const char *tab_name(enum tab tab)
{
    return names[tab];
}

void tabs_new(struct screen *screen)
{
    struct pane *accounts = account_table_new(screen);
    struct pane *coverage = coverage_table_new(screen);
    struct pane *signals = signal_list_new(screen);

    screen->tables[TAB_accounts] = accounts;
    screen->facts[TAB_accounts] = account_facts_new(screen, accounts);
    screen->tables[TAB_people] = people_table_new(screen);
    screen->tables[TAB_coverage] = coverage;
    screen->facts[TAB_coverage] = coverage_facts_new(screen, coverage);
    screen->tables[TAB_signals] = signals;
    screen->facts[TAB_signals] = signal_facts_new(screen, signals);
    screen->sides[SIDE_WORKING] = working_new(screen);
    screen->sides[SIDE_SIGNALS] = inbox_brief_new(screen);
}

void tabs_free(struct screen *screen)
{
    for (int i = 0; i < SIDE_COUNT; i++)
        if (screen->sides[i])
            screen->sides[i]->ops->free(screen->sides[i]);
    for (int i = 0; i < TAB_COUNT; i++) {
        if (screen->facts[i])
            screen->facts[i]->ops->free(screen->facts[i]);
        if (screen->tables[i])
            screen->tables[i]->ops->free(screen->tables[i]);
    }
}

static void open_table(struct pane *table, enum tab tab)
{
    switch (tab) {
    case TAB_accounts:
        account_table_open(table);
        break;
    case TAB_people:
        people_table_open(table);
        break;
    case TAB_coverage:
        coverage_table_open(table);
        break;
    case TAB_signals:
        signal_list_open(table);
        break;
    default:
        break;
    }
}

void tabs_go(struct screen *screen, enum tab tab)
{
    while (screen_back(screen))
        ;
    if (screen->tab == TAB_signals)
        signal_list_leave(screen->tables[TAB_signals]);
    screen->tab = tab;
    open_table(screen->tables[tab], tab);
    screen_dirty(screen);
}

void tab_number(const struct screen *screen, enum tab tab,
                char out[NUMBER_SIZE])
{
    struct inbox_totals totals =
        inbox_totals(screen->host->inbox, screen_now(screen));

    *out = '\0';
    if (tab == TAB_signals && totals.fresh)
        counted_text(totals.fresh, totals.more, out);
}

void tab_summary(const struct screen *screen, struct buf *out)
{
    struct buf name;

    buf_init(&name, KIB);
    screen_table(screen)->ops->title(screen_table(screen), &name, out);
    buf_free(&name);
}
