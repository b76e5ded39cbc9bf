macro_rules! mistakes {
    ($(#[$outer:meta])* $name:ident { $(#[doc = $about:literal] $variant:ident: $clause:literal,)* }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = $about] $variant,)*
        }

        impl $name {
            /// Every one.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// Gives the name as tables show it.
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => stringify!($variant)),* }
            }

            /// Gives the clause of the contract that it breaks.
            pub const fn clause(self) -> u8 {
                match self { $($name::$variant => $clause),* }
            }

            /// Says what is wrong, in a sentence.
            pub const fn about(self) -> &'static str {
                match self { $($name::$variant => $about),* }
            }
        }
    };
}

pub(crate) use mistakes;

mistakes! {
    /// What a model loop does wrong, on purpose: exactly one thing.
    ///
    /// Each is a mistake that a backend could make. The suite must see it.
    Flaw {
        /// Taking the third op in flight on forgets it.
        SubmitForgetsUnderLoad: 2,
        /// A receive into a buffer without capacity is taken on.
        EmptyBufferTaken: 2,
        /// An offset that no file reaches means the start of the file.
        OffsetWraps: 2,
        /// A path with NUL names a file.
        NulPathTaken: 2,
        /// Writing nothing is done without asking the file.
        EmptyWriteUnasked: 2,
        /// A receive fills a buffer behind what is filled already.
        RecvBehindLength: 3,
        /// A direct receive overtakes receives that wait.
        TryRecvOvertakes: 4,
        /// A direct send overtakes sends that wait.
        TrySendOvertakes: 4,
        /// A direct receive into no memory is attempted.
        EmptyReadAttempted: 4,
        /// Bytes that are put back come last.
        UnreadAtBack: 4,
        /// A receive is taken on while a multishot one is active.
        NeverBusy: 5,
        /// Inward ops are done last in, first out.
        LastInFirstOut: 5,
        /// Sends overtake those that have not begun.
        LastOutFirst: 5,
        /// Sends take turns before they are whole.
        SendsInterleave: 5,
        /// A send that went half-way says that it went whole.
        ShortSendReportedWhole: 5,
        /// A shutdown overtakes sends.
        ShutdownOvertakes: 5,
        /// The end of a stream comes before the bytes in front of it.
        EndBeforeBytes: 5,
        /// The end of a stream loses the bytes in front of it.
        EndLosesBytes: 5,
        /// A multishot receive tells *readable* again and again.
        ReadableRepeated: 5,
        /// A multishot receive ends with the stream.
        WatchEndsWithStream: 5,
        /// A multishot accept ends after one connection.
        AcceptMultiOnce: 5,
        /// The end of a stream is told once; after that reads wait.
        EndToldOnce: 5,
        /// Ending one direction ends the other too.
        HalfCloseClosesBoth: 5,
        /// A multishot receive tells *readable* only the first time.
        ReadableOnce: 5,
        /// A multishot receive does not tell what was there before it.
        ReadableLate: 5,
        /// A cancelled send does not say how much had gone.
        TransferredForgotten: 6,
        /// A cancelled op takes those behind it along.
        CancelTakesRow: 6,
        /// Bytes that are put back are not told.
        UnreadUntold: 6,
        /// The connection that comes after a cancelled accept is dropped.
        LateAcceptDropped: 6,
        /// Cancelling a multishot receive drops what was received ahead.
        CancelLosesAhead: 6,
        /// The completion for which a batch had no room is lost.
        BatchOverflowLost: 7,
        /// A turn does not say that more is ready.
        MoreUntold: 7,
        /// A wake does not end the wait that goes on.
        WakeLost: 8,
        /// A wake that comes before a turn is lost.
        WakeBeforeTurnLost: 8,
        /// A wake is told by several turns.
        WakeToldAgain: 8,
        /// A waker cannot be used after its loop.
        WakerDiesWithLoop: 8,
        /// The first datagram that is received comes again.
        DatagramTwice: 10,
        /// An empty datagram is not sent.
        EmptyDatagramUnsent: 10,
        /// Bytes of a pipe are found only by receives that come after them.
        PipeReaderForgotten: 10,
        /// The second socket of a pair sends into nothing.
        PairOneWay: 11,
        /// A connection is found only by accepts that come after it.
        ListenerForgotten: 11,
        /// What does not fit a datagram's buffer comes with the next receive.
        DatagramRestKept: 10,
        /// Reads of a file ignore the offset.
        OffsetIgnored: 10,
        /// A read of a file ends at the end of a page.
        FileReadCut: 10,
        /// A file that was opened to append is written at the offset.
        AppendIgnored: 10,
        /// A file is sent from its start, whatever was asked for.
        FileSentFromStart: 10,
        /// The close of a file does not wait for what is sent from it.
        FileCloseUnwaited: 11,
        /// Vectored reads and writes of a file take their last buffer first.
        FileVectorsReversed: 10,
        /// A file that is truncated to more than it has stays as it is.
        TruncateOnlyCuts: 10,
        /// Looking at a symbolic link always follows it.
        LinkAlwaysFollowed: 10,
        /// What is told of a path has no length.
        PathLengthUntold: 10,
        /// What is renamed keeps its old name too.
        RenameKeepsName: 10,
        /// A second name of a file names a copy.
        LinkCopies: 10,
        /// A directory that is not empty can be removed.
        FullDirectoryRemoved: 10,
        /// A key can be used until its close has ended.
        KeyAliveWhileClosing: 11,
        /// A close completes before the ops that it ends.
        CloseOvertakesOps: 11,
        /// A close forgets the receives of its key.
        CloseForgetsOps: 11,
        /// A flushing close cancels sends.
        FlushAborts: 11,
        /// An aborting close waits for sends.
        AbortFlushes: 11,
        /// Cancelling a close does not hurry it.
        CloseUnhurried: 11,
        /// A closed resource stays behind.
        ResourceLeaks: 11,
        /// The peer's address is one's own.
        PeerIsLocal: 11,
        /// Options are not kept.
        OptionForgotten: 11,
        /// The options of a spec are forgotten when the socket is made.
        SpecOptionsIgnored: 11,
        /// Two sockets are bound to one address.
        PortShared: 11,
        /// Closing a listener leaves the connections in its backlog waiting.
        BacklogSurvives: 11,
        /// A multishot poll ends after one telling.
        PollMultiOnce: 12,
        /// A poll takes a byte.
        PollConsumes: 12,
        /// A poll waits for what comes, not for what is there.
        PollMissesWhatIsThere: 12,
        /// A poll does not know of bytes that were put back.
        PollIgnoresUnread: 12,
        /// A poll takes the readiness away from the other polls.
        PollExcludesOthers: 12,
        /// The bound of resources is not kept.
        ResourcesUnbounded: 14,
        /// The bound of ops is not kept.
        OpsUnbounded: 14,
        /// The end of a direction is refused at the bound of ops.
        ShutdownBounded: 14,
        /// A multishot receive receives ahead without a bound.
        AheadUnbounded: 14,
        /// Reading a chunk fails when the pool is empty.
        PoolStarves: 14,
        /// Ops are taken on after the loop was closed.
        OpsAfterClose: 15,
        /// Calls work, or find stale keys, after the loop was closed.
        CallsAfterClose: 15,
        /// Closing the loop leaves resources behind.
        CloseKeepsResources: 15,
        /// A reset loses the bytes in front of it.
        ResetLosesBytes: 16,
        /// A multishot accept ends when there is no room for a connection.
        AcceptMultiEndsAtBound: 16,
        /// A refused connect does not keep the system's number.
        ErrnoLost: 16,
        /// Errors do not say what was attempted.
        AttemptUnsaid: 16,
        /// Writing to a peer that is gone succeeds.
        WritesIntoNothing: 16,
        /// A reset that a send has met looks like the end of the stream to the reader.
        SentResetAsEnd: 16,
        /// A reset looks like the end of the stream.
        ResetAsEnd: 16,
    }
}
