/* Completion: finds out where in the command line the last word stands, by
 * the tables that the parser has, and says what may stand there. It asks
 * files only: no journal, no network, so that Tab answers at once. */
#include "command/complete.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "command/command_option.h"
#include "config/option.h"
#include "event/accounts.h"
#include "event/catalog.h"
#include "query/query.h"
#include "base/banned.h"

/* Where the last word stands. */
struct place {
    const struct command *command;   /* NULL: the command's own place */
    const struct command_verb *verb; /* of it, or of its words; or NULL */
    bool unknown;                    /* a command or verb that is none */
    bool ended;                      /* behind "--" */
    /* The option whose value is next; both "none": no option's. */
    const struct command_option *option;
    enum option_id setting; /* OPTION_COUNT: none */
    bool named;             /* the verb was given */
};

struct offering {
    struct buf *out;
    const struct config *config;
    const char *typed;  /* what is completed */
    const char *before; /* goes in front of each: "--mirror=" */
    size_t before_len;  /* of it */
    char *folded;       /* typed, prepared for text_starts() */
    size_t count;
    bool more; /* one ends in a field's ":" */
};

/* ---- offers ---- */

/* What would break a line of the answer cannot be typed either. */
static bool is_plain(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 127)
            return false;
    return true;
}

static void add(struct offering *offering, const char *word, const char *help)
{
    if (offering->count == LIMIT_OFFERS || !is_plain(word) || !is_plain(help))
        return;
    offering->count++;
    buf_addf(offering->out, "%.*s%s\t%s\n", (int)offering->before_len,
             offering->before, word, help);
}

/* Words of telltale's own: letter by letter. */
static void offer(struct offering *offering, const char *word,
                  const char *help)
{
    if (!strncmp(word, offering->typed, strlen(offering->typed)))
        add(offering, word, help);
}

/* Names of others: in any case, with accents or without. */
static void offer_name(struct offering *offering, const char *name,
                       const char *help)
{
    size_t left = LIMIT_OFFER_STEPS;

    if (text_starts(name, offering->folded, true, &left))
        add(offering, name, help);
}

static void offer_files(struct offering *offering)
{
    buf_adds(offering->out, ":files\n");
}

static struct book *open_book(const struct offering *offering)
{
    const char *path = config_text(offering->config, OPTION_accounts);

    return path ? book_load(path, NULL, NULL) : NULL;
}

static void offer_accounts(struct offering *offering)
{
    struct book *book = open_book(offering);

    for (size_t i = 0; i < book_count(book); i++)
        if (book_at(book, i)->name)
            offer_name(offering, book_at(book, i)->name, book_at(book, i)->id);
    book_free(book);
}

static void offer_organisations(struct offering *offering)
{
    struct book *book = open_book(offering);

    for (size_t i = 0; i < book_count(book); i++) {
        const struct account *account = book_at(book, i);

        offer_name(offering, account->id, account->name ? account->name : "");
    }
    book_free(book);
}

struct sections {
    struct offering *offering;
    char *last; /* the lines of a section stand together */
};

static bool offer_section(void *ctx, const char *name, const char *key,
                          const char *value, const char *where,
                          struct err *err)
{
    struct sections *sections = ctx;

    (void)key, (void)value, (void)err;
    if (sections->last && !strcmp(sections->last, name))
        return true;
    free(sections->last);
    sections->last = xstrdup(name);
    offer_name(sections->offering, name, where);
    return true;
}

static void offer_mirrors(struct offering *offering)
{
    struct sections sections = {.offering = offering};

    config_section(offering->config, "mirror", offer_section, &sections, NULL);
    free(sections.last);
}

/* ---- filters ---- */

struct values {
    struct offering *offering;
    const char *folded;
    complete_offer *each;
    void *ctx;
};

static void offer_value(const struct values *values, const char *name)
{
    size_t left = LIMIT_OFFER_STEPS;

    if (values->offering->count < LIMIT_OFFERS &&
        text_starts(name, values->folded, true, &left))
        values->each(values->ctx, name);
}

static void book_values(const struct values *values)
{
    struct book *book = open_book(values->offering);

    for (size_t i = 0; i < book_count(book); i++)
        if (book_at(book, i)->name)
            offer_value(values, book_at(book, i)->name);
    book_free(book);
}

