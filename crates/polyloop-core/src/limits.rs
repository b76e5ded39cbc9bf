//! Every bound, in one place, with the reason for its number.
//!
//! The exception is what other threads post to a loop: refusing it would lose wake-ups, so
//! it is unbounded and metered. A bound that a [`LoopConfig`](crate::LoopConfig) sets has its
//! default here.

use std::time::Duration;

/// Completions that one turn delivers. A turn at 1,000 busy connections completes a few
/// hundred; twice that amortises the wait call while a batch stays below 100 KiB.
pub const BATCH_COMPLETIONS_MAX: usize = 512;

/// Ops in flight in one loop. Ten waiting ops for each of 25,000 connections; the table is
/// a few tens of MiB when full, and a program that leaks ops notices before the machine does.
pub const OPS_MAX: usize = 1 << 18;

/// Resources of one loop: above the usual hard limit of descriptors a process.
pub const RESOURCES_MAX: usize = 1 << 20;

/// Bytes of a chunk: a large read costs few calls, and 64 of them fit an L2 cache of 1 MiB.
/// Cold chunks were measured to cost more than small ones.
pub const CHUNK_SIZE: usize = 16 * 1024;

/// Bytes of a chunk of a loop that receives only when its reader asks. It needs few of them at once and takes
/// the last returned first, so that a large one stays in the cache as well, and has a large message take few
/// calls: what a bare loop reads into, and four times [`CHUNK_SIZE`].
pub const PULLED_CHUNK_SIZE: usize = 64 * 1024;

/// Bytes of a chunk that may be configured: what one call of a kernel transfers at most, with room
/// to spare, and no allocation on 32 bits is larger than twice that. A chunk's length has 32 bits.
pub const CHUNK_SIZE_MAX: usize = 1 << 30;

/// Chunks of one loop's pool, leased or free: 16 MiB, or 64 MiB of those that readers ask for. Beyond that, reads go without the pool.
pub const CHUNKS_MAX: usize = 1024;

/// Chunks that a ring has published to the kernel. The kernel takes them first in first out,
/// so the window is kept small for the sake of the cache; 64 was level with 256 up to 16 KiB
/// messages and ahead at 128 KiB.
pub const PUBLISHED_CHUNKS: u16 = 64;

/// Unread chunks of one stream at which receiving ahead stops: 128 KiB. What the kernel
/// completes between that and the stop's arrival comes on top, at most
/// [`PUBLISHED_CHUNKS`] chunks.
pub const UNREAD_CHUNKS_MAX: usize = 8;

/// Events that one wait of a selector returns.
pub const EVENTS_PER_WAIT: usize = 1024;

/// Bytes of a file that one call sends: reading them may wait for the device, so that it is not
/// more than a disk gives in a millisecond, and large enough that the call itself costs little.
pub const SEND_FILE_SLICE: usize = 256 * 1024;

/// Connections that an emulated multishot accept takes from one listener in one turn, so that
/// a connect storm does not starve the connections that are there.
pub const ACCEPTS_PER_TURN: usize = 64;

/// Calls that one send makes in one turn while the peer keeps up: a huge buffer does not keep the
/// others waiting, and the next turn goes on with it.
pub const CALLS_PER_SEND: usize = 16;

/// Bytes that one call of a send op is given: a peer that reads on another processor keeps up with one
/// call for as long as there are bytes (256 MiB went at once), and copying this many takes some 200 µs.
pub const SEND_CALL_MAX: usize = 1024 * 1024;

/// How long accepting pauses when descriptors have run out (EMFILE, ENFILE, ENOBUFS, ENOMEM):
/// at most 20 attempts a second, and a freed descriptor is noticed within the time a person
/// does not notice.
pub const ACCEPT_BACKOFF: Duration = Duration::from_millis(50);

/// How long a send or a connect pauses at first whose Unix peer has no room, which no readiness
/// tells of: a reader that keeps up costs little time.
pub const PEER_BACKOFF_MIN: Duration = Duration::from_micros(500);

/// How long it pauses at most, after each pause having been twice the one before: a peer that is
/// stuck costs at most 20 attempts a second.
pub const PEER_BACKOFF_MAX: Duration = Duration::from_millis(50);

/// Bytes of small writes to one stream that a loop gathers to send them together; when they are more, it
/// sends what there is.
pub const GATHERED_MAX: usize = 16 * 1024;

/// Bytes of a write that is gathered with others: copying a larger one saves little of a system call.
pub const GATHERED_WRITE_MAX: usize = 4 * 1024;

/// Backlog of a listener; Linux caps it at net.core.somaxconn, 4096 by default since 5.4.
pub const LISTEN_BACKLOG: u32 = 1024;

/// Entries of a ring's submission queue. More ops than that in one turn only cost one more
/// entering of the kernel for each such number; rings count against RLIMIT_MEMLOCK.
pub const RING_ENTRIES: u32 = 256;

/// Entries of a ring's completion queue, for multishot bursts; the kernel keeps what overflows.
pub const RING_COMPLETIONS: u32 = 2048;

/// Blocking jobs (file ops without a native route) of one loop that threads work on at once;
/// more wait in the loop. Disks rarely gain from more, and threads are not free.
pub const OFFLOADED_JOBS_MAX: usize = 16;

/// Bytes of a file that a loop reads itself where they are in memory; more are left to a thread. Copying
/// so many takes less time than waking a thread, and keeps nobody else waiting for long.
pub const CACHED_READ_MAX: usize = 64 * 1024;

