/* The ring: display records in blocks, oldest first, that come and go at both
 * ends without ever being moved; texts are interned once for all of them.
 * It judges nothing and draws nothing. */
#include "live/ring.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "event/accounts.h"

#include "base/banned.h"

#define BLOCK 4096 /* records; a power of two */
/* History counts down from here, and never as far as 0. */
#define FIRST_NUMBER (UINT64_C(1) << 40)

struct ring {
    struct intern *texts;
    struct record **blocks; /* a circle of places for blocks */
    size_t places;
    size_t first;       /* place of the block with the oldest record */
    size_t start;       /* where in that block it is */
    size_t count;       /* records */
    uint64_t oldest;    /* number of the oldest */
    size_t block_count; /* blocks there are */
    size_t max_events, max_bytes;
    size_t hidden; /* of those that are there */
    uint64_t evicted;
    size_t ever; /* pushed as the newest */
    bool gap;    /* something was evicted: nothing older goes below */
    const struct book *book;
    unsigned relabels;
    unsigned marks;
    struct ring_watch *watches;
};

struct ring *ring_new(size_t max_events, size_t max_bytes)
{
    struct ring *ring = xcalloc(1, sizeof *ring);

    ring->max_events = max_events ? max_events : 1;
    ring->max_bytes = max_bytes;
    ring->places = ring->max_events / BLOCK + 3;
    ring->blocks = xcalloc(ring->places, sizeof *ring->blocks);
    ring->oldest = FIRST_NUMBER;
    ring->texts = intern_new();
    return ring;
}

void ring_free(struct ring *ring)
{
    size_t i;

    if (!ring)
        return;
    for (i = 0; i < ring->places; i++)
        free(ring->blocks[i]);
    free(ring->blocks);
    intern_free(ring->texts);
    free(ring);
}

static struct record *record_at(const struct ring *ring, size_t index)
{
    size_t at = ring->start + index;
    size_t place = ring->first + at / BLOCK;

    if (place >= ring->places)
        place -= ring->places;
    return &ring->blocks[place][at % BLOCK];
}

const struct record *ring_at(const struct ring *ring, size_t index)
{
    return index < ring->count ? record_at(ring, index) : NULL;
}

size_t ring_piece(const struct ring *ring, size_t end,
                  const struct record **first)
{
    size_t count;

    if (!end)
        return 0;
    count = (ring->start + end - 1) % BLOCK + 1;
    if (count > end)
        count = end;
    *first = record_at(ring, end - count);
    return count;
}

size_t ring_count(const struct ring *ring)
{
    return ring->count;
}

const char *ring_text(const struct ring *ring, uint32_t id)
{
    return intern_text(ring->texts, id);
}

const struct intern *ring_texts(const struct ring *ring)
{
    return ring->texts;
}

size_t ring_hidden(const struct ring *ring)
{
    return ring->hidden;
}

uint64_t ring_evicted(const struct ring *ring)
{
    return ring->evicted;
}

size_t ring_ever(const struct ring *ring)
{
    return ring->ever;
}

size_t ring_bytes(const struct ring *ring)
{
    return sizeof *ring + ring->places * sizeof *ring->blocks +
           ring->block_count * BLOCK * sizeof(struct record) +
           intern_bytes(ring->texts);
}

/* --- adding and evicting ----------------------------------------------- */

static void ensure_block(struct ring *ring, size_t place)
{
    if (ring->blocks[place])
        return;
    ring->blocks[place] = xmalloc(BLOCK * sizeof(struct record));
    ring->block_count++;
}

static void drop_block(struct ring *ring, size_t place)
{
    free(ring->blocks[place]);
    ring->blocks[place] = NULL;
    ring->block_count--;
}

/* What a record that goes took part in. */
static void release(struct ring *ring, const struct record *record)
{
    const struct query_row *row = &record->row;

    ring->hidden -= row->hidden != HIDDEN_NO;
    intern_release(ring->texts, row->account_id);
    intern_release(ring->texts, row->account);
    intern_release(ring->texts, row->owner);
    intern_release(ring->texts, row->segment);
    intern_release(ring->texts, row->person_id);
    intern_release(ring->texts, row->person);
    intern_release(ring->texts, row->email);
    intern_release(ring->texts, row->name);
    intern_release(ring->texts, row->sentence);
    intern_release(ring->texts, row->url);
    intern_release(ring->texts, record->fold);
}

