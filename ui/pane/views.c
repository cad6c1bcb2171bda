/* Saved views as a pane. Each is judged while the list is there, so that its
 * number of new events is right; what is typed behind / narrows the list. */
#include "ui/pane/over.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/pane/columns.h"
#include "ui/pane/list.h"
#include "ui/pane/mask.h"
#include "ui/pane/reading.h"
#include "ui/pane/saved.h"
#include "ui/pane/screen.h"
#include "ui/pane/time_text.h"
#include "ui/pane/wrap.h"
#include "base/banned.h"

#define BUDGET_US 500    /* of each view, a turn */
#define LOOK_BACK 100000 /* newest events looked over for the last one read */

struct views_list {
    struct pane pane;
    struct list list;
    struct judged {
        struct view *view;
        struct reading *reading;
        uint64_t read;   /* number in the ring of the last one read; 0: none */
    } judged[SAVED_MAX]; /* as saved */
    size_t judged_count;
    unsigned reading; /* of the file: another means that judged is void */
    size_t shown[SAVED_MAX]; /* indices of those that are not narrowed away */
    size_t shown_count;
};

static struct views_list *self(struct pane *pane)
{
    return (struct views_list *)(void *)pane;
}

static const struct views_list *self_const(const struct pane *pane)
{
    return (const struct views_list *)(const void *)pane;
}

/* The newest event of the ring that was read, by its number. */
static uint64_t number_of(const struct ring *ring, uint64_t read_seq)
{
    size_t index = ring_count(ring), looked;

    if (!read_seq)
        return 0;
    for (looked = 0; index && looked < LOOK_BACK; looked++)
        if (ring_at(ring, --index)->seq <= read_seq)
            return ring_number(ring, index);
    return index ? ring_number(ring, index) : 0;
}

static uint64_t newest_seq(const struct pane *pane)
{
    const struct ring *ring = screen_host(pane->screen)->ring;
    size_t count = ring_count(ring);
    uint64_t newest = 0;

    /* what a backfill brought is not last, whatever its seq */
    for (size_t i = count > 100 ? count - 100 : 0; i < count; i++)
        if (ring_at(ring, i)->seq > newest)
            newest = ring_at(ring, i)->seq;
    return newest;
}

static void judge_all(struct views_list *list)
{
    struct screen *screen = list->pane.screen;
    struct ring *ring = screen_host(screen)->ring;

    for (; list->judged_count < saved_count(); list->judged_count++) {
        const struct saved *saved = saved_at(list->judged_count);
        struct judged *judged = &list->judged[list->judged_count];

        if (!saved->read_seq) /* looked at for the first time */
            saved_mark_read(list->judged_count, newest_seq(&list->pane));
        judged->view = view_new(ring);
        judged->reading = reading_new(screen, judged->view);
        judged->read = number_of(ring, saved->read_seq);
        view_show_hidden(judged->view, screen_shows_hidden(screen));
        view_set_query(judged->view, query_parse(saved->query, NULL));
    }
}

static void drop_all(struct views_list *list)
{
    while (list->judged_count) {
        struct judged *judged = &list->judged[--list->judged_count];

        reading_free(judged->reading);
        view_free(judged->view);
    }
}

/* What is judged and shown is of the file as it was read last. */
static void follow_file(struct views_list *list)
{
    if (list->reading == saved_reading())
        return;
    drop_all(list);
    list->shown_count = 0;
    list->reading = saved_reading();
}

static void views_free(struct pane *pane)
{
    drop_all(self(pane));
    screen_find(pane->screen, NULL);
    free(pane);
}

static bool is_shown(const struct pane *pane, const struct saved *saved)
{
    char *folded = text_fold(screen_find_text(pane->screen));
    bool shown = text_contains_folded(saved->name, folded) ||
                 text_contains_folded(saved->query, folded);

    free(folded);
    return shown;
}

static size_t unread(const struct judged *judged)
{
    return view_count_after(judged->view, judged->read);
}

static bool views_update(struct pane *pane)
{
    struct views_list *list = self(pane);
    bool more = false;

    follow_file(list);
    judge_all(list);
    list->shown_count = 0;
    for (size_t i = 0; i < list->judged_count; i++) {
        more |= view_update(list->judged[i].view, BUDGET_US);
        reading_go_on(list->judged[i].reading);
        if (is_shown(pane, saved_at(i)))
            list->shown[list->shown_count++] = i;
    }
    list_fit(&list->list, list->shown_count, pane->rect.h);
    return more;
}

static void views_title(const struct pane *pane, struct buf *left,
                        struct buf *right)
{
    const struct views_list *list = self_const(pane);
    size_t fresh = list->judged_count ? unread(&list->judged[0]) : 0;
    char number[NUMBER_SIZE];

    buf_adds(left, "Views");
    number_text(fresh, number);
    if (fresh)
        buf_addf(right, "%s new", number);
}

enum { NAME, FILTER, BESIDE, NEW, COLUMNS };

static void columns_of(int cells, struct column columns[COLUMNS])
{
    static const struct column_need needs[COLUMNS] = {[NAME] = {15, 28, 1, 0},
                                                      [FILTER] = {10,
                                                                  COLUMN_ANY,
                                                                  3, 1},
                                                      [BESIDE] = {1, 1, 0, 0},
                                                      [NEW] = {6, 6, 0, 0}};

    columns_fit(columns, needs, COLUMNS, cells - 1);
}

static void views_head(const struct pane *pane, struct draw *draw,
                       struct rect row)
{
    struct column columns[COLUMNS] = {{0}};

