/* The same servers on libuv, which is looked for when the program runs: no header and no linking.
 *
 * What is used has been stable since libuv 1.19: the numbers of the handle types, the shape of
 * `uv_buf_t` on Unix, and functions that give the sizes of handles and requests. */
#define _GNU_SOURCE
#include "loops.h"

#include <dlfcn.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { UV_TCP = 12, UV_UDP = 15 };
enum { UV_WRITE = 3 };
enum { NOT_SUPPORTED = -95, NO_MEMORY = -12, AGAIN = -11 };
#define BACKLOG 4096

struct buf {
    char *base;
    size_t len;
};

typedef void (*allocate_callback)(void *handle, size_t suggested, struct buf *buf);
typedef void (*read_callback)(void *stream, ssize_t count, const struct buf *buf);
typedef void (*receive_callback)(void *handle, ssize_t count, const struct buf *buf,
                                 const struct sockaddr *from, unsigned flags);
typedef void (*status_callback)(void *handle, int status);
typedef void (*close_callback)(void *handle);

static struct {
    const char *(*version_string)(void);
    void *(*default_loop)(void);
    size_t (*handle_size)(int type);
    size_t (*req_size)(int type);
    void *(*handle_get_data)(const void *handle);
    void (*handle_set_data)(void *handle, void *data);
    void *(*req_get_data)(const void *request);
    void (*req_set_data)(void *request, void *data);
    int (*tcp_init)(void *loop, void *handle);
    int (*tcp_open)(void *handle, int fd);
    int (*tcp_nodelay)(void *handle, int on);
    int (*listen)(void *stream, int backlog, status_callback);
    int (*accept)(void *server, void *client);
    int (*read_start)(void *stream, allocate_callback, read_callback);
    int (*read_stop)(void *stream);
    int (*try_write)(void *stream, const struct buf *bufs, unsigned count);
    int (*write)(void *request, void *stream, const struct buf *bufs, unsigned count,
                 status_callback);
    void (*close)(void *handle, close_callback);
    int (*is_closing)(const void *handle);
    int (*udp_init)(void *loop, void *handle);
    int (*udp_open)(void *handle, int fd);
    int (*udp_recv_start)(void *handle, allocate_callback, receive_callback);
    int (*udp_try_send)(void *handle, const struct buf *bufs, unsigned count,
                        const struct sockaddr *to);
    int (*run)(void *loop, int mode);
} uv;

static char shared[BUFFER_BYTES];
static struct answer answer;

static int look_up(void) {
    static const char *const names[] = {
        "uv_version_string", "uv_default_loop", "uv_handle_size", "uv_req_size",
        "uv_handle_get_data", "uv_handle_set_data", "uv_req_get_data", "uv_req_set_data",
        "uv_tcp_init", "uv_tcp_open", "uv_tcp_nodelay", "uv_listen", "uv_accept",
        "uv_read_start", "uv_read_stop", "uv_try_write", "uv_write", "uv_close",
        "uv_is_closing", "uv_udp_init", "uv_udp_open", "uv_udp_recv_start", "uv_udp_try_send",
        "uv_run",
    };
    _Static_assert(sizeof uv == sizeof names, "a name for each function");
    void *library = dlopen("libuv.so.1", RTLD_NOW);
    if (!library)
        return NOT_SUPPORTED;
    for (size_t at = 0; at < sizeof names / sizeof *names; at++) {
        void *function = dlsym(library, names[at]);
        if (!function)
            return NOT_SUPPORTED;
        memcpy((char *)&uv + at * sizeof function, &function, sizeof function);
    }
    return 0;
}

int uv_available(void) {
    return uv.run ? 0 : look_up();
}

const char *uv_version_text(void) {
    return uv_available() == 0 ? uv.version_string() : "";
}

static void lend(void *handle, size_t suggested, struct buf *buf) {
    (void)handle, (void)suggested;
    *buf = (struct buf){shared, sizeof shared};
}

static void closed(void *handle) {
    free(uv.handle_get_data(handle));
    free(handle);
}