static void drop_oldest(struct ring *ring)
{
    release(ring, record_at(ring, 0));
    ring->count--;
    ring->oldest++;
    if (++ring->start < BLOCK)
        return;
    drop_block(ring, ring->first);
    ring->first = (ring->first + 1) % ring->places;
    ring->start = 0;
}

static void evict_oldest(struct ring *ring)
{
    drop_oldest(ring);
    ring->evicted++;
    ring->gap = true;
}

/* Room for numbers is left for as many older ones as there may be. */
void ring_keep_newest(struct ring *ring, size_t keep)
{
    while (ring->count > keep)
        drop_oldest(ring);
    ring->oldest += ring->count + ring->max_events;
    ring->gap = false;
    ring->relabels++;
}

static void drop_newest(struct ring *ring)
{
    size_t at = ring->start + ring->count - 1;

    release(ring, record_at(ring, ring->count - 1));
    if (at % BLOCK == 0)
        drop_block(ring, (ring->first + at / BLOCK) % ring->places);
    ring->count--;
}

void ring_drop_newest(struct ring *ring, size_t count)
{
    for (; count && ring->count; count--)
        drop_newest(ring);
    ring->relabels++;
}

void ring_drop_oldest(struct ring *ring, size_t count)
{
    for (; count && ring->count; count--)
        drop_oldest(ring);
    ring->relabels++;
}

struct event ring_event(const struct ring *ring, const struct record *record)
{
    const struct query_row *row = &record->row;

    return (struct event){
        .seq = record->seq,
        .name = ring_text(ring, row->name),
        .category = (enum category)row->category,
        .tone = (enum tone)row->tone,
        .sentence = ring_text(ring, row->sentence),
        .fold = ring_text(ring, record->fold),
        .occurred_at = row->occurred_at,
        .received_at = row->received_at,
        .account = {.id = ring_text(ring, row->account_id),
                    .name = ring_text(ring, row->account),
                    .listed = row->listed},
        .person = {.id = ring_text(ring, row->person_id),
                   .name = ring_text(ring, row->person),
                   .email = ring_text(ring, row->email)},
        .hidden = (enum hidden)row->hidden,
        .source = (enum source)row->source,
        .flags = record->flags,
        .signals = row->signals,
        .url = ring_text(ring, row->url),
        .links.replay = row->has_replay ? "" : NULL,
    };
}

static void fill_account(struct ring *ring, struct query_row *row,
                         const struct event *event)
{
    const struct account *account =
        event->account.id ? book_find(ring->book, event->account.id) : NULL;

    row->account_id = intern_take(ring->texts, event->account.id);
    row->account = intern_take(ring->texts,
                               account ? account->name : event->account.name);
    row->owner = intern_take(ring->texts, account ? account->owner : NULL);
    row->segment = intern_take(ring->texts, account ? account->segment : NULL);
    row->listed = account || event->account.listed;
}

static void fill(struct ring *ring, struct record *record,
                 const struct event *event)
{
    struct query_row *row = &record->row;

    *record = (struct record){.seq = event->seq,
                              .fold = intern_take(ring->texts, event->fold),
                              .flags = (uint8_t)event->flags};
    fill_account(ring, row, event);
    row->person_id = intern_take(ring->texts, event->person.id);
    row->person = intern_take(ring->texts, event->person.name);
    row->email = intern_take(ring->texts, event->person.email);
    row->name = intern_take(ring->texts, event->name);
    row->sentence = intern_take(ring->texts, event->sentence);
    row->url = intern_take(ring->texts, event->url);
    row->category = (uint8_t)event->category;
    row->tone = (uint8_t)event->tone;
    row->hidden = (uint8_t)event->hidden;
    ring->hidden += event->hidden != HIDDEN_NO;
    row->source = (uint8_t)event->source;
    row->signals = (uint16_t)event->signals;
    row->has_replay = event->links.replay != NULL;
    row->occurred_at = event->occurred_at;
    row->received_at = event->received_at;
}

