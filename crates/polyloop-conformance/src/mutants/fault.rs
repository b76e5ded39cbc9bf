use crate::model::mistakes;

mistakes! {
    /// What a wrapper around a loop does wrong, on purpose: exactly one thing.
    Fault {
        /// A token of more than 32 bits comes back cut.
        TokenCut: 2,
        /// A stale key is answered as invalid input.
        StaleAsInvalid: 2,
        /// Sending nothing is invalid.
        EmptySendRefused: 2,
        /// A wrong resource is answered as unsupported.
        InvalidAsUnsupported: 2,
        /// An op that fails gives an empty buffer back.
        BufferKept: 3,
        /// An op that fails gives another op back.
        OtherOpBack: 3,
        /// A receive gives its buffer back without the storage that was not filled.
        StorageCut: 3,
        /// A vectored send sends its last buffer first.
        VectoredReversed: 3,
        /// Of many buffers a vectored send sends only so many as systems take in one call.
        ManyBuffersCut: 3,
        /// A direct send of many buffers is refused.
        ManySlicesRefused: 4,
        /// A direct send tells twice what it sent.
        SentTwiceTold: 4,
        /// What is given to be sent soon is taken and goes nowhere.
        SoonLost: 4,
        /// What is given to be sent soon is sent by the call after the next one.
        SoonLate: 4,
        /// A direct send to a broken connection is taken.
        BrokenSendTaken: 4,
        /// Sending soon never fails.
        SoonAlwaysTaken: 4,
        /// A direct receive that finds nothing tells the end.
        NothingAsEnd: 4,
        /// A chunk comes without its content.
        ChunkBlank: 4,
        /// Looking at bytes takes them.
        PeekTakes: 4,
        /// A direct vectored receive fills the last buffer.
        VectoredIntoLast: 4,
        /// Handles are not sent with the bytes.
        HandlesForgotten: 11,
        /// Handles that did not fit are not told of.
        TruncationUntold: 11,
        /// Handles that cannot be sent are sent nowhere, with success.
        HandlesAnywhere: 11,
        /// Receiving handles beside a watch finds nothing.
        HandlesBesideWatch: 11,
        /// One receive in 40 never ends.
        EndLost: 5,
        /// One receive in 40 ends twice.
        EndTwice: 5,
        /// An op whose end was cancelled gives another *more* after it.
        MoreAfterEnd: 5,
        /// An accepted socket cannot end its direction, and says that it has.
        AcceptedShutdownIgnored: 5,
        /// Small sends of accepted sockets are done and never arrive.
        AnswersLost: 5,
        /// Cancelling does nothing.
        CancelIgnored: 6,
        /// A receive that won the race with its cancel is told as cancelled.
        CancelLosesBytes: 6,
        /// An accept that won the race with its cancel is told as cancelled.
        CancelLeaksConnection: 6,
        /// Cancelling a file op ends it twice.
        FileCancelEndsTwice: 6,
        /// Cancelling a receive of datagrams closes the socket's row: later ones are cancelled.
        CancelSticks: 6,
        /// A turn never waits.
        DeadlineIgnored: 7,
        /// A turn whose deadline has passed waits a little.
        PastDeadlineWaits: 7,
        /// An idle turn ends long after its deadline.
        DeadlineMissed: 7,
        /// A turn sleeps on while completions are there.
        CompletionSleptOver: 7,
        /// Completions of one turn come out in reverse.
        BatchReversed: 7,
        /// Turns do not tell of wakes.
        WakeUntold: 8,
        /// A turn that is woken delivers nothing of what has completed.
        WakeHidesCompletions: 8,
        /// A turn ends before its deadline.
        DeadlineEarly: 9,
        /// The clock goes back now and then.
        ClockGoesBack: 9,
        /// The clock does not move while a turn waits.
        ClockStandsInTurn: 9,
        /// An op that only another loop knows comes back without what it carried.
        ExtensionEmptied: 10,
        /// A vectored send has no route.
        RouteMissing: 10,
        /// The capabilities name another backend.
        NameWrong: 10,
        /// The capabilities promise a guest descriptor that is not there, or hide the one that is.
        GuestPromised: 10,
        /// A datagram comes with a wrong sender.
        SenderWrong: 10,
        /// Syncing a file is unsupported.
        SyncUnsupported: 10,
        /// A datagram without a destination is sent nowhere, with success.
        DatagramNowhere: 10,
        /// An accepted socket tells port zero.
        PortForgotten: 11,
        /// The second listener tells the address of the first.
        ListenersMixedUp: 11,
        /// A stale key reaches what has its slot now.
        StaleKeyReused: 11,
        /// A connect to a version 6 address is unsupported.
        VersionSixRefused: 11,
        /// The sizes of a socket's buffers are read as one.
        BufferSizeOne: 11,
        /// A socket without a peer tells its own address as the peer's.
        PeerInvented: 11,
        /// A poll of one direction tells both.
        PollTellsBoth: 12,
        /// A poll of a file is told ready.
        FilePolled: 12,
        /// Bounds that no loop can work within are taken for the defaults.
        BoundsUnchecked: 14,
        /// Chunks are not counted.
        ChunksUncounted: 14,
        /// Chunks are counted as held after they were given back.
        ChunksCountedOn: 14,
        /// Closing the loop does not tell what became of its ops.
        CloseUncounted: 15,
        /// A closed loop delivers a completion.
        CloseDelivers: 15,
        /// Dropping a loop with much in flight takes long.
        DropSlow: 15,
        /// A forked child that drops its loop hangs.
        ForkedDropHangs: 15,
        /// Detaching forgets what was received ahead.
        DetachForgetsUnread: 11,
        /// Detaching leaves a handle that does not wait.
        DetachLeavesNonblocking: 11,
        /// A listener that was attached cannot accept.
        AttachedListenerDeaf: 11,
        /// Every exit is told as a success.
        ExitForgotten: 11,
        /// Closing the loop leaves its sockets open.
        CloseIgnored: 15,
        /// A descriptor that was attached cannot be polled.
        AttachedDescriptorDeaf: 12,
        /// The guest descriptor is readable always.
        GuestAlwaysReadable: 13,
        /// The guest descriptor is readable never.
        GuestNeverReadable: 13,
        /// A guest wait ends at once and says that there is nothing to do.
        GuestWaitBlind: 13,
        /// An idle loop has a deadline.
        GuestDeadlinePast: 13,
    }
}
