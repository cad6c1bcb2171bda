/* Who is where: three columns from 120 cells, two from 80, one below. It
 * gives every pane its rectangle; a pane that does not show has none. */

#include "ui/pane/stream.h"
#include "ui/screen_internal.h"
#include "base/banned.h"

#define LEFT 23
#define LEFT_WIDE 31 /* names and their counts whole */
#define WIDE 160
#define RIGHT 37
#define RIGHT_SHARE 55 /* percent of what there is beyond three columns */
#define LEFT_LEAST 16
#define RIGHT_LEAST 20
#define STREAM_LEAST 40
#define THREE_COLUMNS 120
#define TWO_COLUMNS 80
#define FACTS_LEAST 8   /* rows below a table, its rule too */
#define HIGH 30         /* rows in which a long table leaves room */
#define WORKING_MOST 3  /* lines of who works now */
#define WORKING_HIGH 6  /* in a high window */
#define WORKING_FROM 16 /* rows */
#define STRIP_FROM 6    /* rows, of which one line is for them */
#define RULES_FROM 12   /* rows: below, no category row and no rules */

/* What stands beside what on Live. */
enum shape {
    SHAPE_STREAM, /* the stream alone */
    SHAPE_FOCUS,  /* the pane with the focus */
    SHAPE_COLUMN, /* that, and who works */
    SHAPE_NO_LEFT,
    SHAPE_TWO,
    SHAPE_THREE,
};

static int clamp(int value, int least, int most)
{
    if (value > most)
        value = most;
    return value < least ? least : value;
}

static enum shape shape_of(const struct screen *screen)
{
    bool has_panes = screen->pane_count > PANE_CATEGORIES;

    if (stream_is_empty(screen->panes[PANE_STREAM]))
        return SHAPE_STREAM;
    if (screen->zoom)
        return SHAPE_FOCUS;
    if (screen->layout.columns == 1)
        return SHAPE_COLUMN;
    if (screen->arrangement == ARRANGE_STREAM)
        return SHAPE_STREAM;
    if (screen->arrangement == ARRANGE_PANES && has_panes)
        return SHAPE_NO_LEFT;
    return screen->arrangement == ARRANGE_ALL && screen->layout.columns == 3 &&
                   has_panes
               ? SHAPE_THREE
               : SHAPE_TWO;
}

static void hide(struct pane *pane)
{
    pane->rect = (struct rect){0};
    pane->focus = false;
}

static void hide_all(struct screen *screen)
{
    for (size_t i = 0; i < screen->pane_count; i++)
        hide(screen->panes[i]);
    for (int i = 0; i < TAB_COUNT; i++) {
        if (screen->tables[i])
            hide(screen->tables[i]);
        if (screen->facts[i])
            hide(screen->facts[i]);
    }
    for (int i = 0; i < SIDE_COUNT; i++)
        hide(screen->sides[i]);
    screen->layout.border_count = 0;
    screen->layout.no_left = false;
}

/* A pane in the column [x, x + w), rows [y, y + h) of which the first is its
 * rule. */
static void place(const struct screen *screen, struct pane *pane, int y, int x,
                  int h, int w)
{
    int rule = screen->layout.rows >= RULES_FROM;

    pane->rect = (struct rect){y + rule, x, h - rule, w};
    pane->bare = !rule;
}

/* The category panes share the right column evenly; the first ones get what
 * is left over. */
static void stack(struct screen *screen, int x, int w)
{
    const struct rect *body = &screen->layout.body;
    int count = (int)screen->pane_count - PANE_CATEGORIES;
    int y = body->y;

    for (int i = 0; i < count; i++) {
        int h = body->h / count + (i < body->h % count);

        place(screen, screen->panes[PANE_CATEGORIES + i], y, x, h, w);
        y += h;
    }
}

static void add_border(struct layout *layout, int x)
{
    layout->borders[layout->border_count++] = x;
}

/* A wider window is shared out: neither the stream nor the category panes
 * stand still beside empty cells. */
static int right_cells(const struct screen *screen)
{
    int more = screen->layout.cols - THREE_COLUMNS;

    return RIGHT + more * RIGHT_SHARE / 100;
}

static int left_cells(const struct screen *screen)
{
    return screen->layout.cols >= WIDE ? LEFT_WIDE : LEFT;
}

static size_t side_rows(const struct screen *screen, enum side side)
{
    return screen->sides[side]->ops->rows(screen->sides[side]);
}

