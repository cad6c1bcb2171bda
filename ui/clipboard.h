/* Copying: by a program that reaches the clipboard, else by the terminal,
 * which never says whether it did. What is said is no more than is known. */
#ifndef TELLTALE_CLIPBOARD_H
#define TELLTALE_CLIPBOARD_H

struct screen;

struct clipboard;
struct clipboard *clipboard_new(struct screen *screen);
void clipboard_free(struct clipboard *clipboard); /* NULL is allowed */
/* what: "the link", for the message; a constant. */
void clipboard_copy(struct clipboard *clipboard, const char *text,
                    const char *what);
/* By the terminal at once. what as above. */
void clipboard_send(struct clipboard *clipboard, const char *text,
                    const char *what);

#endif
