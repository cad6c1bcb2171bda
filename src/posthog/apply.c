/* Part by part: is it there, is it as it should be; then the parts that are
 * too many. What a part should be is destination.c's. */
#include "posthog/apply.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "base/mem.h"
#include "config/secret.h"
#include "posthog/filters.h"
#include "posthog/search.h"

#include "base/banned.h"

struct apply {
    char *base_name;
    char *token;   /* for those that cannot sign; a secret, or NULL */
    cJSON *wanted; /* an array: what each part should be */
    const struct book *book;
    unsigned mode;
    apply_done *done;
    void *ctx;

    struct search search;
    struct api_sequence searching;
    bool searched;
    int part;  /* the next to look at, by wanted_at() */
    int extra; /* the next of what was found to look at, from the end */

    /* What was asked for and not yet heard of. */
    enum apply_step step;
    struct buf path, difference, name;
    cJSON *body;
    bool not_signed; /* PostHog has not kept the signing secret: the path is
                        that of the destination, the body what it gets now */
};

/* All bodies are made, and looked at, before anything is asked. */
static bool make_wanted(struct apply *apply,
                        const struct destination_plan *plan, struct err *err)
{
    size_t parts = destination_parts(plan);

    for (size_t i = 0; i < parts; i++) {
        cJSON *body = destination_body(plan, i);

        cJSON_AddItemToArray(apply->wanted, body);
        if (!filters_are_narrow(cJSON_GetObjectItemCaseSensitive(body,
                                                                 "filters"),
                                err))
            return false;
    }
    return true;
}

struct apply *apply_new(const struct destination_plan *plan, unsigned mode,
                        apply_done *done, void *ctx, struct err *err)
{
    struct apply *apply = xcalloc(1, sizeof *apply);

    apply->base_name = xstrdup(plan->name);
    apply->token = plan->token ? xstrdup(plan->token) : NULL;
    apply->wanted = cJSON_CreateArray();
    apply->book = plan->book;
    apply->mode = mode;
    apply->done = done;
    apply->ctx = ctx;
    search_open(&apply->search, apply->base_name);
    apply->searching = search_sequence(&apply->search);
    buf_init(&apply->path, KIB);
    buf_init(&apply->difference, MIB);
    buf_init(&apply->name, 4 * KIB);
    if (destination_plan_valid(plan, err) && make_wanted(apply, plan, err))
        return apply;
    apply_free(apply);
    return NULL;
}

void apply_free(struct apply *apply)
{
    if (!apply)
        return;
    search_close(&apply->search);
    buf_free(&apply->path);
    buf_free(&apply->difference);
    buf_free(&apply->name);
    cJSON_Delete(apply->body);
    cJSON_Delete(apply->wanted);
    secret_free(apply->token);
    free(apply->base_name);
    free(apply);
}

static void say_done(struct apply *apply)
{
    apply->done(apply->ctx, apply->name.data, apply->step,
                apply->difference.data);
}

/* Only what is ours to set; whether it is on is the user's choice. */
static cJSON *change_body(const cJSON *is, const cJSON *wanted)
{
    static const char *const keys[] = {"description", "inputs", "filters"};
    cJSON *body = cJSON_CreateObject();

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        cJSON_AddItemToObject(
            body, keys[i],
            cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(wanted, keys[i]),
                            true));
    if (*posthog_text(is, "updated_at"))
        cJSON_AddStringToObject(body, "base_updated_at",
                                posthog_text(is, "updated_at"));
    return body;
}

static cJSON *delete_body(void)
{
    cJSON *body = cJSON_CreateObject();

    cJSON_AddTrueToObject(body, "deleted");
    return body;
}

/* The request that was prepared; body is taken over. */
static bool put_question(struct apply *apply, const cJSON *is, cJSON *body,
                         struct question *question)
{
    buf_clear(&apply->path);
    buf_addf(&apply->path, is ? "/hog_functions/%s/" : "/hog_functions/",
             posthog_text(is, "id"));
    cJSON_Delete(apply->body);
    apply->body = body;
    *question = (struct question){.method = is ? "PATCH" : "POST",
                                  .path = apply->path.data,
                                  .body = apply->body};
    return true;
}

/* Sets step, name and difference for a part: is may be NULL. */
static void judge(struct apply *apply, const cJSON *is, const cJSON *wanted)
{
    buf_clear(&apply->name);
    buf_adds(&apply->name, posthog_text(wanted, "name"));
    buf_clear(&apply->difference);
    apply->step = APPLY_CREATED;
    if (!is)
        return;
    destination_difference(is, wanted, apply->book, &apply->difference);
    apply->step = apply->difference.len || apply->mode & APPLY_ALWAYS
                      ? APPLY_UPDATED
                      : APPLY_SAME;
}