/* Rows for who works now, the rule too; 0: nobody, or there is no room. */
static int working_height(const struct screen *screen)
{
    const struct layout *layout = &screen->layout;
    int most = layout->body.h >= HIGH ? WORKING_HIGH : WORKING_MOST;
    size_t rows = side_rows(screen, SIDE_WORKING);

    if (!rows || layout->rows < RULES_FROM || layout->body.h < WORKING_FROM)
        return 0;
    return 1 + (rows < (size_t)most ? (int)rows : most);
}

/* The accounts, below them who works now, and below those, if there is room,
 * the open signals. */
static void place_left(struct screen *screen, int w)
{
    const struct rect *body = &screen->layout.body;
    size_t accounts = tally_accounts(screen->host->tally);
    int working = working_height(screen), room = body->h - working;
    int h = accounts < (size_t)room ? (int)accounts + 1 : room;

    if (room - h < FACTS_LEAST && body->h >= HIGH)
        h = working ? room / 2 : room * 2 / 3;
    if (room - h < FACTS_LEAST || screen->layout.rows < RULES_FROM ||
        !side_rows(screen, SIDE_SIGNALS))
        h = room;
    else
        place(screen, screen->sides[SIDE_SIGNALS], body->y + h + working, 0,
              room - h, w);
    if (working)
        place(screen, screen->sides[SIDE_WORKING], body->y + h, 0, working, w);
    place(screen, screen->panes[PANE_ACCOUNTS], body->y, 0, h, w);
}

/* The one pane that has the focus, and below it, in few rows, who works. */
static void one_column(struct screen *screen)
{
    const struct rect *body = &screen->layout.body;
    int rule = screen->layout.rows >= RULES_FROM;
    int working =
        rule ? working_height(screen)
             : side_rows(screen, SIDE_WORKING) > 0 && body->h >= STRIP_FROM;

    if (working)
        place(screen, screen->sides[SIDE_WORKING], body->y + body->h - working,
              0, working, body->w);
    place(screen, screen->panes[screen->focus], body->y, 0, body->h - working,
          body->w);
}

static int left_column(const struct screen *screen, int extra)
{
    return clamp(left_cells(screen) + extra, LEFT_LEAST,
                 screen->layout.cols / 2);
}

/* The stream keeps its cells, beside the accounts if they show. */
static int right_column(const struct screen *screen, int extra)
{
    int most = screen->layout.body.w - STREAM_LEAST - 1;

    if (shape_of(screen) == SHAPE_THREE)
        most -= left_column(screen, screen->left_extra) + 1;
    return clamp(right_cells(screen) + extra, RIGHT_LEAST, most);
}

static void three_columns(struct screen *screen)
{
    const struct rect *body = &screen->layout.body;
    int left = left_column(screen, screen->left_extra);
    int right = right_column(screen, screen->right_extra);
    int stream = body->w - left - right - 2;

    place_left(screen, left);
    place(screen, screen->panes[PANE_STREAM], body->y, left + 1, body->h,
          stream);
    stack(screen, left + stream + 2, right);
    add_border(&screen->layout, left);
    add_border(&screen->layout, left + stream + 1);
}

/* Stream and category panes, without the accounts. */
static void no_left_column(struct screen *screen)
{
    const struct rect *body = &screen->layout.body;
    int right = right_column(screen, screen->right_extra);
    int stream = body->w - right - 1;

    place(screen, screen->panes[PANE_STREAM], body->y, 0, body->h, stream);
    stack(screen, stream + 1, right);
    add_border(&screen->layout, stream);
    screen->layout.no_left = true;
}

static void two_columns(struct screen *screen)
{
    const struct rect *body = &screen->layout.body;
    int left = left_column(screen, screen->left_extra);

    place_left(screen, left);
    place(screen, screen->panes[PANE_STREAM], body->y, left + 1, body->h,
          body->w - left - 1);
    add_border(&screen->layout, left);
}

static void place_live(struct screen *screen)
{
    const struct rect *body = &screen->layout.body;

    switch (shape_of(screen)) {
    case SHAPE_STREAM:
        place(screen, screen->panes[PANE_STREAM], body->y, 0, body->h,
              body->w);
        break;
    case SHAPE_FOCUS:
        place(screen, screen->panes[screen->focus], body->y, 0, body->h,
              body->w);
        break;
    case SHAPE_COLUMN:
        one_column(screen);
        break;
    case SHAPE_NO_LEFT:
        no_left_column(screen);
        break;
    case SHAPE_THREE:
        three_columns(screen);
        break;
    case SHAPE_TWO:
        two_columns(screen);
        break;
    }
}