void ring_push(struct ring *ring, const struct event *event)
{
    const struct ring_watch *watch;
    size_t at, place;

    while (ring->count >= ring->max_events)
        evict_oldest(ring);
    at = ring->start + ring->count;
    place = (ring->first + at / BLOCK) % ring->places;
    ensure_block(ring, place);
    fill(ring, &ring->blocks[place][at % BLOCK], event);
    ring->count++;
    ring->ever++;
    while (ring->count > 1 && ring_bytes(ring) > ring->max_bytes)
        evict_oldest(ring);
    for (watch = ring->watches; watch && event->raw; watch = watch->next)
        watch->on_push(watch->ctx, ring_newest(ring), event);
}

void ring_watch(struct ring *ring, struct ring_watch *watch)
{
    watch->next = ring->watches;
    ring->watches = watch;
}

void ring_unwatch(struct ring *ring, struct ring_watch *watch)
{
    struct ring_watch **at = &ring->watches;

    while (*at && *at != watch)
        at = &(*at)->next;
    if (*at)
        *at = watch->next;
}

bool ring_push_old(struct ring *ring, const struct event *event)
{
    /* Below what was evicted there would be a gap, and a number used twice. */
    if (ring->gap || ring->count >= ring->max_events ||
        (ring->count && ring_bytes(ring) >= ring->max_bytes))
        return false;
    if (ring->start == 0) {
        ring->first = (ring->first + ring->places - 1) % ring->places;
        ring->start = BLOCK;
    }
    ring->start--;
    ensure_block(ring, ring->first);
    fill(ring, &ring->blocks[ring->first][ring->start], event);
    ring->count++;
    ring->oldest--;
    return true;
}

/* --- finding ----------------------------------------------------------- */

uint64_t ring_number(const struct ring *ring, size_t index)
{
    return ring->oldest + index;
}

uint64_t ring_newest(const struct ring *ring)
{
    return ring->count ? ring->oldest + ring->count - 1 : 0;
}

size_t ring_index(const struct ring *ring, uint64_t number)
{
    if (number <= ring->oldest)
        return 0;
    return number - ring->oldest < ring->count
               ? (size_t)(number - ring->oldest)
               : ring->count;
}

const struct record *ring_get(const struct ring *ring, uint64_t number)
{
    return number < ring->oldest ? NULL
                                 : ring_at(ring, ring_index(ring, number));
}

/* --- the book ---------------------------------------------------------- */

static void replace_text(struct ring *ring, uint32_t *id, const char *text)
{
    uint32_t fresh = intern_take(ring->texts, text);

    intern_release(ring->texts, *id);
    *id = fresh;
}

static void relabel(struct ring *ring, struct query_row *row,
                    const struct account *account)
{
    row->listed = account != NULL;
    if (account)
        replace_text(ring, &row->account, account->name);
    replace_text(ring, &row->owner, account ? account->owner : NULL);
    replace_text(ring, &row->segment, account ? account->segment : NULL);
}

void ring_relabel(struct ring *ring, const struct book *book)
{
    size_t i;

    ring->book = book;
    ring->relabels++;
    for (i = 0; i < ring->count; i++) {
        struct query_row *row = &record_at(ring, i)->row;
        const char *id = intern_text(ring->texts, row->account_id);

        if (id)
            relabel(ring, row, book_find(book, id));
    }
}

unsigned ring_relabels(const struct ring *ring)
{
    return ring->relabels;
}

void ring_mark(struct ring *ring, uint64_t seq, unsigned signals)
{
    size_t index = ring->count, looked;

    for (looked = 0; index && looked < RING_MARK_LOOK; looked++) {
        struct record *record = record_at(ring, --index);

        if (record->seq != seq)
            continue;
        ring->marks += (record->row.signals | signals) != record->row.signals;
        record->row.signals |= (uint16_t)signals;
        return;
    }
}

unsigned ring_marks(const struct ring *ring)
{
    return ring->marks;
}
