/* While the screen is shared, nobody is named: neither in any cell of any
 * screen nor in any byte that goes to the terminal, what is copied through it
 * (base64) and notices included. The board begins shared, goes everywhere, and
 * is looked at after each key. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "stage.h"
#include "tap.h"
#include "base/banned.h"

/* Whom the morning's fixtures, the book, the signals and the past name. */
static const char *const secrets[] = {
    "Borealis", "borealis.", "Freight",  "Cobalt",   "Kitchen", "Dunes",
    "dunes",    "Alder",     "Finch",    "Émeraude", "Études",  "ひばり",
    "不動産",   "Tomás",     "Herrera",  "tomas@",   "Lucía",   "Marín",
    "lucia",    "Ruth",      "Feldman",  "Omar",     "Haddad",  "Zoë",
    "van Dijk", "Caleb",     "Jonas",    "Sinéad",   "佐藤",    "山田",
    "Aurélie",  "Fontaine",  "Beatriz",  "Wanjiru",  "Kamau",   "Maya",
    "Okafor",   "Ingrid",    "Solheim",  "csm@team", "@team.",  ".example",
    "rtVRElPu", "becccfc8",  "49b0761a", "invite_2", "売上",    "q3VhM9rT",
    "192.0.2.7"};
#define SECRETS (sizeof secrets / sizeof *secrets)

static bool leaked, looking = true;

static const char *find_bytes(const char *bytes, size_t len, const char *what)
{
    size_t size = strlen(what);

    for (; len >= size; bytes++, len--) {
        const char *at = memchr(bytes, *what, len - size + 1);

        if (!at)
            return NULL;
        len -= (size_t)(at - bytes);
        bytes = at;
        if (!memcmp(at, what, size))
            return at;
    }
    return NULL;
}

static const char *secret_in(const char *bytes, size_t len)
{
    for (size_t i = 0; i < SECRETS; i++)
        if (find_bytes(bytes, len, secrets[i]))
            return secrets[i];
    return NULL;
}

static void look(const char *where, const char *what, const char *bytes,
                 size_t len)
{
    const char *secret = secret_in(bytes, len);

    if (!secret || !looking)
        return;
    if (!leaked) {
        const char *at = find_bytes(bytes, len, secret), *from = at;

        while (from > bytes && at - from < 40 && from[-1] != '\n')
            from--;
        note("%s: \"%s\" in %s: %.80s", where, secret, what, from);
    }
    leaked = true;
}

static int digit_of(char c)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* What OSC 52 carries. */
static void look_at_copies(const char *where, const struct buf *raw)
{
    const char *at = raw->data;
    struct buf text;

    while (
        (at = find_bytes(at, (size_t)(raw->data + raw->len - at), "]52;c;"))) {
        unsigned bits = 0;
        int held = 0;

        buf_init(&text, MIB);
        for (at += 6; at < raw->data + raw->len && digit_of(*at) >= 0; at++) {
            bits = bits << 6 | (unsigned)digit_of(*at);
            held += 6;
            if (held >= 8)
                buf_addc(&text, (char)(bits >> (held -= 8)));
        }
        look(where, "what is copied", text.data, text.len);
        buf_free(&text);
    }
}

/* Cells, and bytes since the last look; a word may lie across two looks. */
static void look_at_all(struct term *term, const char *where)
{
    struct buf cells;

    for (int i = 0; i < 2; i++)
        term_pump(term, 1);
    buf_init(&cells, MIB);
    term_text(term, &cells);
    look(where, "the cells", cells.data, cells.len);
    buf_free(&cells);
    look(where, "the bytes", term->raw.data, term->raw.len);
    look_at_copies(where, &term->raw);
    if (term->raw.len > 256)
        buf_consume(&term->raw, term->raw.len - 256);
}

/* Letters are keys, but "<...>" is one: <enter>, <esc>, <tab>. */
static size_t key_at(const char *keys, char out[8])
{
    static const char *const names[][2] = {{"<enter>", "\r"},
                                           {"<esc>", "\033"},
                                           {"<tab>", "\t"},
                                           {"<up>", "\033[A"}};

    size_t len = 1;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strncmp(keys, names[i][0], strlen(names[i][0]))) {
            snprintf(out, 8, "%s", names[i][1]);
            return strlen(names[i][0]);
        }
    while (len < 7 && (keys[len] & 0xc0) == 0x80)
        len++;
    snprintf(out, 8, "%.*s", (int)len, keys);
    return len;
}

static void press(struct term *term, const char *keys)
{
    char key[8];
    const char *const one[] = {key, NULL};
    const char *at = keys;

    while (*at) {
        at += key_at(at, key);
        stage_keys(term, one);
        look_at_all(term, keys);
    }
}

static bool shows_all(struct term *term, const char *const *texts)
{
    bool all = true;

    for (; *texts; texts++)
        if (!term_shows(term, *texts)) {
            note("\"%s\" is not shown", *texts);
            all = false;
        }
    return all;
}

