/* Tables: the accounts, the people who have a part in what is told, and names
 * for the others. */
#include "command/demo_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"

#include "base/banned.h"

enum tongue { ENGLISH, NORDIC, ROMANCE, INDIAN, JAPANESE, TONGUES };

static const struct firm {
    const char *id; /* NULL: one is made */
    const char *name, *domain, *segment, *arr;
    enum tongue tongue;
    enum demo_use use;
    int people;
} firms[DEMO_ACCOUNTS] = {
    [ALDER] = {"77fb2c0a-9f29-478f-bcd7-fb5e6967d9e8", "Alder & Finch Labs",
               "alderfinch.example", "enterprise", "191000", ENGLISH, USES_ALL,
               9},
    [BOREALIS] = {"becccfc8-9252-4f2f-983e-4eeaaac45350", "Borealis Freight",
                  "borealis.example", "enterprise", "90000", NORDIC,
                  USES_ANALYTICS, 8},
    [COBALT] = {"59973a93-bdfe-47ce-8063-bb62d4ca91d7", "Cobalt Kitchen",
                "cobaltkitchen.example", "enterprise", "222000", ENGLISH,
                USES_ANALYTICS, 7},
    [DUNES] = {"49b0761a-a1aa-4a9b-bd41-4344bf0cdf4a", "Dunes Health, Inc.",
               "dunes.example", "enterprise", "144000", ENGLISH, USES_EXPORTS,
               8},
    [EMERAUDE] = {"aecf293c-87c5-41ec-99cf-9029d17dfb4c", "Émeraude Études",
                  "emeraude.example", "scale", "195000", ROMANCE,
                  USES_ANALYTICS, 7},
    [HIBARI] = {"48e0171f-a6de-4477-8b9f-45a630e909c7", "株式会社ひばり不動産",
                "hibari.example", "scale", "90000", JAPANESE, USES_AI, 9},
    [JUNIPER] = {NULL, "Juniper Loop", "juniperloop.example", "startup",
                 "24000", ENGLISH, USES_FLAGS, 9},
    [KESTREL] = {NULL, "Kestrel Robotics", "kestrel.example", "scale", "61000",
                 NORDIC, USES_FLAGS, 7},
    [MISTRAL] = {NULL, "Mistral Cycles", "mistralcycles.example", "scale",
                 "48000", ROMANCE, USES_REPLAY, 7},
    [XYLO] = {NULL, "Xylo Music", "xylo.example", "startup", "18000", ENGLISH,
              USES_ANALYTICS, 5},
    {NULL, "Fjordlys Energi", "fjordlys.example", "scale", "52000", NORDIC,
     USES_REPLAY, 6},
    {NULL, "Gannet Press", "gannet.example", "scale", "39000", ENGLISH,
     USES_AI, 6},
    {NULL, "Harrow & Pike", "harrowpike.example", "enterprise", "118000",
     ENGLISH, USES_FLAGS, 9},
    {NULL, "Isola Viaggi", "isola.example", "startup", "21000", ROMANCE,
     USES_ANALYTICS, 6},
    {NULL, "Lumen Orchard", "lumenorchard.example", "scale", "44000", ENGLISH,
     USES_EXPORTS, 6},
    {NULL, "Norte Seguros", "norteseguros.example", "enterprise", "87000",
     ROMANCE, USES_REPLAY, 8},
    {NULL, "Ottilie Verlag", "ottilie.example", "scale", "36000", NORDIC,
     USES_ANALYTICS, 6},
    {NULL, "Pampas Pay", "pampaspay.example", "scale", "58000", ROMANCE,
     USES_FLAGS, 7},
    {NULL, "Quarry Street Bank", "quarrystreet.example", "enterprise",
     "164000", ENGLISH, USES_REPLAY, 10},
    {NULL, "Rosewater Clinics", "rosewater.example", "scale", "41000", ENGLISH,
     USES_ANALYTICS, 6},
    {NULL, "Saffron Ledger", "saffronledger.example", "scale", "67000", INDIAN,
     USES_FLAGS, 7},
    {NULL, "Tamarind Tutors", "tamarind.example", "startup", "26000", INDIAN,
     USES_AI, 6},
    {NULL, "Umber Studio", "umber.example", "startup", "15000", ENGLISH,
     USES_ANALYTICS, 5},
    {NULL, "Vesper Hotels", "vesperhotels.example", "enterprise", "102000",
     ROMANCE, USES_REPLAY, 8},
    {NULL, "Willow Grid", "willowgrid.example", "scale", "55000", ENGLISH,
     USES_EXPORTS, 6},
    {NULL, "Yarrow Foods", "yarrow.example", "scale", "33000", ENGLISH,
     USES_ANALYTICS, 6},
    {NULL, "Zephyr Air Cargo", "zephyraircargo.example", "enterprise", "96000",
     NORDIC, USES_FLAGS, 8},
    {NULL, "青葉書店", "aoba.example", "scale", "47000", JAPANESE, USES_AI, 6},
    {NULL, "Indigo Mandi", "indigomandi.example", "scale", "59000", INDIAN,
     USES_REPLAY, 7},
    {NULL, "Łódka Travel", "lodka.example", "startup", "19000", NORDIC,
     USES_ANALYTICS, 5},
};

