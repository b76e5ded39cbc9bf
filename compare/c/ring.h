/* A ring over plain system calls: no liburing. One thread submits and reaps. */
#ifndef POLYLOOP_COMPARE_RING_H
#define POLYLOOP_COMPARE_RING_H

#include <linux/io_uring.h>
#include <stddef.h>
#include <stdint.h>

struct ring {
    int fd;
    unsigned *submit_head, *submit_tail, *submit_array, submit_mask, submit_entries;
    unsigned *complete_head, *complete_tail, complete_mask;
    struct io_uring_sqe *submissions;
    struct io_uring_cqe *completions;
    /* What was pushed and not yet submitted. */
    unsigned pushed;
};

/* A ring of buffers that the kernel fills. */
struct buffers {
    struct io_uring_buf_ring *ring;
    unsigned char *memory;
    unsigned count, bytes;
};

int ring_open(struct ring *ring, unsigned entries, unsigned completions);
/* Opens a ring with buffers that it receives into. */
int ring_open_with_buffers(struct ring *ring, unsigned entries, unsigned completions,
                           struct buffers *buffers, unsigned count, unsigned bytes);
/* Gives a cleared entry; submits first if there is no room. */
struct io_uring_sqe *ring_push(struct ring *ring);
/* Submits what was pushed and waits for so many completions. */
int ring_enter(struct ring *ring, unsigned wait);
void buffers_give(struct buffers *buffers, unsigned id);

static inline unsigned char *buffer_of(struct buffers *buffers, unsigned id) {
    return buffers->memory + (size_t)id * buffers->bytes;
}

/* Submits what was pushed, waits for a completion, and has all that are there handled, until one
 * fails. Inlined, so that handling is no call through a pointer. */
static inline int ring_turn(struct ring *ring,
                            int (*handle)(void *context, const struct io_uring_cqe *completion),
                            void *context) {
    int failed = ring_enter(ring, 1);
    unsigned head = *ring->complete_head;
    unsigned tail = __atomic_load_n(ring->complete_tail, __ATOMIC_ACQUIRE);
    while (!failed && head != tail) {
        struct io_uring_cqe completion = ring->completions[head++ & ring->complete_mask];
        __atomic_store_n(ring->complete_head, head, __ATOMIC_RELEASE);
        failed = handle(context, &completion);
    }
    return failed;
}

#endif