/* The first part comes last: where it is, another telltale that looks after
 * existing ones does not make what we are about to. */
static cJSON *wanted_at(const struct apply *apply, int part)
{
    return cJSON_GetArrayItem(apply->wanted,
                              (part + 1) % cJSON_GetArraySize(apply->wanted));
}

/* True when there is something to ask for one part; false also with err. */
static bool ask_part(struct apply *apply, int part, struct question *question,
                     struct err *err)
{
    cJSON *wanted = wanted_at(apply, part);
    const cJSON *is =
        search_called(&apply->search, posthog_text(wanted, "name"));

    if (is && !destination_fit(wanted, is, apply->token, err))
        return false;
    judge(apply, is, wanted);
    if (apply->mode & APPLY_DRY || apply->step == APPLY_SAME) {
        say_done(apply);
        return false;
    }
    return put_question(apply, is,
                        is ? change_body(is, wanted)
                           : cJSON_Duplicate(wanted, true),
                        question);
}

/* True when there is something to ask for one that is too many. */
static bool ask_extra(struct apply *apply, const cJSON *is,
                      struct question *question)
{
    buf_clear(&apply->name);
    buf_adds(&apply->name, posthog_text(is, "name"));
    buf_clear(&apply->difference);
    apply->step = APPLY_DELETED;
    if (!(apply->mode & APPLY_DRY))
        return put_question(apply, is, delete_body(), question);
    say_done(apply);
    return false;
}

static bool is_wanted(const struct apply *apply, const cJSON *is)
{
    const cJSON *wanted;

    cJSON_ArrayForEach(wanted, apply->wanted)
    {
        if (!strcmp(posthog_text(wanted, "name"), posthog_text(is, "name")))
            return true;
    }
    return false;
}

static bool ask_change(struct apply *apply, struct question *question,
                       struct err *err)
{
    int parts = cJSON_GetArraySize(apply->wanted);

    while (apply->part < parts && !*err->text)
        if (ask_part(apply, apply->part++, question, err))
            return true;
    if (*err->text)
        return false;
    while (apply->extra > 0) {
        const cJSON *is =
            cJSON_GetArrayItem(apply->search.found, --apply->extra);

        if (!is_wanted(apply, is) && ask_extra(apply, is, question))
            return true;
    }
    return false;
}

static void leave_all(struct apply *apply)
{
    apply->part = cJSON_GetArraySize(apply->wanted);
    apply->extra = 0;
}

static bool next(void *ctx, struct question *question, struct err *err)
{
    struct apply *apply = ctx;

    if (!apply->searched) {
        if (apply->searching.next(apply->searching.ctx, question, err))
            return true;
        if (err->text[0])
            return false;
        apply->searched = true;
        apply->extra = cJSON_GetArraySize(apply->search.found);
        if (apply->mode & APPLY_EXISTING &&
            !search_called(&apply->search, apply->base_name))
            leave_all(apply);
    }
    if (!apply->not_signed)
        return ask_change(apply, question, err);
    *question = (struct question){.method = "PATCH",
                                  .path = apply->path.data,
                                  .body = apply->body};
    return true;
}

/* It was kept without its secret, so that what it sends now is refused here:
 * at once the token is put in its place. */
static bool repair(struct apply *apply, const cJSON *answer, struct err *err)
{
    cJSON *wanted = wanted_at(apply, apply->part - 1);

    if (!destination_fit(wanted, answer, apply->token, err))
        return false;
    buf_clear(&apply->path);
    buf_addf(&apply->path, "/hog_functions/%s/", posthog_text(answer, "id"));
    cJSON_Delete(apply->body);
    apply->body = change_body(answer, wanted);
    apply->not_signed = true;
    return true;
}

static bool take(void *ctx, const cJSON *answer, struct err *err)
{
    struct apply *apply = ctx;

    if (!apply->searched)
        return apply->searching.take(apply->searching.ctx, answer, err);
    if (!apply->not_signed && apply->step != APPLY_DELETED &&
        destination_unsigned(answer, apply->body))
        return repair(apply, answer, err);
    apply->not_signed = false;
    say_done(apply);
    return true;
}

struct api_sequence apply_sequence(struct apply *apply)
{
    return (struct api_sequence){.ctx = apply, .next = next, .take = take};
}