/* The first people of an account, in order. */
static const struct {
    int account;
    const char *name, *mailbox;
} named[] = {
    {ALDER, "Maya Okafor", "maya"},
    {ALDER, "Jonas Lindqvist", "jonas"},
    {ALDER, "Priya Raman", "priya"},
    {ALDER, "Sinéad O'Dowd", "sinead"},
    {BOREALIS, "Tomás Herrera", "tomas"},
    {BOREALIS, "Ingrid Solheim", "ingrid"},
    {BOREALIS, "Lucía Marín", "lucia"},
    {BOREALIS, "Dev Patel", "dev"},
    {COBALT, "Wanjiru Kamau", "wanjiru"},
    {COBALT, "Ben Achterberg", "ben"},
    {COBALT, "Zoë van Dijk", "zoe"},
    {DUNES, "Ruth Feldman", "ruth"},
    {DUNES, "Omar Haddad", "omar"},
    {DUNES, "Caleb Whitlock", "caleb"},
    {EMERAUDE, "Aurélie Fontaine", "aurelie"},
    {EMERAUDE, "Beatriz Sá", "beatriz"},
    {EMERAUDE, "Noé Gauthier", "noe"},
    {HIBARI, "山田 花子", "hanako"},
    {HIBARI, "佐藤 健", "ken"},
    {HIBARI, "Kim Min-jun", "minjun"},
};

/* Names for everybody else: any given name goes with any other. */
#define NAMES 12
static const struct {
    const char *given, *mailbox, *family;
} names[TONGUES][NAMES] = {
    [ENGLISH] = {{"Hazel", "hazel", "Thackeray"},
                 {"Rufus", "rufus", "Bellweather"},
                 {"Imogen", "imogen", "Ashdown"},
                 {"Callum", "callum", "Marchbanks"},
                 {"Thea", "thea", "Oyelaran"},
                 {"Dexter", "dexter", "Quill"},
                 {"Maren", "maren", "Holloway"},
                 {"Silas", "silas", "Penhaligon"},
                 {"Orla", "orla", "Fairweather"},
                 {"Winston", "winston", "Adeyemi"},
                 {"Juno", "juno", "Castellan"},
                 {"Alaric", "alaric", "Wren"}},
    [NORDIC] = {{"Sølve", "solve", "Haugland"},
                {"Åsa", "asa", "Bergström"},
                {"Jürgen", "juergen", "Weißmann"},
                {"Kaja", "kaja", "Nowicka"},
                {"Eirik", "eirik", "Tveit"},
                {"Łucja", "lucja", "Zielińska"},
                {"Mattis", "mattis", "Küster"},
                {"Signe", "signe", "Østergaard"},
                {"Bogdan", "bogdan", "Wilczek"},
                {"Frauke", "frauke", "Lüders"},
                {"Tuomas", "tuomas", "Räsänen"},
                {"Hedda", "hedda", "Lindgård"}},
    [ROMANCE] = {{"Célestine", "celestine", "Marchetti"},
                 {"Íñigo", "inigo", "Valdivia"},
                 {"Ottavia", "ottavia", "Brambilla"},
                 {"Thibault", "thibault", "Lacombe"},
                 {"Graça", "graca", "Figueira"},
                 {"Ramiro", "ramiro", "Quiroga"},
                 {"Solène", "solene", "Peyrat"},
                 {"Ettore", "ettore", "Zanella"},
                 {"Nuria", "nuria", "Escudero"},
                 {"Baptiste", "baptiste", "Delorme"},
                 {"Inês", "ines", "Carvalhal"},
                 {"Fabrizio", "fabrizio", "Conti"}},
    [INDIAN] = {{"Ananya", "ananya", "Kulkarni"},
                {"Rohan", "rohan", "Bhattacharya"},
                {"Meera", "meera", "Venkatesan"},
                {"Kabir", "kabir", "Chaudhary"},
                {"Lakshmi", "lakshmi", "Nair"},
                {"Arjun", "arjun", "Deshpande"},
                {"Farah", "farah", "Siddiqui"},
                {"Vikram", "vikram", "Joshi"},
                {"Ishita", "ishita", "Mukherjee"},
                {"Sanjay", "sanjay", "Pillai"},
                {"Divya", "divya", "Reddy"},
                {"Imran", "imran", "Qureshi"}},
    /* The family's name comes first. */
    [JAPANESE] = {{"結衣", "yui", "中村"},
                  {"蓮", "ren", "小林"},
                  {"美咲", "misaki", "渡辺"},
                  {"大輔", "daisuke", "石川"},
                  {"葵", "aoi", "松本"},
                  {"翔太", "shota", "藤原"},
                  {"遥", "haruka", "高橋"},
                  {"直樹", "naoki", "清水"},
                  {"千尋", "chihiro", "森田"},
                  {"悠斗", "yuto", "青木"},
                  {"彩", "aya", "橋本"},
                  {"亮", "ryo", "坂本"}},
};

