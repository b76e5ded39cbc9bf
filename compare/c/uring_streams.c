/* The bare io_uring loop: multishot accept, multishot receive into a ring of buffers, one send in
 * flight for each connection, straight from the buffer that was received into. */
#define _GNU_SOURCE
#include "loops.h"
#include "ring.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* 4 MiB: near the size of the second cache, and enough for a thousand connections. */
#define PIECES 256
#define PIECE_BYTES (16 * 1024)
#define NONE PIECES

struct connection {
    int fd;
    unsigned matched;
    /* Pieces that wait to be sent, in order; the first is in flight while `sending`. */
    unsigned first, last;
    /* Answers that wait to be sent; one is in flight while `sending`. */
    size_t owed;
    unsigned char armed, sending, ended, starving;
    struct connection *next_starving;
};

enum { RECEIVED = 0, SENT = 1, KIND = 1 };

static struct ring ring;
static struct buffers buffers;
static unsigned next[PIECES], length[PIECES];
static struct connection *starving;
static struct answer answer;

static int arm_accept(int listener) {
    struct io_uring_sqe *entry = ring_push(&ring);
    if (!entry)
        return -EIO;
    entry->opcode = IORING_OP_ACCEPT;
    entry->ioprio = IORING_ACCEPT_MULTISHOT;
    entry->fd = listener;
    return 0;
}

static int arm_receive(struct connection *connection) {
    struct io_uring_sqe *entry = ring_push(&ring);
    if (!entry)
        return -EIO;
    entry->opcode = IORING_OP_RECV;
    entry->ioprio = IORING_RECV_MULTISHOT;
    entry->flags = IOSQE_BUFFER_SELECT;
    entry->fd = connection->fd;
    entry->user_data = (uint64_t)(uintptr_t)connection | RECEIVED;
    connection->armed = 1;
    return 0;
}

/* Sends the next piece or answer, if there is one and none is in flight. */
static int send_next(struct connection *connection) {
    if (connection->sending || (connection->first == NONE && connection->owed == 0))
        return 0;
    struct io_uring_sqe *entry = ring_push(&ring);
    if (!entry)
        return -EIO;
    const void *bytes = answer.bytes;
    size_t count = answer.length;
    if (connection->first != NONE) {
        bytes = buffer_of(&buffers, connection->first);
        count = length[connection->first];
    }
    entry->opcode = IORING_OP_SEND;
    entry->fd = connection->fd;
    entry->addr = (uint64_t)(uintptr_t)bytes;
    entry->len = (unsigned)count;
    entry->msg_flags = MSG_NOSIGNAL | MSG_WAITALL;
    entry->user_data = (uint64_t)(uintptr_t)connection | SENT;
    connection->sending = 1;
    return 0;
}

/* Gives a buffer back, and lets one connection that went without receive again. */
static int give_back(unsigned id) {
    buffers_give(&buffers, id);
    struct connection *connection = starving;
    if (!connection)
        return 0;
    starving = connection->next_starving;
    connection->starving = 0;
    return arm_receive(connection);
}

static int accepted(int fd) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return -ENOMEM;
    connection->fd = fd;
    connection->first = connection->last = NONE;
    return arm_receive(connection);
}

static int received(struct connection *connection, int result, unsigned flags) {
    int failed = 0;
    connection->armed = (flags & IORING_CQE_F_MORE) != 0;
    if (result > 0) {
        unsigned id = flags >> IORING_CQE_BUFFER_SHIFT;
        if (answer.bytes) {
            connection->owed +=
                requests_in(&connection->matched, buffer_of(&buffers, id), (size_t)result);
            failed = give_back(id);
        } else {
            length[id] = (unsigned)result;
            next[id] = NONE;
            if (connection->first == NONE)
                connection->first = id;
            else
                next[connection->last] = id;
            connection->last = id;
        }
        if (!failed)
            failed = send_next(connection);
        if (!failed && !connection->armed)
            failed = arm_receive(connection);
    } else if (result == -ENOBUFS) {
        connection->starving = 1;
        connection->next_starving = starving;
        starving = connection;
    } else {
        connection->ended = 1;
    }
    return failed;
}

static int sent(struct connection *connection, int result) {
    int failed = 0;
    connection->sending = 0;
    if (connection->first != NONE) {
        unsigned id = connection->first;
        connection->first = next[id];
        failed = give_back(id);
    } else {
        connection->owed--;
    }
    if (result < 0)
        connection->ended = 1;
    return failed ? failed : send_next(connection);
}

static int handle(void *listener, const struct io_uring_cqe *completion) {
    struct connection *connection =
        (struct connection *)(uintptr_t)(completion->user_data & ~(uint64_t)KIND);
    if (!connection) {
        int failed = completion->res >= 0 ? accepted(completion->res) : 0;
        if (!failed && !(completion->flags & IORING_CQE_F_MORE))
            failed = arm_accept(*(int *)listener);
        return failed;
    }
    int failed = completion->user_data & KIND
                     ? sent(connection, completion->res)
                     : received(connection, completion->res, completion->flags);
    if (connection->ended && !connection->armed && !connection->sending && !connection->starving) {
        while (!failed && connection->first != NONE) {
            unsigned id = connection->first;
            connection->first = next[id];
            failed = give_back(id);
        }
        close(connection->fd);
        free(connection);
    }
    return failed;
}

int ring_streams(int listener, struct answer given) {
    answer = given;
    int failed = ring_open_with_buffers(&ring, 1024, 8192, &buffers, PIECES, PIECE_BYTES);
    if (!failed)
        failed = arm_accept(listener);
    while (!failed)
        failed = ring_turn(&ring, handle, &listener);
    return failed;
}
