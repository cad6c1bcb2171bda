/* The owner's control socket beside the journal (0600): other processes ask
 * it for changes and follow it. One request a line, one answer a line, JSON
 * both ways; {"do":"follow"} keeps the connection and sends {"seq":N} after
 * every commit. */
#ifndef TELLTALE_CONTROL_H
#define TELLTALE_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/loop.h"

struct control;

/* handle answers one request line (no newline) by appending one line of JSON
 * (no newline) to reply. Or it returns false, and control_answer() gets asked
 * and that line later, once and not from inside handle; until then that side
 * is not heard. */
typedef bool control_handle(void *ctx, uint64_t asked, const char *line,
                            struct buf *reply);

/* journal_path names the socket: beside it, or, if that is too long for a
 * socket address, under the runtime directory by a hash of it. */
struct control *control_new(struct loop *loop, const char *journal_path,
                            control_handle *handle, void *ctx,
                            struct err *err);
void control_free(struct control *control);
/* Nothing happens where that side has gone meanwhile, or control is NULL. */
void control_answer(struct control *control, uint64_t asked,
                    const char *reply);
/* Tells the followers, and listens anew where the socket was deleted. */
void control_committed(struct control *control, uint64_t last_seq);

/* The other side, blocking: sends line, appends the answer. False when there
 * is no owner (err.text is empty then) or it does not answer in 5 s. */
bool control_ask(const char *journal_path, const char *line, struct buf *reply,
                 struct err *err);
/* Connects for follow; the fd becomes readable with lines. -1: no owner. */
int control_follow(const char *journal_path, struct err *err);

#endif