uint64_t demo_mix(uint64_t seed)
{
    uint64_t z = seed + UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void demo_stamp(struct uuid *uuid, int64_t at)
{
    for (int i = 0; i < 6; i++)
        uuid->bytes[i] = (uint8_t)(at >> (40 - 8 * i));
    uuid->bytes[6] = (uint8_t)((uuid->bytes[6] & 0x0f) | 0x70);
    uuid->bytes[8] = (uint8_t)((uuid->bytes[8] & 0x3f) | 0x80);
}

static void make_id(int index, char out[UUID_TEXT_SIZE])
{
    uint64_t bits[2] = {demo_mix((uint64_t)index), demo_mix(~(uint64_t)index)};
    struct uuid uuid;

    memcpy(uuid.bytes, bits, sizeof uuid.bytes);
    uuid.bytes[6] = (uint8_t)((uuid.bytes[6] & 0x0f) | 0x40);
    uuid.bytes[8] = (uint8_t)((uuid.bytes[8] & 0x3f) | 0x80);
    uuid_format(&uuid, out);
}

static void name_from_table(struct demo_person *person, int firm, int index)
{
    enum tongue tongue = firms[firm].tongue;
    int given = (firm * 5 + index) % NAMES;
    int family = (firm * 7 + index * 5) % NAMES;

    person->mailbox = names[tongue][given].mailbox;
    snprintf(person->name, sizeof person->name, "%s %s",
             tongue == JAPANESE ? names[tongue][family].family
                                : names[tongue][given].given,
             tongue == JAPANESE ? names[tongue][given].given
                                : names[tongue][family].family);
}

static void name_person(struct demo_person *person, int firm, int index)
{
    int at = 0;

    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (named[i].account == firm && at++ == index) {
            snprintf(person->name, sizeof person->name, "%s", named[i].name);
            person->mailbox = named[i].mailbox;
            return;
        }
    name_from_table(person, firm, index);
}

static void add_person(struct demo_book *book, int firm, int index)
{
    struct demo_person *person = &book->people[book->count];
    const char *domain = firms[firm].domain;

    *person = (struct demo_person){.account = &book->accounts[firm],
                                   .index = index,
                                   .mark = demo_mix(book->count)};
    name_person(person, firm, index);
    snprintf(person->id, sizeof person->id, "demo-%s-%.*s", person->mailbox,
             (int)strcspn(domain, "."), domain);
    book->count++;
}

void demo_book_init(struct demo_book *book)
{
    book->count = 0;
    for (int i = 0; i < DEMO_ACCOUNTS; i++) {
        struct demo_account *account = &book->accounts[i];
        const struct firm *firm = &firms[i];

        *account = (struct demo_account){.name = firm->name,
                                         .domain = firm->domain,
                                         .segment = firm->segment,
                                         .arr = firm->arr,
                                         .project = 1800 + 97 * i,
                                         .use = firm->use,
                                         .people = firm->people};
        if (firm->id)
            snprintf(account->id, sizeof account->id, "%s", firm->id);
        else
            make_id(i, account->id);
        for (int j = 0; j < firm->people; j++)
            add_person(book, i, j);
    }
}

char *demo_book_csv(const struct demo_book *book)
{
    struct buf csv;

    buf_init(&csv, 16 * KIB);
    buf_adds(&csv, "organization_id,organization_name,domain,segment,arr\n");
    for (int i = 0; i < DEMO_ACCOUNTS; i++) {
        const struct demo_account *account = &book->accounts[i];

        buf_addf(&csv, "%s,\"%s\",%s,%s,%s\n", account->id, account->name,
                 account->domain, account->segment, account->arr);
    }
    return buf_take(&csv);
}

const struct demo_person *demo_book_first(const struct demo_book *book,
                                          int account)
{
    size_t at = 0;

    for (int i = 0; i < account; i++)
        at += (size_t)book->accounts[i].people;
    return &book->people[at];
}

const struct demo_person *demo_book_person(const struct demo_book *book,
                                           int account, const char *mailbox)
{
    const struct demo_person *first = demo_book_first(book, account);

    for (int i = 0; i < book->accounts[account].people; i++)
        if (!strcmp(first[i].mailbox, mailbox))
            return &first[i];
    abort();
}