static void drop(void *stream) {
    if (!uv.is_closing(stream))
        uv.close(stream, closed);
}

static void received(void *stream, ssize_t count, const struct buf *buf);

/* The rest has been written: reading goes on. */
static void written(void *request, int status) {
    char *kept = uv.req_get_data(request);
    void *stream;
    memcpy(&stream, kept, sizeof stream);
    free(kept);
    free(request);
    if (status < 0)
        drop(stream);
    else if (!uv.is_closing(stream))
        uv.read_start(stream, lend, received);
}

/* Writes at once what the socket takes, and queues the rest. */
static int answer_with(void *stream, const char *bytes, size_t length) {
    struct buf buf = {(char *)bytes, length};
    int count = uv.try_write(stream, &buf, 1);
    if (count < 0 && count != AGAIN)
        return -1;
    size_t sent = count < 0 ? 0 : (size_t)count;
    if (sent == length)
        return 0;
    /* The stream goes before the bytes, so that the callback finds it. */
    char *kept = malloc(sizeof stream + length - sent);
    void *request = malloc(uv.req_size(UV_WRITE));
    if (!kept || !request) {
        free(kept);
        free(request);
        return -1;
    }
    memcpy(kept, &stream, sizeof stream);
    memcpy(kept + sizeof stream, bytes + sent, length - sent);
    uv.req_set_data(request, kept);
    buf = (struct buf){kept + sizeof stream, length - sent};
    uv.read_stop(stream);
    return uv.write(request, stream, &buf, 1, written);
}

static void received(void *stream, ssize_t count, const struct buf *buf) {
    if (count < 0) {
        drop(stream);
    } else if (count > 0 && !answer.bytes) {
        if (answer_with(stream, buf->base, (size_t)count) < 0)
            drop(stream);
    } else if (count > 0) {
        unsigned *matched = uv.handle_get_data(stream);
        size_t requests = requests_in(matched, (unsigned char *)buf->base, (size_t)count);
        while (requests--)
            if (answer_with(stream, (const char *)answer.bytes, answer.length) < 0)
                drop(stream);
    }
}

static void connected(void *listener, int status) {
    void *stream = malloc(uv.handle_size(UV_TCP));
    if (status < 0 || !stream || uv.tcp_init(uv.default_loop(), stream) < 0) {
        free(stream);
        return;
    }
    uv.handle_set_data(stream, calloc(1, sizeof(unsigned)));
    if (uv.accept(listener, stream) < 0 || uv.tcp_nodelay(stream, 1) < 0 ||
        uv.read_start(stream, lend, received) < 0)
        drop(stream);
}

int uv_streams(int listener, struct answer given) {
    answer = given;
    int failed = uv_available();
    void *handle = failed ? NULL : malloc(uv.handle_size(UV_TCP));
    if (!handle)
        return failed ? failed : NO_MEMORY;
    if ((failed = uv.tcp_init(uv.default_loop(), handle)) < 0 ||
        (failed = uv.tcp_open(handle, listener)) < 0 ||
        (failed = uv.listen(handle, BACKLOG, connected)) < 0)
        return failed;
    return uv.run(uv.default_loop(), 0);
}

static void datagram(void *handle, ssize_t count, const struct buf *buf,
                     const struct sockaddr *from, unsigned flags) {
    (void)flags;
    if (count < 0 || !from)
        return;
    struct buf back = {buf->base, (size_t)count};
    /* A full queue loses the datagram, as a network would. */
    uv.udp_try_send(handle, &back, 1, from);
}

int uv_datagrams(int socket) {
    int failed = uv_available();
    void *handle = failed ? NULL : malloc(uv.handle_size(UV_UDP));
    if (!handle)
        return failed ? failed : NO_MEMORY;
    if ((failed = uv.udp_init(uv.default_loop(), handle)) < 0 ||
        (failed = uv.udp_open(handle, socket)) < 0 ||
        (failed = uv.udp_recv_start(handle, lend, datagram)) < 0)
        return failed;
    return uv.run(uv.default_loop(), 0);
}
