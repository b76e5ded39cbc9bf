/* The bare epoll loop: edge-triggered, one shared buffer, what a socket does not take is kept. */
#define _GNU_SOURCE
#include "loops.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 256

struct connection {
    int fd;
    unsigned matched;
    /* Bytes that the socket did not take: [sent, length) of `kept`. Nothing is read meanwhile. */
    unsigned char *kept;
    size_t sent, length;
};

static unsigned char buffer[BUFFER_BYTES];

static void forget(struct connection *connection) {
    close(connection->fd);
    free(connection->kept);
    free(connection);
}

/* Sends, and keeps the rest. Gives -1 if the connection is of no more use. */
static int answer_with(struct connection *connection, const unsigned char *bytes, size_t length) {
    size_t sent = 0;
    if (!connection->kept) {
        ssize_t count = send(connection->fd, bytes, length, MSG_NOSIGNAL);
        if (count < 0 && errno != EAGAIN)
            return -1;
        sent = count < 0 ? 0 : (size_t)count;
        if (sent == length)
            return 0;
    }
    size_t rest = length - sent, before = connection->length - connection->sent;
    unsigned char *kept = malloc(before + rest);
    if (!kept)
        return -1;
    if (before)
        memcpy(kept, connection->kept + connection->sent, before);
    memcpy(kept + before, bytes + sent, rest);
    free(connection->kept);
    connection->kept = kept;
    connection->sent = 0;
    connection->length = before + rest;
    return 0;
}

/* Gives 1 if everything is sent, 0 if not, -1 if the connection is of no more use. */
static int flush(struct connection *connection) {
    while (connection->kept) {
        ssize_t count = send(connection->fd, connection->kept + connection->sent,
                             connection->length - connection->sent, MSG_NOSIGNAL);
        if (count < 0)
            return errno == EAGAIN ? 0 : -1;
        connection->sent += (size_t)count;
        if (connection->sent == connection->length) {
            free(connection->kept);
            connection->kept = NULL;
            connection->sent = connection->length = 0;
        }
    }
    return 1;
}

/* Reads and answers until there is no more to read or no more room to send. */
static int serve(struct connection *connection, struct answer answer) {
    for (;;) {
        int flushed = flush(connection);
        if (flushed <= 0)
            return flushed;
        ssize_t count = recv(connection->fd, buffer, sizeof buffer, 0);
        if (count == 0)
            return -1;
        if (count < 0)
            return errno == EAGAIN ? 0 : -1;
        if (!answer.bytes) {
            if (answer_with(connection, buffer, (size_t)count) < 0)
                return -1;
        } else {
            size_t requests = requests_in(&connection->matched, buffer, (size_t)count);
            while (requests--)
                if (answer_with(connection, answer.bytes, answer.length) < 0)
                    return -1;
        }
        /* A short read has emptied the socket; what comes later is a new edge. */
        if ((size_t)count < sizeof buffer && !connection->kept)
            return 0;
    }
}

static int accept_all(int epoll, int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return errno == EAGAIN || errno == ECONNABORTED ? 0 : -errno;
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct connection *connection = calloc(1, sizeof *connection);
        if (!connection)
            return -ENOMEM;
        connection->fd = fd;
        struct epoll_event event = {
            .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
            .data.ptr = connection,
        };
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
            return -errno;
    }
}

int epoll_streams(int listener, struct answer answer) {
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0)
        return -errno;
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(epoll, events, EVENTS, -1);
        if (count < 0 && errno != EINTR)
            return -errno;
        for (int at = 0; at < count; at++) {
            struct connection *connection = events[at].data.ptr;
            if (!connection) {
                int failed = accept_all(epoll, listener);
                if (failed < 0)
                    return failed;
            } else if (events[at].events == EPOLLOUT && !connection->kept) {
                /* Room to send that nobody waits for: the first event of a new connection. */
            } else if (serve(connection, answer) < 0) {
                forget(connection);
            }
        }
    }
}

int epoll_datagrams(int socket) {
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) < 0)
        return -errno;
    for (;;) {
        int count = epoll_wait(epoll, &event, 1, -1);
        if (count < 0 && errno != EINTR)
            return -errno;
        for (;;) {
            struct sockaddr_in from;
            socklen_t length = sizeof from;
            ssize_t bytes = recvfrom(socket, buffer, sizeof buffer, MSG_DONTWAIT,
                                     (struct sockaddr *)&from, &length);
            if (bytes < 0 && errno == EAGAIN)
                break;
            if (bytes < 0)
                return -errno;
            /* A full queue loses the datagram, as a network would. */
            sendto(socket, buffer, (size_t)bytes, MSG_DONTWAIT, (struct sockaddr *)&from, length);
        }
    }
}
