/* The lines of a message, whatever chat reads them. */
#include "mirror/chat.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"

#include "base/banned.h"

/* One cell may be a cluster of many bytes. A name that is written from right to
 * left turns nothing round in the sentence it stands in. */
void chat_escape_cut(struct buf *out, const struct chat_markup *markup,
                     const char *text, int cells)
{
    size_t most = (size_t)cells * 5;
    struct buf cut, apart, escaped;

    buf_init(&cut, 16 * KIB);
    buf_init(&apart, 16 * KIB);
    buf_init(&escaped, 64 * KIB);
    do {
        buf_clear(&cut);
        buf_clear(&escaped);
        text_cut(&cut, text, cells, "…");
        buf_clear(&apart);
        text_add_isolated(&apart, cut.data);
        markup->escape(&escaped, apart.data);
        cells /= 2;
    } while (escaped.len > most && cells);
    if (escaped.len <= most)
        buf_add(out, escaped.data, escaped.len);
    buf_free(&escaped);
    buf_free(&apart);
    buf_free(&cut);
}

static void add_time(struct buf *out, int64_t at, bool with_day)
{
    struct tm tm;
    char text[40] = "";

    if (clock_local(at, &tm))
        strftime(text, sizeof text, with_day ? "%a %d %b %H:%M" : "%H:%M",
                 &tm);
    buf_adds(out, text);
}

/* What a line is made of. */
struct line_parts {
    const struct chat_markup *markup;
    const struct message_group *group;
    const struct message_line *line;
    bool replay; /* there is no button for it */
};

static void add_mark(struct buf *out, const struct line_parts *parts)
{
    if (parts->line->tone == TONE_BAD)
        buf_adds(out, parts->markup->bad);
    else if (parts->line->tone == TONE_WARN)
        buf_adds(out, parts->markup->warn);
}

static void add_clock(struct buf *out, const struct line_parts *parts)
{
    add_time(out, parts->line->at, false);
}

static void add_person(struct buf *out, const struct line_parts *parts)
{
    if (parts->line->person)
        chat_escape_cut(out, parts->markup, parts->line->person, 60);
}

static void add_sentence(struct buf *out, const struct line_parts *parts)
{
    chat_escape_cut(out, parts->markup, parts->line->sentence, 160);
}

static void add_category(struct buf *out, const struct line_parts *parts)
{
    buf_adds(out, category_name(parts->line->category));
}

static void add_account(struct buf *out, const struct line_parts *parts)
{
    if (parts->group->account)
        chat_escape_cut(out, parts->markup, parts->group->account, 80);
}

/* Where nothing may end the address early. */
static void add_replay(struct buf *out, const struct line_parts *parts)
{
    const char *url = parts->line->replay;

    if (parts->replay && url && strlen(url) <= CHAT_LINK &&
        !strpbrk(url, "<>| \t\n"))
        parts->markup->link(out, url, "Replay");
}

static const struct {
    const char *name;
    void (*add)(struct buf *out, const struct line_parts *parts);
} fields[] = {
    {"mark", add_mark},         {"time", add_clock},
    {"person", add_person},     {"sentence", add_sentence},
    {"category", add_category}, {"account", add_account},
    {"replay", add_replay},
};
#define FIELDS (sizeof fields / sizeof *fields)

/* The field at "{name}"; its length in text. FIELDS: none. */
static size_t field_at(const char *text, size_t *len)
{
    size_t i;

    *len = strcspn(text, "}") + 1;
    for (i = 0; i < FIELDS; i++)
        if (strlen(fields[i].name) == *len - 2 &&
            !strncmp(fields[i].name, text + 1, *len - 2))
            break;
    return i;
}

bool chat_line_check(const char *line, struct err *err)
{
    size_t len;

    if (strlen(line) > 200)
        return err_set(err, "line is longer than 200 bytes");
    for (; *line; line += len) {
        len = 1;
        if (*line == '}')
            return err_set(err, "line has a } without a {");
        if (*line == '{' &&
            (!strchr(line, '}') || field_at(line, &len) == FIELDS))
            return err_set(err,
                           "line knows {mark}, {time}, {person}, {sentence}, "
                           "{category}, {account} and {replay}, not %.20s",
                           line);
    }
    return true;
}

static void add_line(struct buf *out, const char *line,
                     const struct line_parts *parts)
{
    size_t len, before;

    buf_addc(out, '\n');
    for (; *line; line += len) {
        len = 1;
        if (*line != '{') {
            buf_addc(out, *line);
            continue;
        }
        before = out->len;
        fields[field_at(line, &len)].add(out, parts);
        if (out->len == before && line[len] == ' ')
            len++;
    }
    while (out->data[out->len - 1] == ' ')
        buf_truncate(out, out->len - 1);
}

