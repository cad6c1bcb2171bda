/* Who has to go when there is not enough for all: of slots, of room for
 * bodies, of room for answers. Whoever was authenticated once goes last, who
 * does nothing goes first, and nobody's word counts: only what arrived, what
 * was read, and how long it took. The peer's address says nothing, since
 * behind a tunnel all have the same. */
#include "base/clock.h"
#include "base/limits.h"
#include "net/conn.h"

#include "base/banned.h"

/* An answer of which nothing was taken, or a body that is not complete, for
 * this long may make way for a new connection. */
#define SLOW_US INT64_C(1000000)

static int64_t age_us(const struct conn *conn)
{
    return clock_mono_us() - conn->since_us;
}

/* The longest there of those that nothing has authenticated, or of those
 * that something has. */
static struct conn *oldest(const struct server *server, enum conn_phase phase,
                           bool trusted)
{
    struct conn *conn = server->phases[phase].first;

    while (conn && conn->trusted != trusted)
        conn = conn->next;
    return conn;
}

static struct conn *slow_one(const struct server *server,
                             enum conn_phase phase, bool trusted)
{
    struct conn *conn = oldest(server, phase, trusted);

    return conn && age_us(conn) > SLOW_US ? conn : NULL;
}

/* Strangers before the known, and among each who is of the least use before
 * the others. A stranger's silence counts from the first moment: in a flood
 * the oldest of them has had its time, while who comes now may be good. */
static struct conn *least_useful(const struct server *server)
{
    struct conn *conn = slow_one(server, CONN_SENDING, false);

    if (!conn)
        conn = server->phases[CONN_LINGER].first;
    if (!conn)
        conn = oldest(server, CONN_IDLE, false);
    if (!conn)
        conn = slow_one(server, CONN_BODY, false);
    if (!conn)
        conn = oldest(server, CONN_HEAD, false);
    if (!conn)
        conn = slow_one(server, CONN_SENDING, true);
    if (!conn)
        conn = oldest(server, CONN_IDLE, true);
    if (!conn)
        conn = slow_one(server, CONN_HEAD, true);
    return conn;
}

void crowd_make_way(struct server *server)
{
    struct conn *victim = least_useful(server);

    if (!victim)
        return;
    server->stats.evicted++;
    server_close_now(victim);
}

/* What a body costs: its bytes, for as long as they have been held. Who
 * sends quickly costs little, however much it is; who holds a lot and sends
 * no more costs the most. */
static double cost(const struct conn *conn, size_t more)
{
    return (double)(conn->claim.bytes + more) * (double)(age_us(conn) + 1);
}

/* The costliest body of those whose end would help; may be conn itself. */
static struct conn *costliest(struct conn *conn, size_t bytes)
{
    const struct server *server = conn->server;
    struct conn *worst = conn;
    double most = cost(conn, bytes);

    for (struct conn *other = server->phases[CONN_BODY].first; other;
         other = other->next)
        if (other != conn && cost(other, 0) > most &&
            quota_is_rival(&conn->claim, bytes, &other->claim)) {
            worst = other;
            most = cost(other, 0);
        }
    return worst;
}

bool crowd_charge(struct conn *conn, size_t bytes)
{
    struct server *server = conn->server;

    while (!quota_grow(server->quota, &conn->claim, bytes)) {
        struct conn *victim = costliest(conn, bytes);

        if (victim == conn)
            return false;
        server->stats.evicted++;
        conn_refuse(victim, 503, "too much at once, send it again",
                    "Retry-After: 1\r\n");
    }
    return true;
}

/* The first of those that are sent to has taken nothing for the longest. */
bool crowd_keep_unsent(struct conn *conn, size_t bytes)
{
    struct server *server = conn->server;

    while (server->unsent + bytes > LIMIT_UNSENT) {
        struct conn *victim = server->phases[CONN_SENDING].first;

        server->stats.evicted++;
        if (!victim || victim == conn) {
            conn->why = "too much waits for all";
            conn_kill(conn);
            return false;
        }
        victim->why = "too much waits for all, and it took nothing";
        conn_kill(victim);
    }
    return true;
}

/* The longest there of those that hold some of what they have sent. */
static struct conn *holder(const struct server *server, enum conn_phase phase,
                           bool trusted)
{
    struct conn *conn = server->phases[phase].first;

    while (conn && (conn->trusted != trusted || !conn->in.cap))
        conn = conn->next;
    return conn;
}

bool crowd_keep_head(struct conn *conn)
{
    struct server *server = conn->server;

    while (server->heads > LIMIT_HEADS) {
        struct conn *victim = holder(server, CONN_HEAD, false);

        if (!victim)
            victim = holder(server, CONN_SENDING, false);
        if (!victim)
            victim = holder(server, CONN_SENDING, true);
        if (!victim)
            victim = holder(server, CONN_HEAD, true);
        if (!victim)
            victim = conn;
        server->stats.evicted++;
        conn_drop_in(victim);
        victim->why = "too much is held for all";
        conn_kill(victim);
        if (victim == conn)
            return false;
    }
    return true;
}
