/* The help screen. Its text is the action table: nothing about keys is
 * written here, so it cannot drift from what they do. Behind the keys, the
 * fields of the filter language and a legend of the marks on the rows. */
#include "ui/pane/help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/utf8.h"
#include "query/query.h"
#include "ui/pane/list.h"
#include "ui/pane/screen.h"

#include "base/banned.h"

#define MAX_WORD 64
#define LEGEND_MAX 64  /* lines that are no action's */
#define KEYS_WIDTH 11  /* if texts have room … */
#define KEYS_LEAST 8   /* … and if not */
#define TWO_COLUMNS 80 /* cells from which there are two */

/* A line: a group's title, a row of keys and words, or a blank. */
struct help_line {
    const char *title;
    char *keys;       /* owned */
    const char *text; /* of the table */
};

struct help {
    struct pane pane;
    enum action_where below;
    struct help_line lines[ACTION_COUNT + 2 * GROUP_COUNT + LEGEND_MAX];
    size_t count;
    struct list pages; /* each of as many columns as there is room for */
    struct buf word;   /* what was typed */
};

static struct help *self(struct pane *pane)
{
    return (struct help *)(void *)pane;
}

static const struct help *self_const(const struct pane *pane)
{
    return (const struct help *)(const void *)pane;
}

static void drop_lines(struct help *help)
{
    for (size_t i = 0; i < help->count; i++)
        free(help->lines[i].keys);
    help->count = 0;
}

/* The row and those that stand with it match when any word does. */
static bool row_matches(enum action action, const char *folded)
{
    enum action last = action;

    if (!*folded)
        return true;
    while (last + 1 < ACTION_COUNT && !action_row(last + 1)->brief)
        last++;
    for (enum action at = action; at <= last; at++) {
        const struct action_row *row = action_row(at);

        if (text_contains_folded(row->help, folded) ||
            text_contains_folded(row->command, folded) ||
            (row->brief && text_contains_folded(row->brief, folded)))
            return true;
    }
    return false;
}

/* A key as the help writes it: arrows as arrows. */
static const char *short_key(const struct help *help, const char *key,
                             size_t len)
{
    static const char *const names[][2] = {{"Up", "↑"},
                                           {"Down", "↓"},
                                           {"Left", "←"},
                                           {"Right", "→"}};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i][0]) == len && !strncmp(names[i][0], key, len) &&
            draw_unicode(screen_drawing(help->pane.screen)))
            return names[i][1];
    return NULL;
}

/* "1 2 3 4 5 6 7 8 9 0" is "1 … 9 0". */
static size_t digits_run(const char *keys)
{
    size_t at = 0;

    while (keys[at] >= '1' && keys[at] <= '9' && keys[at + 1] == ' ' &&
           keys[at + 2] == keys[at] + 1)
        at += 2;
    return at;
}

static char *short_keys(const struct help *help, const char *keys)
{
    struct buf out;

    buf_init(&out, 512);
    while (*keys) {
        size_t len = strcspn(keys, " "), run = digits_run(keys);
        const char *mark = short_key(help, keys, len);

        if (run > 4) {
            buf_addf(&out, "%c %s ", *keys,
                     draw_mark_text(screen_drawing(help->pane.screen),
                                    MARK_ELLIPSIS));
            keys += run;
            continue;
        }
        if (mark)
            buf_adds(&out, mark);
        else
            buf_add(&out, keys, len);
        keys += len;
        if (*keys == ' ')
            buf_addc(&out, *keys++);
    }
    return buf_take(&out);
}

/* All keys of the row: its own and of those that stand with it. */
static char *row_keys(const struct help *help, enum action action)
{
    const struct keymap *map = screen_keymap(help->pane.screen);
    struct buf keys;
    char *text;

    buf_init(&keys, 256);
    for (enum action at = action;
         at < ACTION_COUNT && (at == action || !action_row(at)->brief); at++)
        if (action_row(at)->where & help->below)
            keymap_keys(map, at, &keys);
    text = short_keys(help, keys.data);
    buf_free(&keys);
    return text;
}