static void event_values(const struct values *values)
{
    struct catalog *catalog = catalog_new();

    catalog_load(catalog, config_text(values->offering->config, OPTION_events),
                 NULL);
    for (size_t i = 0; i < catalog_rows(catalog); i++) {
        struct catalog_row row = catalog_row(catalog, i);

        for (size_t j = 0; row.names[j]; j++)
            offer_value(values, row.names[j]);
    }
    catalog_free(catalog);
}

static void offer_values(void *ctx, const char *field, const char *prefix,
                         complete_offer *each, void *each_ctx)
{
    char *folded = text_fold(prefix);
    struct values values = {ctx, folded, each, each_ctx};

    if (!strcmp(field, "account"))
        book_values(&values);
    else if (!strcmp(field, "event"))
        event_values(&values);
    free(folded);
}

static void take_part(void *ctx, const char *word)
{
    struct offering *offering = ctx;
    size_t len = strlen(word);

    offering->more |= len && strchr(":<", word[len - 1]);
    add(offering, word, "");
}

/* What is completed is the end of the word, behind what query_complete() says
 * before it offers anything: the rest goes in front. */
static void offer_query(struct offering *offering)
{
    struct complete_source source = {offer_values, offering};

    offering->before = offering->typed;
    query_complete(offering->typed, strlen(offering->typed), &source,
                   take_part, offering, &offering->before_len);
}

static void offer_by(struct offering *offering, enum offers offers)
{
    switch (offers) {
    case OFFERS_FILES:
        offer_files(offering);
        break;
    case OFFERS_ACCOUNTS:
        offer_accounts(offering);
        break;
    case OFFERS_ORGANISATIONS:
        offer_organisations(offering);
        break;
    case OFFERS_MIRRORS:
        offer_mirrors(offering);
        break;
    case OFFERS_QUERY:
        offer_query(offering);
        break;
    case OFFERS_NOTHING:
        break;
    }
}

/* ---- options ---- */

static bool is_of(const struct place *place, enum command_id id,
                  const char *verbs)
{
    return place->command && place->command->id == id &&
           command_verb_has(verbs, place->verb ? place->verb->verb : NULL);
}

static const struct command_option *find_own(const struct place *place,
                                             const char *word, size_t len)
{
    const struct command_option *row = command_options;

    for (; row->command; row++)
        if (place->command && row->command == place->command->id &&
            ((strlen(row->name) == len && !strncmp(row->name, word, len)) ||
             (row->letter && len == 2 && word[0] == '-' &&
              word[1] == row->letter)))
            return row;
    return NULL;
}

static void offer_setting(struct offering *offering, enum option_id id,
                          const char *help)
{
    char flag[OPTION_NAME_SIZE];

    if (options[id].type == CONFIG_SECRET)
        return;
    option_flag(id, flag);
    offer(offering, flag, help ? help : options[id].help);
}

static bool is_marked(const struct place *place, enum option_id id)
{
    for (const struct command_setting *row = command_settings; row->command;
         row++)
        if (row->id == id && is_of(place, row->command, row->verbs))
            return true;
    return false;
}

/* All settings are taken everywhere: they come when a letter was typed. */
static void offer_options(struct offering *offering, const struct place *place)
{
    for (const struct command_option *row = command_options; row->command;
         row++)
        if (is_of(place, row->command, row->verbs))
            offer(offering, row->name, row->help);
    for (const struct command_setting *row = command_settings; row->command;
         row++)
        if (is_of(place, row->command, row->verbs))
            offer_setting(offering, row->id, row->help);
    if (place->command && strlen(offering->typed) < 3)
        return;
    for (int id = 0; id < OPTION_COUNT; id++)
        if (!is_marked(place, (enum option_id)id))
            offer_setting(offering, (enum option_id)id, NULL);
    offer(offering, "--help", "what there is");
    offer(offering, "--version", "which telltale this is");
}

static void offer_choices(struct offering *offering, const char *choices)
{
    while (*choices) {
        size_t len = strcspn(choices, "|");
        char *word = xstrndup(choices, len);

        if (!strstr(word, "://")) /* an address, of which it is the form */
            offer(offering, word, "");
        free(word);
        choices += len + (choices[len] == '|');
    }
}

static void offer_setting_value(struct offering *offering, enum option_id id)
{
    if (options[id].type == CONFIG_PATH)
        offer_files(offering);
    else if (options[id].type == CONFIG_CHOICE ||
             options[id].type == CONFIG_CHOICES)
        offer_choices(offering, options[id].argument);
    else if (options[id].type == CONFIG_FLAG)
        offer_choices(offering, "yes|no");
}

