/* The first-run screen: three ways to begin. It shows the token, since the
 * address is to be pasted; after the first event nothing here is shown. */
#include "ui/pane/welcome.h"

#include <string.h>

#include "base/buf.h"
#include "ui/pane/mask.h"
#include "ui/pane/screen.h"

#include "base/banned.h"

#define WIDE                                                                  \
    77 /* cells of the longest line, with an address of this machine */
#define HIGH 12 /* rows without a blank one */

struct page {
    struct draw *draw;
    struct rect rect;
    int y;
};

static void line(struct page *page, int indent, enum role role,
                 const char *text)
{
    struct rect rect = page->rect;

    if (page->y < rect.y + rect.h)
        draw_cut(page->draw, page->y, rect.x + indent, rect.w - indent, role,
                 text);
    page->y++;
}

/* Blank lines are the first to go when there is little room. */
static void blank(struct page *page)
{
    if (page->rect.h >= 20)
        page->y++;
}

static const char *without_scheme(const char *url)
{
    const char *at = url ? strstr(url, "://") : NULL;

    return at ? at + 3 : url;
}

/* Its secret is not for everybody. */
static const char *shown(const char *url)
{
    return mask_on() ? "…" : url;
}

static void curl_lines(struct page *page, const char *hook)
{
    struct buf text;

    buf_init(&text, 1024);
    buf_addf(&text, "curl %s \\", shown(without_scheme(hook)));
    line(page, 11, ROLE_KEY, text.data);
    line(page, 11, ROLE_KEY, "  -d '{\"event\":\"insight created\"}'");
    buf_free(&text);
}

static void posthog_lines(struct page *page,
                          const struct display_status *status)
{
    const char *url =
        status->public_url ? status->public_url : status->hook_url;
    struct buf text;

    line(page, 3, ROLE_TEXT,
         "3   Connect PostHog: Data pipelines, Destinations, New, HTTP "
         "Webhook, URL:");
    blank(page);
    buf_init(&text, 1024);
    buf_addf(&text, "%s   y copies it", url ? shown(url) : "");
    line(page, 11, ROLE_KEY, text.data);
    buf_free(&text);
    blank(page);
    if (status->public_url)
        return;
    line(page, 7, ROLE_DIM,
         "PostHog Cloud calls public https addresses only: put a tunnel in "
         "front,");
    line(page, 7, ROLE_DIM,
         "or run telltale serve on a host it can reach. telltale setup "
         "helps.");
    blank(page);
}

static void attached_lines(struct page *page, const char *host)
{
    struct buf text;

    buf_init(&text, 1024);
    buf_addf(&text, "Attached to %s. What it has comes here.", host);
    line(page, 3, ROLE_TITLE, text.data);
    buf_free(&text);
}

/* Where there is little room: the same in few words. */
static void few_lines(struct page *page)
{
    line(page, 1, ROLE_TITLE, "Nothing yet. telltale is listening.");
    line(page, 1, ROLE_TEXT, "1 A made-up book: telltale demo");
    line(page, 1, ROLE_TEXT, "2 Your PostHog: telltale setup");
    line(page, 1, ROLE_TEXT, "3 By hand: :address shows where to");
    line(page, 1, ROLE_TEXT, "  post to, y copies it");
}

void welcome_draw(const struct screen *screen, struct draw *draw,
                  struct rect rect)
{
    const struct display_status *status = screen_status(screen);
    struct page page = {draw, rect, rect.y};
    struct buf text;

    if (status->demo) {
        line(&page, 3, ROLE_TEXT,
             "The made-up book of business is about to arrive.");
        return;
    }
    if (status->attached) {
        attached_lines(&page, status->attached);
        return;
    }
    if (rect.w < WIDE || rect.h < HIGH) {
        few_lines(&page);
        return;
    }
    line(&page, 3, ROLE_TITLE,
         "Nothing has arrived yet. telltale is listening. Three ways to "
         "begin:");
    blank(&page);
    line(&page, 3, ROLE_TEXT,
         "1   See it at work, with a made-up book. Nothing of yours is "
         "touched.");
    blank(&page);
    line(&page, 11, ROLE_KEY, "telltale demo");
    blank(&page);
    line(&page, 3, ROLE_TEXT, "2   Send one event from another terminal.");
    blank(&page);
    curl_lines(&page, status->hook_url);
    blank(&page);
    posthog_lines(&page, status);
    buf_init(&text, 4096);
    buf_addf(&text, "and organization_name in %s",
             status->accounts_hint ? status->accounts_hint : "");
    line(&page, 3, ROLE_DIM,
         "Your accounts: telltale accounts pull, or a CSV with "
         "organization_id");
    line(&page, 3, ROLE_DIM, text.data);
    buf_free(&text);
}
