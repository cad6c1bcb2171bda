/* NATS where telltale was built without libnats: nothing is made, since
 * nats_settings_read() has said so before. */
#include "net/nats.h"

#include <stdlib.h>

#include "base/banned.h"

bool nats_available(struct err *err)
{
    return err_set(err, "this telltale was built without NATS: configure "
                        "--with-nats, with libnats installed, makes one that "
                        "has it");
}

struct nats_publisher *nats_publisher_new(const struct nats_settings *settings,
                                          void (*wake)(void *ctx),
                                          void *wake_ctx)
{
    (void)settings;
    (void)wake;
    (void)wake_ctx;
    abort();
}

void nats_publisher_send(struct nats_publisher *publisher,
                         struct nats_batch *batch)
{
    (void)publisher;
    (void)batch;
}

bool nats_publisher_done(struct nats_publisher *publisher)
{
    (void)publisher;
    return false;
}

void nats_publisher_status(struct nats_publisher *publisher,
                           struct nats_published *out)
{
    (void)publisher;
    *out = (struct nats_published){.events = 0};
}

void nats_publisher_stop(struct nats_publisher *publisher)
{
    (void)publisher;
}

bool nats_publisher_busy(struct nats_publisher *publisher)
{
    (void)publisher;
    return false;
}

void nats_publisher_free(struct nats_publisher *publisher)
{
    (void)publisher;
}

struct nats_reader *nats_reader_new(const struct nats_settings *settings,
                                    void (*wake)(void *ctx), void *wake_ctx)
{
    (void)settings;
    (void)wake;
    (void)wake_ctx;
    abort();
}

void nats_reader_begin(struct nats_reader *reader,
                       const struct nats_message *hello, uint64_t after)
{
    (void)reader;
    (void)hello;
    (void)after;
}

void nats_reader_again(struct nats_reader *reader)
{
    (void)reader;
}

bool nats_reader_take(struct nats_reader *reader, struct nats_message *out)
{
    (void)reader;
    (void)out;
    return false;
}

void nats_reader_status(struct nats_reader *reader, struct nats_status *out)
{
    (void)reader;
    *out = (struct nats_status){.state = NATS_DOWN};
}

void nats_reader_stop(struct nats_reader *reader)
{
    (void)reader;
}

bool nats_reader_busy(struct nats_reader *reader)
{
    (void)reader;
    return false;
}

void nats_reader_free(struct nats_reader *reader)
{
    (void)reader;
}