/* Never more than a section of Slack's takes. */
static void signal_text(struct buf *out, const struct chat_markup *markup,
                        const struct message_group *group)
{
    const struct message_line *line = &group->lines[0];
    struct line_parts parts = {.markup = markup, .group = group, .line = line};

    buf_addf(out, "%s%s · ", markup->bold, line->signal);
    chat_escape_cut(out, markup,
                    group->account ? group->account : "No account", 80);
    if (line->person) {
        buf_adds(out, " · ");
        add_person(out, &parts);
    }
    buf_addf(out, "%s\n", markup->bold);
    add_mark(out, &parts);
    if (out->data[out->len - 1] != '\n')
        buf_addc(out, ' ');
    chat_escape_cut(out, markup, line->sentence, 240);
    if (line->opener) {
        buf_addf(out, "\n%sTo say:%s ", markup->faint, markup->faint);
        chat_escape_cut(out, markup, line->opener, 160);
    }
}

/* A group with so many lines: the heading, the lines, how many have none. */
static void group_text(struct buf *out, const struct chat_markup *markup,
                       const struct message_group *group, const char *line,
                       size_t lines)
{
    if (lines == 1 && group->lines[0].signal) {
        signal_text(out, markup, group);
        return;
    }
    buf_adds(out, markup->bold);
    chat_escape_cut(out, markup,
                    group->account ? group->account : "No account", 80);
    buf_adds(out, markup->bold);
    if (group->events > 1 || !lines) {
        buf_adds(out, " · ");
        message_summary(out, group->events, group->people_count);
    }
    for (size_t i = 0; i < lines; i++) {
        struct line_parts parts = {markup, group, &group->lines[i],
                                   group->events > 1 || !markup->buttons};

        add_line(out, line, &parts);
    }
    if (lines && group->events > lines)
        buf_addf(out, "\n%sand %u more%s", markup->faint,
                 group->events - (unsigned)lines, markup->faint);
}

void chat_group(struct buf *out, const struct chat_markup *markup,
                const struct message_group *group, const char *line,
                size_t most)
{
    size_t lines = group->line_count, before = out->len;

    do {
        buf_truncate(out, before);
        group_text(out, markup, group, line ? line : CHAT_LINE, lines);
    } while (out->len - before > most && lines--);
}

void chat_heading(struct buf *out, const struct chat_markup *markup,
                  const struct message *message)
{
    buf_addf(out, "%s%u event%s from %zu%s account%s%s, ", markup->bold,
             message->events, message->events == 1 ? "" : "s",
             message->group_count, message->other_events ? " and more" : "",
             message->group_count == 1 ? "" : "s", markup->bold);
    add_time(out, message->first_at, true);
    buf_adds(out, " to ");
    add_time(out, message->last_at,
             message->last_at - message->first_at > 12 * CLOCK_HOUR_MS);
}

void chat_rest(struct buf *out, const struct chat_markup *markup,
               unsigned events)
{
    buf_addf(out, "%sand %u event%s of other accounts%s", markup->faint,
             events, events == 1 ? "" : "s", markup->faint);
}

static void summary_group(struct buf *out, const struct chat_markup *markup,
                          const struct message_group *group)
{
    const struct message_line *line = &group->lines[0];

    if (group->line_count && line->signal)
        buf_addf(out, "%s · ", line->signal);
    chat_escape_cut(out, markup,
                    group->account ? group->account : "No account", 80);
    buf_adds(out, ": ");
    if (group->events != 1 || group->line_count != 1) {
        message_summary(out, group->events, group->people_count);
        return;
    }
    if (line->person) {
        chat_escape_cut(out, markup, line->person, 60);
        buf_addc(out, ' ');
    }
    chat_escape_cut(out, markup, line->sentence, 160);
}

void chat_summary(struct buf *out, const struct chat_markup *markup,
                  const struct message *message, size_t most)
{
    for (size_t i = 0; i < message->group_count; i++) {
        if (i)
            buf_adds(out, "; ");
        /* The longest group there can be. */
        if (out->len + 1600 > most) {
            buf_adds(out, "and others");
            return;
        }
        summary_group(out, markup, message->groups[i]);
    }
}

void chat_render(struct buf *out, const struct chat_markup *markup,
                 const struct message *message, const struct chat_style *style,
                 size_t most)
{
    unsigned left = message->other_events;
    struct buf text;

    buf_init(&text, 64 * KIB);
    if (style->digest)
        chat_heading(out, markup, message);
    for (size_t i = 0; i < message->group_count; i++) {
        const struct message_group *group = message->groups[i];

        buf_clear(&text);
        chat_group(&text, markup, group, style->line, most / 2);
        /* Room is kept for the last line. */
        if (out->len + text.len > most - 60) {
            left += group->events;
            continue;
        }
        if (out->len)
            buf_adds(out, "\n\n");
        buf_add(out, text.data, text.len);
    }
    if (left) {
        buf_adds(out, out->len ? "\n\n" : "");
        chat_rest(out, markup, left);
    }
    buf_free(&text);
}