static void add_row(struct help *help, enum action action)
{
    const struct action_row *row = action_row(action);
    char *keys = row_keys(help, action);

    /* Without a key it is still a command: say how to type it. */
    if (!*keys) {
        struct buf command;

        free(keys);
        buf_init(&command, 64);
        buf_addf(&command, ":%.*s", (int)strcspn(row->command, " "),
                 row->command);
        keys = buf_take(&command);
    }
    help->lines[help->count++] =
        (struct help_line){.keys = keys, .text = row->brief};
}

static void add_group(struct help *help, enum action_group group,
                      const char *folded)
{
    size_t before = help->count;

    for (enum action action = 0; action < ACTION_COUNT; action++) {
        const struct action_row *row = action_row(action);

        if (row->group != group || !row->brief ||
            !(row->where & help->below) || !row_matches(action, folded))
            continue;
        if (help->count == before) {
            if (before)
                help->lines[help->count++] = (struct help_line){0};
            help->lines[help->count++] =
                (struct help_line){.title = action_group_title(group)};
        }
        add_row(help, action);
    }
}

/* A row under a title, which comes with its first row. */
static void add_note(struct help *help, const char *folded, const char *title,
                     const char *mark, const char *text)
{
    bool first = true;

    if (*folded && !text_contains_folded(title, folded) &&
        !text_contains_folded(mark, folded) &&
        !text_contains_folded(text, folded))
        return;
    for (size_t i = 0; i < help->count; i++)
        first &= help->lines[i].title != title;
    if (first && help->count)
        help->lines[help->count++] = (struct help_line){0};
    if (first)
        help->lines[help->count++] = (struct help_line){.title = title};
    help->lines[help->count++] =
        (struct help_line){.keys = xstrdup(mark), .text = text};
}

static void add_fields(struct help *help, const char *folded)
{
    static const char title[] = "What a filter understands";
    const char *example, *what;

    add_note(help, folded, title, "acme flag", "both words, anywhere");
    add_note(help, folded, title, "\"a phrase\"", "these words in a row");
    add_note(help, folded, title, "-word", "not this one");
    add_note(help, folded, title, "a | b", "one of them; ( ) group");
    for (size_t i = 0; query_field(i, &example, &what); i++)
        add_note(help, folded, title, example, what);
}

static void add_legend(struct help *help, const char *folded)
{
    static const char title[] = "What the marks mean";
    const struct draw *draw = screen_drawing(help->pane.screen);
    const char *mark = draw_mark_text(draw, MARK_REPLAY);
    char text[32];

    add_note(help, folded, title, "!", "act on it");
    add_note(help, folded, title, "~", "look at it");
    add_note(help, folded, title, "#", "you pinned it");
    add_note(help, folded, title, "*", "a rule of yours highlights it");
    add_note(help, folded, title, mark, "a replay: o opens it");
    mark = draw_mark_text(draw, MARK_REPLAY_WAIT);
    add_note(help, folded, title, mark, "a replay, not yet ready");
    snprintf(text, sizeof text, "%s3", draw_mark_text(draw, MARK_TIMES));
    add_note(help, folded, title, text, "the same, 3 times in a row");
    add_note(help, folded, title, "(name)", "not in your book");
    add_note(help, folded, title, "bars", "an account's last hour");
    if (screen_host(help->pane.screen)->looks)
        add_note(help, folded, title, draw_mark_text(draw, MARK_BULLET),
                 "others of the team look at it");
    for (int i = 1; i <= CATEGORY_COUNT; i++) {
        enum category category = (enum category)(i % CATEGORY_COUNT);

        add_note(help, folded, title, draw_glyph_text(draw, category),
                 category_title(category));
    }
}

