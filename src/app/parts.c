/* The decoder's parts: read once from the configuration, and read again when
 * the user changed book, projects or catalogue. Knows no journal, loop or screen. */
#include "app/parts.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/banned.h"

static struct file_stamp stamp_of(const char *path)
{
    struct file_stamp stamp = {.there = false};
    struct stat st;

    if (path && !stat(path, &st)) {
        stamp.there = true;
        stamp.size = st.st_size;
        stamp.inode = st.st_ino;
        stamp.changed = st.st_mtime;
    }
    return stamp;
}

/* A default file need not be there. */
static bool is_absent(const struct config *config, enum option_id id)
{
    const char *path = config_text(config, id);

    return !path || (config_is_default(config, id) && access(path, F_OK) &&
                     (errno == ENOENT || errno == ENOTDIR));
}

static bool read_catalog(const struct config *config, struct catalog **out,
                         struct err *err)
{
    *out = catalog_new();
    if (is_absent(config, OPTION_events) ||
        catalog_load(*out, config_text(config, OPTION_events), err))
        return true;
    catalog_free(*out);
    *out = NULL;
    return false;
}

/* fresh->book stays NULL when there is none. */
static bool read_book(const struct parts *parts, struct fresh_parts *fresh,
                      const atomic_bool *abandoned)
{
    const char *path = config_text(parts->config, OPTION_accounts);

    fresh->book = NULL;
    memset(&fresh->report, 0, sizeof fresh->report);
    if (parts->book_text) {
        fresh->book =
            book_read("demo", parts->book_text, strlen(parts->book_text),
                      &fresh->report, &fresh->err);
        return fresh->book != NULL;
    }
    fresh->stamp = stamp_of(path);
    if (is_absent(parts->config, OPTION_accounts))
        return true;
    fresh->book = abandoned ? book_load_unless(path, &fresh->report, abandoned,
                                               &fresh->err)
                            : book_load(path, &fresh->report, &fresh->err);
    return fresh->book != NULL;
}

/* The first book of all. */
static bool open_book(struct parts *parts, struct err *err)
{
    struct fresh_parts fresh = {.ok = false};
    bool ok = read_book(parts, &fresh, NULL);

    teams_add_book(&parts->teams, fresh.book);
    parts->book = fresh.book;
    parts->report = fresh.report;
    parts->stamp = fresh.stamp;
    return ok || err_set(err, "%s", fresh.err.text);
}

/* What the user's own file says; *out stays NULL when none is set. */
static bool read_teams(const struct config *config, struct teams **out,
                       struct err *err)
{
    const char *path = config_text(config, OPTION_teams);

    *out = path ? teams_load(path, err) : NULL;
    return *out || !path;
}

static bool take_path(void *ctx, const char *name, const char *key,
                      const char *value, const char *where, struct err *err)
{
    struct err why = {""};

    (void)name;
    return payload_paths_add(ctx, key, value, &why) ||
           err_set(err, "%s: %s", where, why.text);
}

static struct redaction *new_redaction(const struct config *config)
{
    const char *drop = config_text(config, OPTION_drop_properties);
    const char *prompts = config_text(config, OPTION_prompts);

    return strcmp(prompts, "drop") ? redaction_new(drop ? drop : "")
                                   : redaction_new_prompts(drop);
}

/* Where another group than the first is the organisation. */
static bool take_group(struct parts *parts, struct err *err)
{
    const char *index = config_text(parts->config, OPTION_posthog_group_index);
    struct buf paths;
    bool ok;

    if (!index || !strcmp(index, "0"))
        return true;
    buf_init(&paths, 256);
    buf_addf(&paths, "org_id properties.$group_%s event.properties.$group_%s",
             index, index);
    ok = payload_paths_add(parts->paths, "account_id", paths.data, err);
    buf_free(&paths);
    return ok;
}

static void wire(struct parts *parts)
{
    const struct config *config = parts->config;

    parts->links.hosts = config_list(config, OPTION_link_hosts);
    parts->links.project_url = config_text(config, OPTION_project_url);
    parts->hide.internal_domains =
        config_list(config, OPTION_internal_domains);
    parts->hide.machine_sources = config_list(config, OPTION_machine_sources);
    parts->hide.impersonated = config_flag(config, OPTION_hide_impersonated);
    parts->decoder.catalog = parts->catalog;
    parts->decoder.book = parts->book;
    parts->decoder.teams = parts->teams;
    parts->decoder.links = &parts->links;
    parts->decoder.redaction = parts->redaction;
    parts->decoder.hide = &parts->hide;
    parts->decoder.paths = parts->paths;
    parts->decoder.quote_prompts =
        !strcmp(config_text(config, OPTION_prompts), "show");
}