/// Offset in a file: what the signed offsets of systems hold (off_t, LARGE_INTEGER). What is above
/// is negative there, and -1 means "where the file is" to more than one call.
pub const OFFSET_MAX: u64 = i64::MAX as u64;

/// How long dropping a loop waits for the kernel to give back what it holds, before it leaks.
pub const DROP_GRACE: Duration = Duration::from_millis(100);

/// Callbacks that a frontend runs before it looks at the backend again while work is ready.
pub const CALLBACKS_PER_POLL: usize = 256;

/// How long a frontend runs callbacks before it looks at the backend again while work is ready.
pub const RUN_BEFORE_POLL: Duration = Duration::from_micros(200);

/// Callbacks after which a frontend reads the clock to learn whether [`RUN_BEFORE_POLL`] has passed:
/// reading it takes about as long as polling a small task, and so many small ones are far from it.
pub const CALLBACKS_PER_CLOCK: usize = 8;

/// Ops done at once that a task may spend in one poll before it yields to the others.
pub const OPS_PER_POLL: u32 = 64;

/// Bytes that a frontend copies into one owned send of a stream: what the socket's send buffer
/// takes in a few steps. A writer waits for one such piece at a time.
pub const WRITE_PIECE: usize = 64 * 1024;

/// Bytes on their way out of a stream above which its writer is asked to pause: asyncio's number,
/// and what a piece is. It goes on at a quarter of that.
pub const WRITE_HIGH_WATER: usize = 64 * 1024;

/// Receives that a transport makes before what else is ready has its turn: as many chunks as one
/// stream may have received ahead.
pub const READS_PER_CALLBACK: usize = 8;

/// Datagrams that a transport receives before what else is ready has its turn.
pub const DATAGRAMS_PER_CALLBACK: usize = 64;

/// Bytes that a stream reader looks at for a separator: asyncio's number.
pub const STREAM_LIMIT: usize = 64 * 1024;

/// Buffers for owned sends that a frontend keeps for the next send.
pub const SPARE_BUFFERS_MAX: usize = 64;

/// Buffers that a loop which gathers sends keeps for the next ones: one for each callback of a frontend
/// between two turns.
pub const GATHERED_BUFFERS_MAX: usize = CALLBACKS_PER_POLL;

/// How long a loop that is closed waits, whatever its grace, for the kernel to take what it was given to send soon:
/// who wrote it was told that it is as good as sent.
pub const LAST_SENDS_WAIT: Duration = Duration::from_secs(5);

/// Accepted connections that a frontend's listener holds for its program; at more the multishot
/// accept is stopped until they are taken, and the rest waits in the backlog.
pub const ACCEPTED_WAITING_MAX: usize = 128;

/// Threads of a frontend's default executor, as in Python: they mostly wait, so a few more than
/// the processors, but not without end on large machines.
pub const EXECUTOR_THREADS_MAX: usize = 32;

/// Closures that wait for a thread of an executor; more are refused. A producer that is 65,536
/// blocking calls ahead needs to be told.
pub const EXECUTOR_QUEUE_MAX: usize = 1 << 16;

/// Names that a loop's resolver looks up at once; more wait. A lookup holds a thread, for half a
/// minute where name servers are silent, and a dialler of many hosts rarely waits for more.
pub const LOOKUPS_MAX: usize = 16;

/// Addresses of one host that are tried, one attempt each; a host with more than that is rather a
/// name server that misbehaves.
pub const DIAL_ADDRESSES_MAX: usize = 64;

/// How long a connection attempt has for itself before the next begins: what RFC 8305, section 5,
/// recommends.
pub const DIAL_DELAY: Duration = Duration::from_millis(250);

/// How long a thread of an executor stays without work: bursts reuse threads, idle programs have
/// none.
pub const EXECUTOR_KEEP_ALIVE: Duration = Duration::from_secs(10);

/// Bytes of ciphertext that wait to be sent at which a TLS stream takes no more plain ones: four
/// records of the greatest size, so the next are encrypted while a socket buffer is filled.
pub const TLS_OUTGOING_MAX: usize = 64 * 1024;

/// Decrypted bytes that wait to be read at which a TLS stream takes no more ciphertext: one record
/// of the greatest size (RFC 8446, section 5.1), which cannot be had in part.
pub const TLS_PLAIN_MAX: usize = 16 * 1024;

/// Ciphertext that a TLS stream receives at once: a record of the greatest size, nearly.
pub const TLS_RECEIVE: usize = 16 * 1024;

/// How long a transport of datagrams receives nothing after it has failed to twice in a row: a socket
/// that only fails is told of 20 times a second, and costs nothing else.
pub const RECEIVE_BACKOFF: Duration = Duration::from_millis(50);

/// Errors of sent datagrams that wait to be told to their protocol; more of the same say nothing new.
pub const DATAGRAM_ERRORS_MAX: usize = 64;

/// How long a TLS handshake may take, as in asyncio.
pub const TLS_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(60);

/// How long closing a TLS stream may wait for the peer, as in asyncio.
pub const TLS_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(30);
/// Entries of a directory that a thread reads at once for a frontend: a few hundred hide what going
/// to a thread costs, and more would only be memory.
pub const DIRECTORY_ENTRIES_AHEAD: usize = 256;

/// Bytes of a line that a frontend reads from a stream: what is longer is not text by lines.
pub const LINE_LEN_MAX: usize = 1 << 20;