static void add_accounts_legend(struct help *help, const char *folded)
{
    static const char title[] = "What the marks mean";
    const struct draw *draw = screen_drawing(help->pane.screen);

    add_note(help, folded, title, draw_mark_text(draw, MARK_BULLET),
             "somebody works there now");
}

static void fill(struct help *help)
{
    char *folded = text_fold(help->word.data);

    drop_lines(help);
    for (enum action_group group = 0; group < GROUP_COUNT; group++)
        add_group(help, group, folded);
    if (help->below == WHERE_LIVE) {
        add_fields(help, folded);
        add_legend(help, folded);
    }
    if (help->below == WHERE_ACCOUNTS)
        add_accounts_legend(help, folded);
    list_go(&help->pages, 0);
    free(folded);
}

static int columns(const struct help *help)
{
    return help->pane.rect.w >= TWO_COLUMNS ? 2 : 1;
}

/* Where the column that begins at line `from` ends: a group stays whole
 * where it can. */
static size_t column_end(const struct help *help, size_t from)
{
    size_t height = help->pane.rect.h > 0 ? (size_t)help->pane.rect.h : 1;
    size_t end = from + height;

    if (end >= help->count)
        return help->count;
    for (size_t at = end; at > from + 1; at--)
        if (help->lines[at].title)
            return at;
    return end;
}

/* The first line of a page, and how many pages there are. */
static size_t page_start(const struct help *help, size_t page, size_t *pages)
{
    size_t at = 0, start = 0;

    for (*pages = 0; at < help->count || !*pages; (*pages)++) {
        if (*pages == page)
            start = at;
        for (int column = 0; column < columns(help); column++)
            at = column_end(help, at);
        if (!help->count)
            continue;
    }
    return start;
}

static void help_free(struct pane *pane)
{
    struct help *help = self(pane);

    drop_lines(help);
    buf_free(&help->word);
    free(help);
}

static void help_title(const struct pane *pane, struct buf *left,
                       struct buf *right)
{
    const struct help *help = self_const(pane);
    size_t pages;

    page_start(help, 0, &pages);
    buf_addf(left, "Help: %s", action_where_title(help->below));
    buf_addf(right, "%zu of %zu", help->pages.cursor + 1, pages);
}

static void help_head(const struct pane *pane, struct draw *draw,
                      struct rect row)
{
    const struct help *help = self_const(pane);
    int x = row.x + 1;

    if (help->word.len) {
        x += draw_text(draw, row.y, x, 6, ROLE_PROMPT, "find: ");
        x += draw_text(draw, row.y, x, row.w - 8, ROLE_TEXT, help->word.data);
        draw_mark(draw, row.y, x, ROLE_PROMPT, MARK_CARET);
        return;
    }
    x += draw_cut(draw, row.y, x, row.w - 1, ROLE_DIM,
                  "Type a word to find a key.");
    if (row.w < TWO_COLUMNS)
        return;
    draw_text(draw, row.y, x + 1, row.w - x - 1, ROLE_DIM,
              "Keys are set in [keys] of the config.");
    draw_right(draw, row.y, row.x + row.w - 9, 8, ROLE_DIM, "Esc back");
}

static int wider(int width, const char *text)
{
    int other = text_width(text);

    return other > width ? other : width;
}

/* Cells for the keys of a line's group, a blank too: what the longest takes,
 * or as many as leave room for every text. */
static int keys_width(const struct help *help, size_t at, int cells)
{
    int keys = 0, text = 0;

    while (at && !help->lines[at - 1].title)
        at--;
    for (; at < help->count && help->lines[at].keys; at++) {
        keys = wider(keys, help->lines[at].keys);
        text = wider(text, help->lines[at].text);
    }
    keys = keys + 1 > KEYS_WIDTH ? keys + 1 : KEYS_WIDTH;
    if (keys + text <= cells - 2)
        return keys;
    return text > cells - 2 - KEYS_LEAST ? KEYS_LEAST : cells - 2 - text;
}

