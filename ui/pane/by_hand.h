/* A text to be copied, to be selected by hand if nothing else can. */
#ifndef TELLTALE_BY_HAND_H
#define TELLTALE_BY_HAND_H

struct pane;
struct screen;

struct by_hand_words {
    const char *title;          /* of the pane */
    const char *first, *second; /* said above the text */
    const char *what;           /* y copies: "the link" */
};

/* text is copied, words are not. */
struct pane *by_hand_new(struct screen *screen, const char *text,
                         const struct by_hand_words *words);

#endif
