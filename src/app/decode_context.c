/* What the decoder needs: read once from the configuration, and read again
 * when the user changed book, projects or catalogue. Knows no journal, loop or
 * screen. */
#include "app/decode_context.h"

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
static bool read_book(const struct decode_context *context,
                      struct decode_fresh *fresh, const atomic_bool *abandoned)
{
    const char *path = config_text(context->config, OPTION_accounts);

    fresh->book = NULL;
    memset(&fresh->report, 0, sizeof fresh->report);
    if (context->book_text) {
        fresh->book =
            book_read("demo", context->book_text, strlen(context->book_text),
                      &fresh->report, &fresh->err);
        return fresh->book != NULL;
    }
    fresh->stamp = stamp_of(path);
    if (is_absent(context->config, OPTION_accounts))
        return true;
    fresh->book = abandoned ? book_load_unless(path, &fresh->report, abandoned,
                                               &fresh->err)
                            : book_load(path, &fresh->report, &fresh->err);
    return fresh->book != NULL;
}

/* The first book of all. */
static bool open_book(struct decode_context *context, struct err *err)
{
    struct decode_fresh fresh = {.ok = false};
    bool ok = read_book(context, &fresh, NULL);

    teams_add_book(&context->teams, fresh.book);
    context->book = fresh.book;
    context->report = fresh.report;
    context->stamp = fresh.stamp;
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
static bool take_group(struct decode_context *context, struct err *err)
{
    const char *index =
        config_text(context->config, OPTION_posthog_group_index);
    struct buf paths;
    bool ok;

    if (!index || !strcmp(index, "0"))
        return true;
    buf_init(&paths, 256);
    buf_addf(&paths, "org_id properties.$group_%s event.properties.$group_%s",
             index, index);
    ok = payload_paths_add(context->paths, "account_id", paths.data, err);
    buf_free(&paths);
    return ok;
}

static void wire(struct decode_context *context)
{
    const struct config *config = context->config;

    context->links.hosts = config_list(config, OPTION_link_hosts);
    context->links.project_url = config_text(config, OPTION_project_url);
    context->hide.internal_domains =
        config_list(config, OPTION_internal_domains);
    context->hide.machine_sources =
        config_list(config, OPTION_machine_sources);
    context->hide.impersonated = config_flag(config, OPTION_hide_impersonated);
    context->decoder.catalog = context->catalog;
    context->decoder.book = context->book;
    context->decoder.teams = context->teams;
    context->decoder.links = &context->links;
    context->decoder.redaction = context->redaction;
    context->decoder.hide = &context->hide;
    context->decoder.paths = context->paths;
    context->decoder.quote_prompts =
        !strcmp(config_text(config, OPTION_prompts), "show");
}

/* Links are shown, copied and sent on. */
static bool check_links(const struct config *config, struct err *err)
{
    const char *url = config_text(config, OPTION_project_url);

    return !url || !strchr(url, '@') ||
           err_set(err,
                   "%s: the project's URL is shown and sent on, no login "
                   "belongs in it",
                   config_origin(config, OPTION_project_url));
}

/* All but the book. */
static bool open_rest(struct decode_context *context,
                      const struct config *config, const char *book_text,
                      struct err *err)
{
    memset(context, 0, sizeof *context);
    context->config = config;
    context->book_text = book_text;
    context->redaction = new_redaction(config);
    if (!strcmp(config_text(config, OPTION_prompts), "keep"))
        context->conceal = redaction_new_prompts("");
    context->paths = payload_paths_new();
    return check_links(config, err) &&
           config_section(config, "payload", take_path, context->paths, err) &&
           take_group(context, err) &&
           read_catalog(config, &context->catalog, err) &&
           read_teams(config, &context->teams, err);
}

bool decode_context_open(struct decode_context *context,
                         const struct config *config, const char *book_text,
                         struct err *err)
{
    if (!open_rest(context, config, book_text, err) ||
        !open_book(context, err)) {
        decode_context_close(context);
        return false;
    }
    wire(context);
    return true;
}

bool decode_context_open_bookless(struct decode_context *context,
                                  const struct config *config,
                                  struct err *no_book, struct err *err)
{
    no_book->text[0] = '\0';
    if (!open_rest(context, config, NULL, err)) {
        decode_context_close(context);
        return false;
    }
    open_book(context, no_book);
    wire(context);
    return true;
}

void decode_context_close(struct decode_context *context)
{
    if (context->catalog)
        catalog_free(context->catalog);
    book_free(context->book);
    teams_free(context->teams);
    if (context->redaction)
        redaction_free(context->redaction);
    redaction_free(context->conceal);
    if (context->paths)
        payload_paths_free(context->paths);
    memset(context, 0, sizeof *context);
}

/* A file that was half written, or saved by a program that spoils it, must not
 * take the accounts away from under somebody who works with them. */
static bool is_good(const struct decode_context *context,
                    const struct book *book, const struct book_report *report,
                    struct err *err)
{
    const char *path = config_text(context->config, OPTION_accounts);
    size_t had = book_count(context->book), has = book_count(book);

    if (!had || context->book_text)
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

void decode_context_read(const struct decode_context *context,
                         struct decode_fresh *fresh,
                         const atomic_bool *abandoned)
{
    *fresh = (struct decode_fresh){.ok = false};
    fresh->ok = read_catalog(context->config, &fresh->catalog, &fresh->err) &&
                read_teams(context->config, &fresh->teams, &fresh->err);
    if (fresh->ok) {
        fresh->ok = read_book(context, fresh, abandoned);
        teams_add_book(&fresh->teams, fresh->book);
    } else {
        fresh->stamp = stamp_of(config_text(context->config, OPTION_accounts));
    }
}

void decode_context_drop(struct decode_fresh *fresh)
{
    if (fresh->catalog)
        catalog_free(fresh->catalog);
    book_free(fresh->book);
    teams_free(fresh->teams);
    fresh->catalog = NULL;
    fresh->teams = NULL;
    fresh->book = NULL;
}

bool decode_context_take(struct decode_context *context,
                         struct decode_fresh *fresh, struct book **old_book,
                         struct err *err)
{
    *old_book = NULL;
    context->stamp = fresh->stamp;
    if (!fresh->ok)
        err_set(err, "%s", fresh->err.text);
    if (!fresh->ok || !is_good(context, fresh->book, &fresh->report, err)) {
        decode_context_drop(fresh);
        return false;
    }
    catalog_free(context->catalog);
    teams_free(context->teams);
    context->teams = fresh->teams;
    *old_book = context->book;
    context->catalog = fresh->catalog;
    context->book = fresh->book;
    context->report = fresh->report;
    wire(context);
    return true;
}

bool decode_context_book_changed(const struct decode_context *context)
{
    struct file_stamp now;

    if (context->book_text)
        return false;
    now = stamp_of(config_text(context->config, OPTION_accounts));
    return now.there != context->stamp.there ||
           now.size != context->stamp.size ||
           now.inode != context->stamp.inode ||
           now.changed != context->stamp.changed;
}