static void draw_help_line(const struct help *help, size_t at,
                           struct draw *draw, int y, int x, int cells)
{
    const struct help_line *line = &help->lines[at];
    int used, width;

    if (line->title) {
        draw_cut(draw, y, x + 1, cells - 1, ROLE_TITLE, line->title);
    } else if (line->keys) {
        width = keys_width(help, at, cells);
        used = draw_cut(draw, y, x + 2, cells - 2, ROLE_KEY, line->keys);
        used = used < width ? width : used + 1;
        draw_cut(draw, y, x + 2 + used, cells - 2 - used, ROLE_TEXT,
                 line->text);
    }
}

static void help_draw(const struct pane *pane, struct draw *draw)
{
    const struct help *help = self_const(pane);
    struct rect rect = pane->rect;
    int wide = rect.w / columns(help);
    size_t pages, at = page_start(help, help->pages.cursor, &pages);

    if (!help->count)
        draw_format(draw, rect.y, rect.x + 1, rect.w - 1, ROLE_DIM,
                    "No key has to do with “%s”.", help->word.data);
    for (int column = 0; column < columns(help); column++) {
        size_t end = column_end(help, at);
        int x = rect.x + column * wide, y = rect.y;

        if (column)
            draw_column(draw, rect.y, x - 1, rect.h, ROLE_BORDER);
        if (at < end && !help->lines[at].title && !help->lines[at].keys)
            at++; /* no blank at the top of a column */
        for (; at < end; at++, y++)
            draw_help_line(help, at, draw, y, x, wide - 1);
    }
}

static void fit_pages(struct help *help)
{
    size_t pages;

    page_start(help, 0, &pages);
    list_fit(&help->pages, pages, 1);
}

static bool help_action(struct pane *pane, enum action action, const char *arg)
{
    struct help *help = self(pane);

    (void)arg;
    fit_pages(help);
    return list_action(&help->pages, action);
}

static bool help_key(struct pane *pane, const struct key *key)
{
    struct help *help = self(pane);
    char bytes[4];

    if (key->code == KEY_CODE_BACKSPACE) {
        size_t at = help->word.len;

        while (at && (help->word.data[--at] & 0xc0) == 0x80)
            ;
        buf_truncate(&help->word, at);
    } else if (key->code == KEY_CODE_ESC && help->word.len) {
        buf_clear(&help->word);
    } else if (key->code > ' ' && key->code < 0x110000 && key->code != 0x7f &&
               help->word.len < MAX_WORD) {
        buf_add(&help->word, bytes, (size_t)utf8_encode(key->code, bytes));
    } else if (key->code == ' ' && help->word.len) {
        buf_addc(&help->word, ' ');
    } else {
        return false;
    }
    fill(help);
    screen_dirty(pane->screen);
    return true;
}

static bool help_update(struct pane *pane)
{
    fit_pages(self(pane));
    return false;
}

static void help_hint(const struct pane *pane, struct buf *out)
{
    const struct help *help = self_const(pane);
    size_t pages;

    page_start(help, 0, &pages);
    if (help->pages.cursor + 1 < pages)
        buf_adds(out, "PgDn next page │ ");
    else if (pages > 1)
        buf_adds(out, "PgUp page before │ ");
    buf_adds(out, "Esc back");
}

struct pane *help_new(struct screen *screen, enum action_where where)
{
    static const struct pane_ops ops = {
        .free = help_free,
        .title = help_title,
        .draw = help_draw,
        .action = help_action,
        .key = help_key,
        .update = help_update,
        .head = help_head,
        .hint = help_hint,
    };
    struct help *help = xcalloc(1, sizeof *help);

    help->pane.ops = &ops;
    help->pane.screen = screen;
    help->pane.where = WHERE_LIST;
    help->below = where;
    buf_init(&help->word, MAX_WORD + 8);
    fill(help);
    return &help->pane;
}
