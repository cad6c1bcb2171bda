/* What the program asks of the service "book". */
#ifndef TELLTALE_BOOK_WATCH_H
#define TELLTALE_BOOK_WATCH_H

/* Reads book and catalogue again, beside the loop; log and status say what
 * came of it. */
void book_watch_reread(void *self);

#endif
