//! The sixteen clauses of a backend, for the caller and for the implementor.
//!
//! Each clause is at least one named case of `polyloop-conformance`. *Caller* says what may be
//! relied on; *implementor* says what must be done for it.
//!
//! 1. **Object-safe, safe to implement, single-threaded.** *Caller:* `Box<dyn EventLoop>` is a
//!    loop; a [`LoopFactory`](crate::LoopFactory) is `Send + Sync` and makes more. A backend
//!    that lies (wrong length, a completion twice, a key it does not own) gives wrong answers, not
//!    undefined behaviour. *Implementor:* no unsafe code is needed; lengths go through
//!    [`Buffer::set_len`](crate::Buffer::set_len) and [`Chunk::fill`](crate::Chunk::fill), which
//!    check.
//! 2. **Completion at the boundary.** *Caller:* [`submit`](crate::EventLoop::submit) answers
//!    *done* with the completion or *queued* with an op id. *Implementor:* it never blocks, never
//!    fails, runs nothing of the caller's; at a bound it completes with *resource exhausted* and
//!    gives the op back.
//! 3. **The op owns what the kernel may touch**, from submission to terminal completion. *Caller:*
//!    the completion gives all of it back, on success and on failure. *Implementor:* keep it in
//!    slots that do not move.
//! 4. **Borrowed slices appear in one place**: the `try_` methods. *Caller:* one attempt that does
//!    not wait; what was received ahead comes first; *would block* while ops of that direction
//!    that were submitted earlier wait. *Implementor:* retain nothing.
//! 5. **Exactly one terminal completion per accepted op**, cancelled or not; a multishot op gives
//!    any number marked *more* before it. *Caller:* a completion is terminal exactly if it gives
//!    the op back.
//! 6. **Cancel never fails and never blocks.** *Caller:* if the op won the race its success is
//!    delivered; nothing that was read is lost ([`unread`](crate::EventLoop::unread) puts a late
//!    receive back in front), and no descriptor that was accepted or opened leaks.
//!    *Implementor:* what completes for an op that nobody can be told of is closed or kept.
//! 7. **One turn, one wait, one call.** [`turn`](crate::EventLoop::turn) waits until something
//!    completes, the waker fires or the deadline is reached, and delivers in batches. No wake-ups
//!    when idle.
//! 8. **The waker** is `Send + Sync + Clone`, coalesces, never blocks, never loses a wake-up, and
//!    may outlive the loop. *Implementor:* use [`WakeGate`](crate::WakeGate).
//! 9. **The loop owns time.** [`Time`](crate::Time) is nanoseconds since the loop's epoch and never
//!    goes back; a turn never claims that a deadline has passed before
//!    [`now`](crate::EventLoop::now) says so.
//! 10. **Every op works on every backend.** [`Capabilities`](crate::Capabilities) says by which
//!     route. An unknown kind completes as *unsupported*, given back. What the running kernel
//!     refuses falls to the next route, and that is remembered. Trait methods are added only with
//!     defaults.
//! 11. **Resources are made through the loop**, and named by generational keys. A stale key is an
//!     error; a number that the system reused never reaches another's op. Close ends every op of
//!     the key before its own completion. Detaching ends multishot first and hands unread bytes
//!     and connections over.
//! 12. **Shared descriptors.** A multishot receive or accept runs only on what the loop owns alone;
//!     attaching takes an owner. Polling consumes nothing, so cancelling it loses nothing.
//! 13. **Guest mode**: a pollable descriptor that is readable (level-triggered) whenever a turn
//!     would do work, the next deadline, [`prepare`](crate::EventLoop::prepare), a bounded turn that
//!     does not wait and tells whether more is ready, and a wait that a helper thread can do. Wakers
//!     reach a host through the descriptor.
//! 14. **Bounded.** Every queue, batch and pool has its bound in [`limits`](crate::limits), with
//!     the reason for the number.
//! 15. **Shutdown** cancels everything and reaps to zero within a grace time, and leaks what has
//!     not come back. Chunks may outlive the loop. In a forked child, dropping does nothing. The same
//!     holds when the kernel refuses a ring itself: what it may still use is leaked, and the op
//!     comes back with empty buffers in their place; its key, addresses and numbers it has still.
//!     That is the one exception from clause 3.
//! 16. **Resource errors are answers, not aborts.** Out of descriptors (EMFILE, ENFILE) or memory
//!     (ENOBUFS, ENOMEM): accepting pauses for [`ACCEPT_BACKOFF`](crate::limits::ACCEPT_BACKOFF),
//!     any other op completes with the error. EINTR: retried. EAGAIN, EBUSY of a ring: reaped, then
//!     retried. An overflowing completion queue: drained, nothing lost. A wait that fails for another
//!     reason ends every op with its error ([`turn`](crate::EventLoop::turn)).
