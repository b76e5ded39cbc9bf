#define _GNU_SOURCE
#include "ring.h"
#include "loops.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int ring_open(struct ring *ring, unsigned entries, unsigned completions) {
    struct io_uring_params params = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE |
                 IORING_SETUP_CLAMP,
        .cq_entries = completions,
    };
    int fd = (int)syscall(__NR_io_uring_setup, entries, &params);
    if (fd < 0)
        return -errno;
    size_t submit_bytes = params.sq_off.array + params.sq_entries * sizeof(unsigned);
    size_t complete_bytes =
        params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
    /* Kernels with these flags have both queues in one mapping. */
    size_t bytes = submit_bytes > complete_bytes ? submit_bytes : complete_bytes;
    unsigned char *queues = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                                 fd, IORING_OFF_SQ_RING);
    struct io_uring_sqe *submissions =
        mmap(NULL, params.sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQES);
    if (queues == MAP_FAILED || submissions == MAP_FAILED)
        return -errno;
    *ring = (struct ring){
        .fd = fd,
        .submit_head = (unsigned *)(queues + params.sq_off.head),
        .submit_tail = (unsigned *)(queues + params.sq_off.tail),
        .submit_array = (unsigned *)(queues + params.sq_off.array),
        .submit_mask = params.sq_entries - 1,
        .submit_entries = params.sq_entries,
        .complete_head = (unsigned *)(queues + params.cq_off.head),
        .complete_tail = (unsigned *)(queues + params.cq_off.tail),
        .complete_mask = params.cq_entries - 1,
        .submissions = submissions,
        .completions = (struct io_uring_cqe *)(queues + params.cq_off.cqes),
    };
    for (unsigned at = 0; at < params.sq_entries; at++)
        ring->submit_array[at] = at;
    return 0;
}

struct io_uring_sqe *ring_push(struct ring *ring) {
    unsigned tail = *ring->submit_tail;
    while (tail - __atomic_load_n(ring->submit_head, __ATOMIC_ACQUIRE) == ring->submit_entries)
        if (ring_enter(ring, 0) < 0)
            return NULL;
    struct io_uring_sqe *entry = &ring->submissions[tail & ring->submit_mask];
    memset(entry, 0, sizeof *entry);
    /* The kernel looks at the tail only in ring_enter, which this thread calls. */
    __atomic_store_n(ring->submit_tail, tail + 1, __ATOMIC_RELEASE);
    ring->pushed++;
    return entry;
}

int ring_enter(struct ring *ring, unsigned wait) {
    for (;;) {
        int count = (int)syscall(__NR_io_uring_enter, ring->fd, ring->pushed, wait,
                                 IORING_ENTER_GETEVENTS, NULL, 0);
        if (count >= 0) {
            ring->pushed -= (unsigned)count;
            return 0;
        }
        if (errno == EBUSY || errno == EAGAIN)
            return 0;
        if (errno != EINTR)
            return -errno;
    }
}

static int buffers_open(struct ring *ring, struct buffers *buffers, unsigned count, unsigned bytes) {
    size_t table = count * sizeof(struct io_uring_buf);
    buffers->ring = mmap(NULL, table, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    buffers->memory = mmap(NULL, (size_t)count * bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (buffers->ring == MAP_FAILED || buffers->memory == MAP_FAILED)
        return -errno;
    buffers->count = count;
    buffers->bytes = bytes;
    struct io_uring_buf_reg given = {
        .ring_addr = (uint64_t)(uintptr_t)buffers->ring,
        .ring_entries = count,
    };
    if (syscall(__NR_io_uring_register, ring->fd, IORING_REGISTER_PBUF_RING, &given, 1) < 0)
        return -errno;
    for (unsigned id = 0; id < count; id++)
        buffers_give(buffers, id);
    return 0;
}

int ring_open_with_buffers(struct ring *ring, unsigned entries, unsigned completions,
                           struct buffers *buffers, unsigned count, unsigned bytes) {
    int failed = ring_open(ring, entries, completions);
    return failed ? failed : buffers_open(ring, buffers, count, bytes);
}

void buffers_give(struct buffers *buffers, unsigned id) {
    uint16_t tail = buffers->ring->tail;
    struct io_uring_buf *place = &buffers->ring->bufs[tail & (buffers->count - 1)];
    place->addr = (uint64_t)(uintptr_t)buffer_of(buffers, id);
    place->len = buffers->bytes;
    place->bid = (uint16_t)id;
    __atomic_store_n(&buffers->ring->tail, (uint16_t)(tail + 1), __ATOMIC_RELEASE);
}

int ring_available(void) {
    struct ring ring;
    int opened = ring_open(&ring, 8, 16);
    if (opened == 0)
        close(ring.fd);
    return opened;
}