bool layout_fit_extra(const struct screen *screen, bool left, int *extra)
{
    enum shape shape = shape_of(screen);

    if (screen->tab != TAB_live)
        return false;
    if (left && (shape == SHAPE_TWO || shape == SHAPE_THREE))
        *extra = left_column(screen, *extra) - left_cells(screen);
    else if (!left && (shape == SHAPE_NO_LEFT || shape == SHAPE_THREE))
        *extra = right_column(screen, *extra) - right_cells(screen);
    else
        return false;
    return true;
}

/* A table with its rows, and below it what is known of the selected one, if
 * there is room for something. In a high window a long table leaves half. */
static void place_table(struct screen *screen)
{
    struct pane *table = screen_table(screen), *facts = screen_facts(screen);
    const struct rect *body = &screen->layout.body;
    int rule = screen->layout.rows >= RULES_FROM;
    size_t rows = table->ops->rows(table);
    int h = rows < (size_t)body->h ? (int)rows + rule : body->h;

    if (body->h - h < FACTS_LEAST && body->h >= HIGH)
        h = (body->h + 1) / 2;
    if (!rows || body->h - h < FACTS_LEAST || !facts || screen->zoom)
        h = body->h;
    else
        place(screen, facts, body->y + h, 0, body->h - h, body->w);
    place(screen, table, body->y, 0, h, body->w);
    table->focus = !screen->over_count;
}

/* The focus goes to the stream when its pane has no room any more. */
static void place_focus(struct screen *screen)
{
    if (!pane_shows(screen->panes[screen->focus]))
        screen->focus = PANE_STREAM;
    if (!screen->over_count)
        screen->panes[screen->focus]->focus = true;
}

void layout_update(struct screen *screen)
{
    struct layout *layout = &screen->layout;
    int prompt = screen->prompt
                     ? prompt_rows(screen->prompt, draw_rows(screen->draw)) - 1
                     : 0;

    layout->rows = draw_rows(screen->draw);
    layout->cols = draw_cols(screen->draw);
    layout->category_row = layout->rows >= RULES_FROM;
    layout->columns = layout->cols >= THREE_COLUMNS ? 3
                      : layout->cols >= TWO_COLUMNS ? 2
                                                    : 1;
    layout->body.y = 1 + layout->category_row;
    layout->body.x = 0;
    layout->body.w = layout->cols;
    layout->body.h = layout->rows - layout->body.y - 1 - prompt;
    hide_all(screen);
    if (layout->columns == 1 && screen->focus >= PANE_CATEGORIES)
        screen->focus = PANE_STREAM;
    if (screen->tab == TAB_live) {
        place_live(screen);
        place_focus(screen);
    } else {
        place_table(screen);
    }
    for (size_t i = 0; i < screen->over_count; i++) {
        place(screen, screen->overs[i], layout->body.y, 0, layout->body.h,
              layout->body.w);
        screen->overs[i]->focus = i + 1 == screen->over_count;
    }
}

bool layout_grab(struct screen *screen, int y, int x)
{
    const struct layout *layout = &screen->layout;

    screen->dragged = 0;
    if (screen->over_count || y < layout->body.y ||
        y >= layout->body.y + layout->body.h)
        return false;
    for (int i = 0; i < layout->border_count; i++)
        if (layout->borders[i] == x)
            screen->dragged = i + 1;
    return screen->dragged > 0;
}

void layout_drag(struct screen *screen, int x)
{
    bool left = screen->dragged == 1 && !screen->layout.no_left;
    int *extra = left ? &screen->left_extra : &screen->right_extra;

    if (!screen->dragged)
        return;
    *extra = left ? x - left_cells(screen)
                  : screen->layout.cols - x - 1 - right_cells(screen);
    layout_fit_extra(screen, left, extra);
    screen_dirty(screen);
}

static bool inside(const struct pane *pane, int y, int x)
{
    return y >= pane->rect.y && y < pane->rect.y + pane->rect.h &&
           x >= pane->rect.x && x < pane->rect.x + pane->rect.w;
}

struct pane *layout_pane_at(struct screen *screen, int y, int x)
{
    if (screen->over_count) {
        struct pane *top = screen->overs[screen->over_count - 1];

        return inside(top, y, x) ? top : NULL;
    }
    if (screen_table(screen))
        return inside(screen_table(screen), y, x) ? screen_table(screen)
                                                  : NULL;
    for (int i = 0; i < SIDE_COUNT; i++)
        if (inside(screen->sides[i], y, x))
            return screen->sides[i];
    for (size_t i = 0; i < screen->pane_count; i++)
        if (inside(screen->panes[i], y, x))
            return screen->panes[i];
    return NULL;
}
