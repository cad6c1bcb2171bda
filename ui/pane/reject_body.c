/* A refused body: why it was refused in the row above, then its bytes, made
 * harmless and broken into lines. */
#include "ui/pane/reject_body.h"

#include <stdlib.h>

#include "base/mem.h"
#include "live/display.h"
#include "ui/pane/list.h"
#include "ui/pane/mask.h"
#include "ui/pane/raw_text.h"
#include "ui/pane/screen.h"
#include "ui/pane/time_text.h"

#include "base/banned.h"

struct reject_body {
    struct pane pane;
    struct list list;
    struct raw_text raw;
    bool read;
    int64_t id;
    int status;
    uint64_t size;
    char *why, *peer; /* peer: NULL when not known */
};

static struct reject_body *self(struct pane *pane)
{
    return (struct reject_body *)(void *)pane;
}

static const struct reject_body *self_const(const struct pane *pane)
{
    return (const struct reject_body *)(const void *)pane;
}

static void body_free(struct pane *pane)
{
    struct reject_body *body = self(pane);

    raw_text_clear(&body->raw);
    free(body->why);
    free(body->peer);
    free(body);
}

static void body_title(const struct pane *pane, struct buf *left,
                       struct buf *right)
{
    const struct reject_body *body = self_const(pane);
    char size[NUMBER_SIZE];

    number_text(body->size, size);
    buf_adds(left, "Refused");
    buf_addf(right, "%d · %s byte%s", body->status, size,
             plural_text(body->size));
    if (body->peer)
        buf_addf(right, " from %s", mask_on() ? "…" : body->peer);
}

static void body_head(const struct pane *pane, struct draw *draw,
                      struct rect row)
{
    mask_draw(draw, row.y, row.x + 1, row.w - 1, ROLE_WARN,
              self_const(pane)->why);
}

/* The program may have to read it first. */
static bool body_update(struct pane *pane)
{
    struct reject_body *body = self(pane);
    const struct display_host *host = screen_host(pane->screen);
    const char *text;
    size_t len = 0;

    if (!body->read) {
        text = host->reject_body(host->ctx, body->id, &len);
        body->read = text != NULL;
        if (text)
            raw_text_set(&body->raw, text, len);
    }
    raw_text_fit(&body->raw, pane->rect.w - 1);
    list_fit(&body->list, mask_on() && body->raw.count ? 1 : body->raw.count,
             pane->rect.h);
    return false;
}

static void draw_one_line(const struct pane *pane, struct draw *draw,
                          struct rect rect, size_t row)
{
    if (!mask_on())
        raw_text_draw(&self_const(pane)->raw, draw, rect, row);
    else if (!row)
        draw_cut(draw, rect.y, rect.x + 1, rect.w - 1, ROLE_DIM, MASK_NO_RAW);
}

static void body_draw(const struct pane *pane, struct draw *draw)
{
    const struct reject_body *body = self_const(pane);
    struct rect rect = pane->rect;

    if (body->read && !body->raw.count)
        draw_cut(draw, rect.y, rect.x + 1, rect.w - 1, ROLE_DIM,
                 "Nothing is kept of its body: it was refused before that "
                 "was read.");
    list_draw(&body->list, pane, draw, draw_one_line);
}

static bool body_action(struct pane *pane, enum action action, const char *arg)
{
    (void)arg;
    return list_action(&self(pane)->list, action);
}

static void body_hint(const struct pane *pane, struct buf *out)
{
    (void)pane;
    buf_adds(out, ":rejects retry decodes it again │ Esc back");
}

struct pane *reject_body_pane(struct screen *screen,
                              const struct display_reject *reject)
{
    static const struct pane_ops ops = {
        .free = body_free,
        .title = body_title,
        .draw = body_draw,
        .action = body_action,
        .update = body_update,
        .head = body_head,
        .hint = body_hint,
    };
    struct reject_body *body = xcalloc(1, sizeof *body);

    body->pane.ops = &ops;
    body->pane.screen = screen;
    body->pane.where = WHERE_LIST;
    body->id = reject->id;
    body->status = reject->status;
    body->size = reject->size;
    body->why = xstrdup(reject->why);
    body->peer = reject->peer ? xstrdup(reject->peer) : NULL;
    return &body->pane;
}
