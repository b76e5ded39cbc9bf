/* The ring with datagrams, and with reads of a file. */
#define _GNU_SOURCE
#include "loops.h"
#include "ring.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define PIECES 256
#define PIECE_BYTES 2048
#define RECEIVED PIECES
#define DEPTH_MAX 64u

static struct ring ring;
static struct buffers buffers;
static struct msghdr shape = {.msg_namelen = sizeof(struct sockaddr_in)};
static struct msghdr headers[PIECES];
static struct iovec vectors[PIECES];

static int arm_receive(int socket) {
    struct io_uring_sqe *entry = ring_push(&ring);
    if (!entry)
        return -EIO;
    entry->opcode = IORING_OP_RECVMSG;
    entry->ioprio = IORING_RECV_MULTISHOT;
    entry->flags = IOSQE_BUFFER_SELECT;
    entry->fd = socket;
    entry->addr = (uint64_t)(uintptr_t)&shape;
    entry->user_data = RECEIVED;
    return 0;
}

/* Sends a datagram back from the buffer that it is in. */
static int send_back(int socket, unsigned id) {
    struct io_uring_recvmsg_out *out = (struct io_uring_recvmsg_out *)buffer_of(&buffers, id);
    unsigned char *name = (unsigned char *)(out + 1);
    vectors[id] = (struct iovec){
        .iov_base = name + shape.msg_namelen + shape.msg_controllen,
        .iov_len = out->payloadlen,
    };
    headers[id] = (struct msghdr){
        .msg_name = name,
        .msg_namelen = out->namelen,
        .msg_iov = &vectors[id],
        .msg_iovlen = 1,
    };
    struct io_uring_sqe *entry = ring_push(&ring);
    if (!entry)
        return -EIO;
    entry->opcode = IORING_OP_SENDMSG;
    entry->fd = socket;
    entry->addr = (uint64_t)(uintptr_t)&headers[id];
    entry->user_data = id;
    return 0;
}

/* Whether the receive ended because there was no buffer: it is armed again once there is. */
static int starving;

static int handle_datagram(void *socket, const struct io_uring_cqe *completion) {
    int failed = 0;
    if (completion->user_data != RECEIVED) {
        buffers_give(&buffers, (unsigned)completion->user_data);
        if (starving)
            failed = arm_receive(*(int *)socket);
        starving = 0;
        return failed;
    }
    if (completion->res >= 0)
        failed = send_back(*(int *)socket, completion->flags >> IORING_CQE_BUFFER_SHIFT);
    else if (completion->res != -ENOBUFS)
        failed = completion->res;
    starving = completion->res == -ENOBUFS;
    if (!failed && !starving && !(completion->flags & IORING_CQE_F_MORE))
        failed = arm_receive(*(int *)socket);
    return failed;
}

int ring_datagrams(int socket) {
    int failed = ring_open_with_buffers(&ring, 512, 1024, &buffers, PIECES, PIECE_BYTES);
    if (!failed)
        failed = arm_receive(socket);
    while (!failed)
        failed = ring_turn(&ring, handle_datagram, &socket);
    return failed;
}

/* Reads of a file: how many were pushed and are done, of how many. */
struct reads {
    int file;
    uint64_t pushed, done, all;
};

static int push_read(int file, unsigned slot, uint64_t read) {
    static unsigned char blocks[DEPTH_MAX][BLOCK_BYTES];
    struct io_uring_sqe *entry = ring_push(&ring);
    if (!entry)
        return -EIO;
    entry->opcode = IORING_OP_READ;
    entry->fd = file;
    entry->addr = (uint64_t)(uintptr_t)blocks[slot];
    entry->len = BLOCK_BYTES;
    entry->off = offset_of(read);
    entry->user_data = slot;
    return 0;
}

static int handle_read(void *context, const struct io_uring_cqe *completion) {
    struct reads *reads = context;
    reads->done++;
    if (completion->res != (int)BLOCK_BYTES)
        return completion->res < 0 ? completion->res : -EIO;
    if (reads->pushed == reads->all)
        return 0;
    return push_read(reads->file, (unsigned)completion->user_data, reads->pushed++);
}

int ring_reads(int file, unsigned depth, uint64_t all) {
    struct reads reads = {.file = file, .all = all};
    int failed = depth == 0 || depth > DEPTH_MAX ? -EINVAL : 0;
    if (!failed && !ring.submissions)
        failed = ring_open(&ring, 2 * DEPTH_MAX, 4 * DEPTH_MAX);
    for (; !failed && reads.pushed < depth && reads.pushed < all; reads.pushed++)
        failed = push_read(file, (unsigned)reads.pushed, reads.pushed);
    while (!failed && reads.done < all)
        failed = ring_turn(&ring, handle_read, &reads);
    return failed;
}
