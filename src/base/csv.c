/* Reading CSV by libcsv, with what it does not do: line numbers, and going on
 * after a quote that nobody closed. */
#include "base/csv.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/charset.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/banned.h"

struct csv {
    const char *text;
    size_t len;
    unsigned char delimiter;
    csv_each *each;
    void *ctx;

    struct csv_parser parser;
    unsigned line; /* being fed */
    unsigned row_line;
    size_t row_next; /* offset of the line after row_line */
    size_t line_end; /* offset of the line after the one being fed */
    bool in_row;     /* a row goes on over the end of a line */
    bool mend;       /* this row has an open quote: begin again after it */
    bool stop;       /* no more rows are wanted */

    struct buf bytes; /* the fields of this row, each with a NUL */
    size_t starts[LIMIT_CSV_FIELDS];
    size_t count;
};

/* libcsv: a field ended. */
static void on_field(void *field, size_t len, void *ctx)
{
    struct csv *csv = ctx;
    const char *bytes = field;
    size_t kept = 0;
    char *plain;

    if (csv->mend || csv->stop || csv->count == LIMIT_CSV_FIELDS)
        return;
    csv->starts[csv->count++] = csv->bytes.len;
    plain = xmalloc(len + 1);
    for (size_t i = 0; i < len; i++)
        if (bytes[i])
            plain[kept++] = bytes[i];
    if (utf8_valid(plain, kept, NULL))
        buf_add(&csv->bytes, plain, kept);
    else
        charset_add_1252(&csv->bytes, plain, kept);
    buf_addc(&csv->bytes, '\0');
    free(plain);
}

static void hand_out(struct csv *csv)
{
    struct csv_row row = {.line = csv->row_line, .count = csv->count};
    const char **fields = xcalloc(csv->count + 1, sizeof *fields);
    enum csv_verdict verdict = CSV_TAKEN;
    bool blank = true;

    for (size_t i = 0; i < csv->count; i++) {
        fields[i] = csv->bytes.data + csv->starts[i];
        blank = blank && !*fields[i];
    }
    row.fields = fields;
    if (csv->row_line != csv->line) {
        row.tail = csv->text + csv->row_next;
        row.tail_len = csv->line_end - csv->row_next;
    }
    if (!blank && buf_ok(&csv->bytes))
        verdict = csv->each(csv->ctx, &row);
    csv->stop = verdict == CSV_STOP;
    csv->mend = verdict == CSV_OPEN_QUOTE && row.tail;
    free(fields);
}

/* libcsv: a row ended. */
static void on_row(int end, void *ctx)
{
    struct csv *csv = ctx;

    (void)end;
    if (csv->mend || csv->stop)
        return;
    hand_out(csv);
    buf_clear(&csv->bytes);
    csv->count = 0;
    csv->in_row = false;
}

/* The end of the line that starts at `at`: after LF, CR or CRLF. */
static size_t line_end(const struct csv *csv, size_t at)
{
    while (at < csv->len && csv->text[at] != '\n' && csv->text[at] != '\r')
        at++;
    if (at + 1 < csv->len && csv->text[at] == '\r' &&
        csv->text[at + 1] == '\n')
        at++;
    return at < csv->len ? at + 1 : at;
}

static void parser_begin(struct csv *csv, unsigned char options)
{
    if (csv_init(&csv->parser, options | CSV_STRICT_FINI) != 0)
        abort();
    csv_set_realloc_func(&csv->parser, xrealloc);
    csv_set_delim(&csv->parser, csv->delimiter);
    buf_clear(&csv->bytes);
    csv->count = 0;
    csv->in_row = csv->mend = false;
}

static void parser_restart(struct csv *csv, unsigned char options)
{
    csv_free(&csv->parser);
    parser_begin(csv, options);
}

/* A line with quotes where none belong (Joe "Big" Inc), taken alone and as
 * it is. */
static void feed_lenient(struct csv *csv, size_t at, size_t end)
{
    parser_restart(csv, 0);
    csv_parse(&csv->parser, csv->text + at, end - at, on_field, on_row, csv);
    csv->mend = csv_fini(&csv->parser, on_field, on_row, csv) != 0;
    if (!csv->mend)
        parser_restart(csv, CSV_STRICT);
}

/* Feeds one line; returns where the next begins. A misplaced quote in a
 * later line of a row means that the row's own quote was never closed. */
static size_t feed_line(struct csv *csv, size_t at)
{
    size_t end = line_end(csv, at);
    char first = csv->text[at];

    csv->line_end = end;
    if (!csv->in_row) {
        csv->row_line = csv->line;
        csv->row_next = end;
        csv->in_row = first != '\n' && first != '\r';
    }
    if (csv_parse(&csv->parser, csv->text + at, end - at, on_field, on_row,
                  csv) == end - at)
        return end;
    if (csv->row_line == csv->line)
        feed_lenient(csv, at, end);
    else
        csv->mend = true;
    return end;
}

/* Gives up the row with the open quote and goes back to the line after it. */
static size_t mend(struct csv *csv)
{
    struct csv_row row = {.line = csv->row_line, .open_quote = true};

    csv->stop = csv->each(csv->ctx, &row) == CSV_STOP;
    csv->line = csv->row_line;
    parser_restart(csv, CSV_STRICT);
    return csv->row_next;
}

static bool read_rows(struct csv *csv)
{
    size_t at = 0, fed = 0;

    while (at < csv->len && !csv->stop) {
        size_t from = at;

        csv->line++;
        at = feed_line(csv, at);
        fed += at - from;
        if (at == csv->len && !csv->mend &&
            csv_fini(&csv->parser, on_field, on_row, csv) != 0)
            csv->mend = true;
        if (!csv->mend)
            continue;
        if (fed > 8 * csv->len + 64 * KIB)
            return false;
        at = mend(csv);
    }
    return true;
}

bool csv_read(const char *text, size_t len, char delimiter, csv_each *each,
              void *ctx)
{
    struct csv *csv = xcalloc(1, sizeof *csv);
    bool whole;

    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        len -= 3;
    }
    csv->text = text;
    csv->len = len;
    csv->delimiter = (unsigned char)delimiter;
    csv->each = each;
    csv->ctx = ctx;
    buf_init(&csv->bytes, 2 * LIMIT_CSV_FILE);
    parser_begin(csv, CSV_STRICT);
    whole = read_rows(csv);
    csv_free(&csv->parser);
    buf_free(&csv->bytes);
    free(csv);
    return whole;
}