    (void)pane;
    columns_of(row.w, columns);
    draw_cut(draw, row.y, row.x + columns[NAME].at, columns[NAME].cells,
             ROLE_DIM, "Name");
    draw_cut(draw, row.y, row.x + columns[FILTER].at, columns[FILTER].cells,
             ROLE_DIM, "Filter");
    draw_right(draw, row.y, row.x + columns[NEW].at, columns[NEW].cells,
               ROLE_DIM, "New");
}

static void draw_row(const struct pane *pane, struct draw *draw,
                     struct rect rect, size_t row)
{
    const struct views_list *list = self_const(pane);
    size_t index = list->shown[row];
    const struct saved *saved = saved_at(index);
    const struct judged *judged = &list->judged[index];
    char number[NUMBER_SIZE] = "";
    struct column columns[COLUMNS] = {{0}};
    struct buf query;

    columns_of(rect.w, columns);
    mask_draw(draw, rect.y, rect.x + columns[NAME].at, columns[NAME].cells,
              ROLE_TEXT, saved->name);
    buf_init(&query, LIMIT_PASTE * 2);
    mask_add_query(&query, saved->query);
    draw_cut(draw, rect.y, rect.x + columns[FILTER].at, columns[FILTER].cells,
             ROLE_DIM, query.data);
    buf_free(&query);
    if (saved->has_pane)
        draw_text(draw, rect.y, rect.x + columns[BESIDE].at, 1, ROLE_DIM, "b");
    if (unread(judged))
        number_text(unread(judged), number);
    if (*number)
        draw_right(draw, rect.y, rect.x + columns[NEW].at, columns[NEW].cells,
                   ROLE_UNREAD, number);
}

static void views_draw(const struct pane *pane, struct draw *draw)
{
    const struct views_list *list = self_const(pane);
    struct rect rect = pane->rect;

    if (!list->shown_count)
        draw_format(draw, rect.y, rect.x + 1, rect.w - 1, ROLE_DIM,
                    "No view has \"%s\" in it. Esc shows all.",
                    screen_find_text(pane->screen));
    else if (saved_count() == 1 && rect.h > 2)
        wrap_draw(draw,
                  (struct rect){rect.y + 2, rect.x + 1, rect.h - 2,
                                rect.w - 2},
                  ROLE_DIM,
                  "A filter with a name becomes a view: f sets one, V saves "
                  "it.");
    list_draw(&list->list, pane, draw, draw_row);
}

/* The one under the cursor; false: there is none. */
static bool at_cursor(struct views_list *list, size_t *index)
{
    follow_file(list);
    if (list->list.cursor >= list->shown_count)
        return false;
    *index = list->shown[list->list.cursor];
    return true;
}

static void open_one(struct pane *pane)
{
    struct screen *screen = pane->screen;
    struct query_error error;
    size_t index;

    if (!at_cursor(self(pane), &index))
        return;
    saved_mark_read(index, newest_seq(pane));
    if (!screen_filter(screen, saved_at(index)->query, &error))
        screen_message(screen, "%s", error.err.text);
    else
        screen_message(screen, "View: %s.", saved_at(index)->name);
    screen_back(screen); /* the pane is gone */
}

static void delete_one(struct pane *pane)
{
    struct views_list *list = self(pane);
    bool had_pane;
    size_t index;

    if (!at_cursor(list, &index))
        return;
    if (!index) {
        screen_message(pane->screen, "All is always there.");
        return;
    }
    had_pane = saved_at(index)->has_pane;
    screen_message(pane->screen, "View deleted: %s.", saved_at(index)->name);
    drop_all(list);
    saved_remove(index);
    if (had_pane)
        screen_set_view_panes(pane->screen);
}

static void put_beside(struct pane *pane)
{
    size_t index;
    bool on;

    if (!at_cursor(self(pane), &index))
        return;
    if (!index) {
        screen_message(pane->screen, "All is the stream: it has its pane.");
        return;
    }
    on = !saved_at(index)->has_pane;
    saved_set_pane(index, on);
    if (!screen_set_view_panes(pane->screen)) {
        saved_set_pane(index, false);
        screen_message(pane->screen, "There is no room for another pane.");
        return;
    }
    screen_message(pane->screen,
                   on ? "%s has a pane beside the stream."
                      : "%s has no pane any more.",
                   saved_at(index)->name);
}

static bool views_action(struct pane *pane, enum action action,
                         const char *arg)
{
    (void)arg;
    if (action == ACTION_open)
        open_one(pane);
    else if (action == ACTION_remove)
        delete_one(pane);
    else if (action == ACTION_beside)
        put_beside(pane);
    else if (action == ACTION_back && *screen_find_text(pane->screen))
        screen_find(pane->screen, NULL);
    else if (action != ACTION_find_next && action != ACTION_find_previous)
        return list_action(&self(pane)->list, action);
    return true; /* it is narrowed: that is all of finding */
}

static void views_click(struct pane *pane, int line, int col)
{
    (void)col;
    list_click(&self(pane)->list, line);
}

static void views_hint(const struct pane *pane, struct buf *out)
{
    (void)pane;
    buf_adds(out, "Enter opens │ / narrows │ b beside │ d deletes │ Esc back");
}

struct pane *views_pane(struct screen *screen)
{
    static const struct pane_ops ops = {
        .free = views_free,
        .title = views_title,
        .draw = views_draw,
        .action = views_action,
        .click = views_click,
        .update = views_update,
        .finds = true,
        .head = views_head,
        .hint = views_hint,
    };
    struct views_list *list = xcalloc(1, sizeof *list);

    list->pane.ops = &ops;
    list->pane.screen = screen;
    list->pane.where = WHERE_LIST;
    screen_find(screen, NULL);
    follow_file(list);
    judge_all(list);
    return &list->pane;
}
