/* Views in a list, and their file, as journal/views_file.h has it. */
#include "ui/pane/saved.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/path.h"
#include "journal/views_file.h"
#include "query/query.h"
#include "base/banned.h"

static struct saved views[SAVED_MAX];
static size_t count;
static char *file;
static unsigned reading;

static void drop(struct saved *view)
{
    free(view->name);
    free(view->query);
    *view = (struct saved){.name = NULL};
}

static void add(const char *name, const char *query, uint64_t read_seq,
                bool has_pane)
{
    views[count++] =
        (struct saved){xstrdup(name), xstrdup(query), read_seq, has_pane};
}

static size_t find(const char *name)
{
    size_t i = 0;

    while (i < count && text_casecmp(views[i].name, name) != 0)
        i++;
    return i;
}

static bool is_query(const char *text)
{
    struct query *query = query_parse(text, NULL);

    query_free(query);
    return query != NULL;
}

/* What somebody wrote into the file is cleaned like everything foreign. */
static char *clean(const char *text)
{
    struct buf out;

    buf_init(&out, LIMIT_PASTE);
    text_sanitise(&out, text, strlen(text), LIMIT_PASTE - 4);
    return buf_take(&out);
}

static void take(const char *name, const char *query, uint64_t read_seq,
                 bool has_pane)
{
    if (*name && find(name) == 0)
        views[0].read_seq = read_seq;
    else if (*name && count < SAVED_MAX && find(name) == count &&
             text_width(name) <= SAVED_NAME && is_query(query))
        add(name, query, read_seq, has_pane);
}

static void take_line(void *ctx, const struct views_line *line)
{
    char *name = clean(line->name), *query = clean(line->query);

    (void)ctx;
    take(name, query, line->read_seq, line->has_pane);
    free(name);
    free(query);
}

static void drop_all(void)
{
    while (count)
        drop(&views[--count]);
    reading++;
}

void saved_open(const char *journal)
{
    saved_close();
    add("All", "", 0, false);
    if (!journal)
        return;
    file = views_path(journal);
    views_each(file, take_line, NULL);
}

void saved_reread(void)
{
    if (!file)
        return;
    drop_all();
    add("All", "", 0, false);
    views_each(file, take_line, NULL);
}

unsigned saved_reading(void)
{
    return reading;
}

void saved_close(void)
{
    drop_all();
    free(file);
    file = NULL;
}

static bool save(struct err *err)
{
    struct buf text;
    bool ok;

    if (!file)
        return true;
    buf_init(&text, LIMIT_VIEWS_FILE);
    for (size_t i = 0; i < count; i++)
        buf_addf(&text, "%s\t%llu\t%s\t%s\n", views[i].has_pane ? "pane" : "-",
                 (unsigned long long)views[i].read_seq, views[i].name,
                 views[i].query);
    ok = buf_ok(&text) ? path_replace(file, text.data, text.len) ||
                             err_errno(err, "Not saved in %s", file)
                       : err_set(err, "Not saved: that is too long.");
    buf_free(&text);
    return ok;
}

/* What is lost with it is not worth a word. */
static void save_quietly(void)
{
    struct err err;

    save(&err);
}

size_t saved_count(void)
{
    return count;
}

const struct saved *saved_at(size_t index)
{
    return &views[index];
}

static bool check(const char *name, const char *query, struct err *err)
{
    if (!*name)
        return err_set(err, "A name is needed: save-view Money.");
    if (text_width(name) > SAVED_NAME)
        return err_set(err, "A name has up to %d characters.", SAVED_NAME);
    if (!find(name))
        return err_set(err, "All is what there is without a filter: another "
                            "name.");
    if (!*query)
        return err_set(err, "There is no filter to save: f asks for one.");
    return find(name) < SAVED_MAX ||
           err_set(err,
                   "There are %d views, which is all there may be: d "
                   "deletes one.",
                   SAVED_MAX - 1);
}

bool saved_put(const char *name, const char *query, uint64_t read_seq,
               struct err *err)
{
    char *clean_name = clean(name);
    size_t index = find(clean_name);
    bool ok = check(clean_name, query, err);

    if (ok && index == count) {
        add(clean_name, query, read_seq, false);
    } else if (ok) {
        free(views[index].query);
        views[index].query = xstrdup(query);
        views[index].read_seq = read_seq;
    }
    free(clean_name);
    return ok && save(err);
}

void saved_remove(size_t index)
{
    if (!index || index >= count)
        return;
    drop(&views[index]);
    count--;
    memmove(&views[index], &views[index + 1], (count - index) * sizeof *views);
    views[count] = (struct saved){.name = NULL};
    save_quietly();
}

void saved_mark_read(size_t index, uint64_t seq)
{
    if (index >= count || views[index].read_seq >= seq)
        return;
    views[index].read_seq = seq;
    save_quietly();
}

void saved_set_pane(size_t index, bool has_pane)
{
    if (!index || index >= count)
        return;
    views[index].has_pane = has_pane;
    save_quietly();
}