/* ---- where the word stands ---- */

/* An option in front of it: whose value is next? */
static void pass_option(struct place *place, const char *word)
{
    size_t len = strcspn(word, "=");
    const struct command_option *own = find_own(place, word, len);
    const char *value;
    enum option_id id = option_by_flag(word, &value);

    if (!strcmp(word, "--"))
        place->ended = true;
    else if (word[len])
        return; /* it has it */
    else if (own && own->argument)
        place->option = own;
    else if (!own && id != OPTION_COUNT && options[id].type != CONFIG_FLAG)
        place->setting = id;
}

static void pass_word(struct place *place, const char *word)
{
    if (!place->command) {
        place->command = command_find(word);
        place->unknown = !place->command;
        if (place->command)
            place->verb = command_verb_find(place->command, NULL);
    } else if (place->verb && place->verb->verb && !place->named) {
        place->named = true;
        place->verb = command_verb_find(place->command, word);
        place->unknown = !place->verb;
    }
}

static struct place find_place(char *const *words, size_t count)
{
    struct place place = {.setting = OPTION_COUNT};

    for (size_t i = 0; i + 1 < count && !place.unknown; i++) {
        if (place.option || place.setting != OPTION_COUNT) {
            place.option = NULL;
            place.setting = OPTION_COUNT;
        } else if (!place.ended && words[i][0] == '-')
            pass_option(&place, words[i]);
        else
            pass_word(&place, words[i]);
    }
    return place;
}

/* "--mirror=sl": the value is completed, and its option goes in front. */
static bool take_apart(struct place *place, struct offering *offering)
{
    size_t len = strcspn(offering->typed, "=");
    const char *value;

    if (strncmp(offering->typed, "--", 2) != 0 || !offering->typed[len] ||
        place->ended)
        return false;
    place->option = find_own(place, offering->typed, len);
    if (!place->option)
        place->setting = option_by_flag(offering->typed, &value);
    offering->before = offering->typed;
    offering->before_len = len + 1;
    offering->typed += len + 1;
    return true;
}

static void offer_words(struct offering *offering, const struct place *place)
{
    if (!place->command) {
        for (size_t i = 0; i < command_count; i++)
            offer(offering, commands[i].name, commands[i].help);
        return;
    }
    if (!place->verb)
        return;
    if (!place->verb->verb || place->named) {
        offer_by(offering, place->verb->offers);
        return;
    }
    for (const struct command_verb *row = command_verbs; row->command; row++)
        if (row->command == place->command->id)
            offer(offering, row->verb, row->help);
}

static void offer_all(struct offering *offering, struct place *place)
{
    bool value = place->option || place->setting != OPTION_COUNT ||
                 take_apart(place, offering);

    offering->folded = text_fold(offering->typed);
    if (!value && offering->typed[0] == '-' && !place->ended)
        offer_options(offering, place);
    else if (!value)
        offer_words(offering, place);
    else if (place->option)
        offer_by(offering, place->option->offers);
    else if (place->setting != OPTION_COUNT)
        offer_setting_value(offering, place->setting);
}

/* The settings as they would be for these words; the defaults when they are
 * wrong. */
static struct config *load(char *const *words, size_t count)
{
    static char name[] = "telltale";
    char **argv = xcalloc(count + 2, sizeof *argv);
    int argc = 0, code;
    struct config *config;

    argv[argc++] = name;
    for (size_t i = 0; i + 1 < count; i++)
        argv[argc++] = words[i];
    config = config_load(&argc, argv, &code, NULL);
    free(argv);
    return config ? config : config_read("", "", 0, NULL);
}

void complete_words(char *const *words, size_t count, struct buf *out)
{
    struct place place = find_place(words, count);
    struct buf offers;
    struct config *config = load(words, count);
    struct offering offering = {.out = &offers,
                                .config = config,
                                .typed = count ? words[count - 1] : "",
                                .before = ""};

    buf_init(&offers, MIB);
    if (!place.unknown)
        offer_all(&offering, &place);
    if (offering.more)
        buf_adds(out, ":more\n");
    buf_add(out, offers.data, offers.len);
    free(offering.folded);
    buf_free(&offers);
    config_free(config);
}