/* Everywhere one can go, and everything that leaves the screen. */
static const char *const ways[] = {
    "kk<enter>jjjjjjjjjjjjjjjjjjjjGk<enter>jjjjjjjjG<esc>",
    "gjj<enter><tab><tab><esc>",
    "yYweu<esc><esc><esc>",
    "o<esc>O:replays<enter><esc>",
    "A",
    "jjjjj>><enter><esc><esc>",
    "P",
    "jjjjjj<enter>f<esc><esc>",
    "C",
    "jjlll<enter><esc><esc>",
    "S",
    "jjj",
    "jjy",
    "<enter>jk<esc>",
    "L",
    "m'jk<enter><esc><esc>",
    ":mirrors<enter><esc>",
    ":rejects<enter>j<enter><esc>k<enter><esc><esc>",
    ":address<enter>y<esc>",
    ":tour<enter><esc>",
    "?<esc>",
    "3VFlags<enter>v<esc>b",
    "<esc>/zq<enter><esc>",
    " H H ",
    "zzz",
    "f<up><esc>",
    ":<up><esc>",
    "t",
    "<tab>jjj<enter><esc>",
    "faccount:a<tab><enter>f<esc>",
    "fperson:p<tab><enter><esc>",
    "fowner:o<tab><esc>",
    "a",
    ":nothing<enter>",
};

/* What is typed stands there as it was typed: it must be gone with X. */
static const char *const before[] = {"S",
                                     ":note Tell Ruth Feldman<enter>",
                                     "A",
                                     "j",
                                     ":note Borealis: ask Tomás<enter>",
                                     "j",
                                     ":note Ruth Feldman knows<enter>",
                                     "L",
                                     "kk",
                                     ":pin for csm@team.example<enter>",
                                     "faccount:borealis<enter>",
                                     "VBorealis by Tomás<enter>",
                                     "vjb<esc>",
                                     "/Herrera<enter>"};

static void name_some(struct term *term)
{
    looking = false;
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        press(term, before[i]);
    press(term, "X");
    buf_clear(&term->raw);
    looking = true;
    press(term, "\f");
}

static void check(int rows, int cols, bool from_start)
{
    const char *settings[] = {"rejects=3", "mirrors=3", "mouse=yes",
                              from_start ? "screen_share=yes" : NULL, NULL};
    struct term *term =
        stage_start(rows, cols, BODIES_MORNING, settings, NULL);
    char sentence[80];

    leaked = false;
    if (!from_start)
        name_some(term);
    look_at_all(term, "the first frame");
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        press(term, ways[i]);
    stage_body(term, "tests/fixtures/hard_emoji_zwj.json");
    look_at_all(term, "what comes");
    term_tell(term, "problem Borealis Freight and lucia@borealis.example");
    term_shows(term, "Account 2 and Person");
    look_at_all(term, "a problem");
    term_tell(term, "alert Calls for Borealis|Borealis Freight · Lucía Marín "
                    "had a payment fail");
    term_wrote(term, "Calls for Account 2");
    look_at_all(term, "a notice");
    term_tell(term, "alert Others|Nobody & Sons · Una Persona did it");
    term_wrote(term, "a rule matched; who it was is masked");
    snprintf(sentence, sizeof sentence, "nobody is named at %dx%d%s", cols,
             rows, from_start ? ", from the start" : "");
    ok(!leaked, sentence);
    term_free(term);
}

static void check_names(void)
{
    static const char *const shared[] = {"SCREEN SHARE", "Account 2", " P2 ",
                                         "“…”", NULL};
    static const char *const named[] = {"Borealis", "Tomás", NULL};
    struct term *term = stage_start(24, 80, BODIES_MORNING, NULL, NULL);
    const char *const toggle[] = {"X", NULL};
    bool good = shows_all(term, named);

    stage_keys(term, toggle);
    good &= term_shows(term, "Screen share: names are masked here, in copies "
                             "and in notices.");
    stage_keys(term, (const char *const[]){"k", NULL});
    good &= shows_all(term, shared) && term_hides(term, "Borealis");
    ok(good, "X masks names, and says that it does");
    stage_keys(term, toggle);
    ok(shows_all(term, named) && term_hides(term, "SCREEN SHARE"),
       "X again shows them");
    term_free(term);
}

/* A host and the name of an event, of which the detail tells, may name
 * somebody too. */
static void check_detail(void)
{
    static const char *const named[] = {"tomas.hosting.test",
                                        "asked for Tomás Herrera ", NULL};
    static const char *const shared[] = {".hosting.test", "asked for Person ",
                                         NULL};
    struct term *term = stage_start(40, 120, BODIES_MORNING, NULL, NULL);
    bool good;

    stage_body(term, "tests/screen/named_body.json");
    stage_keys(term, (const char *const[]){"\r", NULL});
    good = shows_all(term, named);
    press(term, "X");
    ok(good && shows_all(term, shared) && term_hides(term, "tomas.") &&
           term_hides(term, "Tomás"),
       "a host and an event's name are masked in detail");
    term_free(term);
}

/* Who is who stays so, on each screen, and a filter takes the number. */
static void check_following(void)
{
    static const char *const settings[] = {"screen_share=yes", NULL};
    struct term *term = stage_start(24, 80, BODIES_MORNING, settings, NULL);

    press(term, "faccount:A2<enter>");
    ok(term_shows(term, "filter: account:\"Account 2\"") &&
           term_hides(term, "Account 3 ⚑"),
       "a filter takes the number that is shown");
    press(term, "S");
    ok(term_shows(term, "Account 2"), "it is the same on another screen");
    term_free(term);
}

int main(void)
{
    check_names();
    check_detail();
    check_following();
    check(24, 80, true);
    check(24, 80, false);
    check(8, 40, false);
    check(40, 140, false);
    check(60, 200, false);
    return done();
}
