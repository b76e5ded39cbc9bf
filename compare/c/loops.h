/* What the bare loops share, and what Rust calls (src/loops.rs holds the same signatures).
 *
 * Each function runs until the process is killed, or returns a negated errno. The loops are the
 * yardstick: one shared buffer, no tasks, no timers, nothing that is not needed to do the work. */
#ifndef POLYLOOP_COMPARE_LOOPS_H
#define POLYLOOP_COMPARE_LOOPS_H

#include <stddef.h>
#include <stdint.h>

/* What is answered to a request; a null pointer means that bytes are sent back as they come. */
struct answer {
    const unsigned char *bytes;
    size_t length;
};

int epoll_streams(int listener, struct answer answer);
int epoll_datagrams(int socket);

int ring_streams(int listener, struct answer answer);
int ring_datagrams(int socket);
/* Reads so many blocks, `depth` at a time, at offsets that `offset_of` gives. */
int ring_reads(int file, unsigned depth, uint64_t reads);
int ring_available(void);

/* libuv, which is looked for when the program runs. */
int uv_available(void);
const char *uv_version_text(void);
int uv_streams(int listener, struct answer answer);
int uv_datagrams(int socket);

#define BUFFER_BYTES (64 * 1024)
#define BLOCK_BYTES 4096u
#define BLOCKS 4096u

/* Visits every block of the file, and no neighbour of the one before. */
static inline uint64_t offset_of(uint64_t read) {
    return read * 1031 % BLOCKS * BLOCK_BYTES;
}

/* Counts the ends of requests, an empty line each, across the borders of reads. */
static inline size_t requests_in(unsigned *matched, const unsigned char *bytes, size_t length) {
    static const char end[4] = {'\r', '\n', '\r', '\n'};
    size_t requests = 0;
    for (size_t at = 0; at < length; at++) {
        *matched = bytes[at] == (unsigned char)end[*matched] ? *matched + 1 : bytes[at] == '\r';
        if (*matched == 4) {
            *matched = 0;
            requests++;
        }
    }
    return requests;
}

#endif