/* All but the book. */
static bool open_rest(struct parts *parts, const struct config *config,
                      const char *book_text, struct err *err)
{
    memset(parts, 0, sizeof *parts);
    parts->config = config;
    parts->book_text = book_text;
    parts->redaction = new_redaction(config);
    if (!strcmp(config_text(config, OPTION_prompts), "keep"))
        parts->conceal = redaction_new_prompts("");
    parts->paths = payload_paths_new();
    return config_section(config, "payload", take_path, parts->paths, err) &&
           take_group(parts, err) &&
           read_catalog(config, &parts->catalog, err) &&
           read_teams(config, &parts->teams, err);
}

bool parts_open(struct parts *parts, const struct config *config,
                const char *book_text, struct err *err)
{
    if (!open_rest(parts, config, book_text, err) || !open_book(parts, err)) {
        parts_close(parts);
        return false;
    }
    wire(parts);
    return true;
}

bool parts_open_bookless(struct parts *parts, const struct config *config,
                         struct err *no_book, struct err *err)
{
    no_book->text[0] = '\0';
    if (!open_rest(parts, config, NULL, err)) {
        parts_close(parts);
        return false;
    }
    open_book(parts, no_book);
    wire(parts);
    return true;
}

void parts_close(struct parts *parts)
{
    if (parts->catalog)
        catalog_free(parts->catalog);
    book_free(parts->book);
    teams_free(parts->teams);
    if (parts->redaction)
        redaction_free(parts->redaction);
    redaction_free(parts->conceal);
    if (parts->paths)
        payload_paths_free(parts->paths);
    memset(parts, 0, sizeof *parts);
}

/* A file that was half written, or saved by a program that spoils it, must not
 * take the accounts away from under somebody who works with them. */
static bool is_good(const struct parts *parts, const struct book *book,
                    const struct book_report *report, struct err *err)
{
    const char *path = config_text(parts->config, OPTION_accounts);
    size_t had = book_count(parts->book), has = book_count(book);

    if (!had || parts->book_text)
        return true;
    if (!has)
        return err_set(err,
                       "%s: %s: the %zu accounts of before stay until a "
                       "restart",
                       path ? path : "the book",
                       book ? "no accounts in it" : "it is gone", had);
    return has >= had || report->bad_rows <= has ||
           err_set(err,
                   "%s: %zu rows are no accounts, %zu are: the %zu accounts "
                   "of before stay until a restart",
                   path, report->bad_rows, has, had);
}

void parts_read(const struct parts *parts, struct fresh_parts *fresh,
                const atomic_bool *abandoned)
{
    *fresh = (struct fresh_parts){.ok = false};
    fresh->ok = read_catalog(parts->config, &fresh->catalog, &fresh->err) &&
                read_teams(parts->config, &fresh->teams, &fresh->err);
    if (fresh->ok) {
        fresh->ok = read_book(parts, fresh, abandoned);
        teams_add_book(&fresh->teams, fresh->book);
    } else {
        fresh->stamp = stamp_of(config_text(parts->config, OPTION_accounts));
    }
}

void parts_drop(struct fresh_parts *fresh)
{
    if (fresh->catalog)
        catalog_free(fresh->catalog);
    book_free(fresh->book);
    teams_free(fresh->teams);
    fresh->catalog = NULL;
    fresh->teams = NULL;
    fresh->book = NULL;
}

bool parts_take(struct parts *parts, struct fresh_parts *fresh,
                struct book **old_book, struct err *err)
{
    *old_book = NULL;
    parts->stamp = fresh->stamp;
    if (!fresh->ok)
        err_set(err, "%s", fresh->err.text);
    if (!fresh->ok || !is_good(parts, fresh->book, &fresh->report, err)) {
        parts_drop(fresh);
        return false;
    }
    catalog_free(parts->catalog);
    teams_free(parts->teams);
    parts->teams = fresh->teams;
    *old_book = parts->book;
    parts->catalog = fresh->catalog;
    parts->book = fresh->book;
    parts->report = fresh->report;
    wire(parts);
    return true;
}

bool parts_reload(struct parts *parts, struct book **old_book, struct err *err)
{
    struct fresh_parts fresh;

    parts_read(parts, &fresh, NULL);
    return parts_take(parts, &fresh, old_book, err);
}

bool parts_book_changed(const struct parts *parts)
{
    struct file_stamp now;

    if (parts->book_text)
        return false;
    now = stamp_of(config_text(parts->config, OPTION_accounts));
    return now.there != parts->stamp.there || now.size != parts->stamp.size ||
           now.inode != parts->stamp.inode ||
           now.changed != parts->stamp.changed;
}
