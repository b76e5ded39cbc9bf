/// What a model loop does wrong, on purpose: exactly one thing.
///
/// Each is a mistake that a backend could make. The suite must see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Flaw {
    /// Nothing.
    None,
    /// Taking the third op in flight on forgets it.
    SubmitForgetsUnderLoad,
    /// The completion for which a batch had no room is lost.
    BatchOverflowLost,
    /// A turn does not say that more is ready.
    MoreUntold,
    /// The bound of resources is not kept.
    ResourcesUnbounded,
    /// The bound of ops is not kept.
    OpsUnbounded,
    /// A receive into a buffer without capacity is taken on.
    EmptyBufferTaken,
    /// A receive is taken on while a multishot one is active.
    NeverBusy,
    /// Ops are taken on after the loop was closed.
    OpsAfterClose,
    /// Calls work, or find stale keys, after the loop was closed.
    CallsAfterClose,
    /// Closing the loop leaves resources behind.
    CloseKeepsResources,
    /// A key can be used until its close has ended.
    KeyAliveWhileClosing,
    /// Inward ops are done last in, first out.
    LastInFirstOut,
    /// Sends overtake those that have not begun.
    LastOutFirst,
    /// Sends take turns before they are whole.
    SendsInterleave,
    /// A send that went half-way says that it went whole.
    ShortSendReportedWhole,
    /// A cancelled send does not say how much had gone.
    TransferredForgotten,
    /// A cancelled op takes those behind it along.
    CancelTakesRow,
    /// A shutdown overtakes sends.
    ShutdownOvertakes,
    /// A direct receive overtakes receives that wait.
    TryRecvOvertakes,
    /// A direct send overtakes sends that wait.
    TrySendOvertakes,
    /// The end of a stream comes before the bytes in front of it.
    EndBeforeBytes,
    /// The end of a stream loses the bytes in front of it.
    EndLosesBytes,
    /// A reset loses the bytes in front of it.
    ResetLosesBytes,
    /// Bytes that are put back come last.
    UnreadAtBack,
    /// Bytes that are put back are not told.
    UnreadUntold,
    /// A multishot receive receives ahead without a bound.
    AheadUnbounded,
    /// A multishot receive tells *readable* again and again.
    ReadableRepeated,
    /// A multishot receive ends with the stream.
    WatchEndsWithStream,
    /// Reading a chunk fails when the pool is empty.
    PoolStarves,
    /// A multishot accept ends after one connection.
    AcceptMultiOnce,
    /// A multishot accept ends when there is no room for a connection.
    AcceptMultiEndsAtBound,
    /// A multishot poll ends after one telling.
    PollMultiOnce,
    /// A poll takes a byte.
    PollConsumes,
    /// A refused connect does not keep the system's number.
    ErrnoLost,
    /// Errors do not say what was attempted.
    AttemptUnsaid,
    /// What does not fit a datagram's buffer comes with the next receive.
    DatagramRestKept,
    /// A close completes before the ops that it ends.
    CloseOvertakesOps,
    /// A close forgets the receives of its key.
    CloseForgetsOps,
    /// A flushing close cancels sends.
    FlushAborts,
    /// An aborting close waits for sends.
    AbortFlushes,
    /// Cancelling a close does not hurry it.
    CloseUnhurried,
    /// A closed resource stays behind.
    ResourceLeaks,
    /// Reads of a file ignore the offset.
    OffsetIgnored,
    /// The peer's address is one's own.
    PeerIsLocal,
    /// Options are not kept.
    OptionForgotten,
}
