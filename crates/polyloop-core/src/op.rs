use std::path::PathBuf;

use crate::{Address, Buffer, Interest, Key, OpenSpec};

/// One thing to do, with everything that the kernel may touch while doing it.
///
/// An op is given to [`EventLoop::submit`](crate::EventLoop::submit) and given back by its
/// terminal [`Completion`](crate::Completion), whatever happened.
///
/// # Order
///
/// A resource has two directions. *Inward* are receives and accepts; *outward* are connect,
/// sends and shutdown. The ops of one direction are done, and complete, first in, first out; one
/// that fails or is cancelled does not take those behind it along. Polls, waits for exits, and ops
/// at an offset of a file, have no order.
///
/// # Answers that every loop gives alike
///
/// * An op that does not fit its resource (a receive on a listener, a poll on a file), or that
///   fits none ([`Op::is_well_formed`]): [`InvalidInput`](crate::ErrorKind::InvalidInput).
/// * Sending nothing on a stream: done, zero bytes. On a datagram socket it sends an empty
///   datagram.
/// * Any op of a key that is closed, detached, or has been asked to be:
///   [`StaleKey`](crate::ErrorKind::StaleKey).
/// * A send that is cancelled or fails half-way: the error, with
///   [`Error::transferred`](crate::Error::transferred). One that was whole before the cancel
///   arrived: its success.
///
/// # Adding an op
///
/// 1. Add the variant here, and its [`OpKind`](crate::OpKind): the compiler then names each place in core
///    that must know it ([`Op::kind`], [`Op::key`], the arrays over [`OpKind::ALL`](crate::OpKind::ALL)).
/// 2. If it completes with something new, add an [`Output`](crate::Output).
/// 3. Write its conformance case, and teach the model loop to do it; see it fail there first.
/// 4. In `polyloop-readiness`, say which of the three it is: tried and retried on readiness,
///    offloaded to threads, or done at once. All readiness backends then have it.
/// 5. In `polyloop-uring`, encode its submission, decode its completion, and say which route
///    is next where the kernel refuses it. Until then it completes as *unsupported* there.
/// 6. Set its [`Route`](crate::Route) in each backend's capabilities: the suite compares.
///
/// A backend from elsewhere needs no change: what it does not know it completes as
/// [`Unsupported`](crate::ErrorKind::Unsupported), and the frontend takes a portable route.
#[derive(Debug)]
#[non_exhaustive]
pub enum Op {
    /// Makes a resource. Completes with [`Output::Opened`](crate::Output::Opened), or with
    /// [`Output::OpenedPair`](crate::Output::OpenedPair) for a pipe or a pair of sockets.
    Open {
        /// What to make.
        spec: Box<OpenSpec>,
    },
    /// Takes one connection. Completes with [`Output::Accepted`](crate::Output::Accepted).
    Accept {
        /// The listener.
        key: Key,
    },
    /// Takes connections until cancelled: one *more* completion each.
    ///
    /// Connections that the peer aborted before they were taken are skipped, and being out of
    /// descriptors pauses it instead of ending it. While it is active another accept of
    /// the listener, of either kind, is [`Busy`](crate::ErrorKind::Busy).
    AcceptMulti {
        /// The listener.
        key: Key,
    },
    /// Connects a socket. Completes with [`Output::Done`](crate::Output::Done).
    Connect {
        /// The socket, not yet connected.
        key: Key,
        /// The peer.
        address: Address,
    },
    /// Receives once, into the whole storage of `buffer`. Completes with
    /// [`Output::Transferred`](crate::Output::Transferred), zero at the end of the stream.
    Recv {
        /// A connected socket or the read end of a pipe.
        key: Key,
        /// Where to; its length is set to what was received.
        buffer: Buffer,
    },
    /// Watches a stream until cancelled, and lets the loop receive ahead into chunks of its pool.
    ///
    /// Each time the stream goes from *nothing to read* to *something to read* (bytes, the end,
    /// or an error) there is one *more* completion with
    /// [`Output::Readable`](crate::Output::Readable), the first at once if there is something
    /// already. The reader then takes what there is, with
    /// [`try_recv`](crate::EventLoop::try_recv) or
    /// [`try_recv_chunk`](crate::EventLoop::try_recv_chunk), until that *would block*. What a
    /// backend receives ahead waits in the loop, in order, within
    /// [`LoopConfig::unread_chunks_max`](crate::LoopConfig::unread_chunks_max) of the stream.
    ///
    /// The op ends only when it is cancelled, or its key closed or detached: the end of the
    /// stream and its errors come to the reader, after all bytes. While it is active a
    /// [`Op::Recv`] or another multishot receive of the key is [`Busy`](crate::ErrorKind::Busy).
    /// Cancelling it loses nothing: what had been received ahead is still read first.
    RecvMulti {
        /// A connected stream socket or the read end of a pipe.
        key: Key,
    },
    /// Sends all that is filled. Completes with
    /// [`Output::Transferred`](crate::Output::Transferred) of the whole length; on failure
    /// [`Error::transferred`](crate::Error::transferred) tells how much had gone.
    Send {
        /// A connected socket or the write end of a pipe.
        key: Key,
        /// What to send.
        buffer: Buffer,
    },
    /// Sends all that is filled of several buffers, in order, as [`Op::Send`] does.
    SendVectored {
        /// A connected socket or the write end of a pipe.
        key: Key,
        /// What to send.
        buffers: Vec<Buffer>,
    },
    /// Sends a part of a file, as [`Op::Send`] does, in the order of the sends. Completes with
    /// [`Output::Transferred`](crate::Output::Transferred): less than `len` only if the file ends
    /// before. On failure [`Error::transferred`](crate::Error::transferred) tells how much had gone.
    ///
    /// A close or detach of the file, in whatever mode, waits for it.
    SendFile {
        /// A connected stream socket or the write end of a pipe.
        key: Key,
        /// The file.
        file: Key,
        /// From where, in bytes.
        offset: u64,
        /// How much, in bytes; together with `offset` at most [`limits::OFFSET_MAX`](crate::limits::OFFSET_MAX).
        len: usize,
    },
    /// Receives one datagram. Completes with
    /// [`Output::ReceivedFrom`](crate::Output::ReceivedFrom).
    RecvFrom {
        /// A datagram socket.
        key: Key,
        /// Where to; what does not fit is lost, as the socket API has it.
        buffer: Buffer,
    },
    /// Sends one datagram.
    SendTo {
        /// A datagram socket.
        key: Key,
        /// What to send.
        buffer: Buffer,
        /// Where to.
        address: Address,
    },
    /// Waits until the resource is ready. Completes with
    /// [`Output::Ready`](crate::Output::Ready), at once if it is. Consumes nothing. Bytes that
    /// the loop received ahead, or that were put back, make a stream readable too.
    Poll {
        /// Any resource but a file.
        key: Key,
        /// Which readiness to wait for.
        interest: Interest,
    },
    /// Tells readiness until cancelled: one *more* completion whenever it newly arises, the
    /// first at once if it is there. It may be told again while it lasts; a reader that always
    /// reads until *would block* misses nothing.
    PollMulti {
        /// Any resource but a file.
        key: Key,
        /// Which readiness to tell.
        interest: Interest,
    },
    /// Ends one or both directions of a connection, after the sends that were submitted before.
    ///
    /// One for each resource is taken on also by a loop that is at its bound of ops, as a close is.
    Shutdown {
        /// A connected socket.
        key: Key,
        /// Which direction.
        how: std::net::Shutdown,
    },
    /// Ends every op of the key, then the resource. Its completion is the key's last.
    ///
    /// The key is stale from the moment of submission. Inward ops and polls end as *cancelled*;
    /// what becomes of outward ones is the mode's. It succeeds always; cancelling it hurries it
    /// on as [`CloseMode::Abort`] would.
    Close {
        /// Any resource.
        key: Key,
        /// What becomes of sends that wait.
        mode: CloseMode,
    },
    /// Reads at an offset, once, into the whole storage. Completes with
    /// [`Output::Transferred`](crate::Output::Transferred), zero at the end of the file.
    ReadAt {
        /// A file.
        key: Key,
        /// Where to; its length is set to what was read.
        buffer: Buffer,
        /// From where, in bytes; at most [`limits::OFFSET_MAX`](crate::limits::OFFSET_MAX).
        offset: u64,
    },
    /// Writes at an offset, once. Completes with how much was written, which may be less than
    /// is filled.
    WriteAt {
        /// A file.
        key: Key,
        /// What to write.
        buffer: Buffer,
        /// To where, in bytes; at most [`limits::OFFSET_MAX`](crate::limits::OFFSET_MAX).
        offset: u64,
    },
    /// Reads at an offset, once, into the whole storage of several buffers, in order. Completes
    /// with [`Output::Transferred`](crate::Output::Transferred) of the sum, zero at the end of the
    /// file.
    ReadVectoredAt {
        /// A file.
        key: Key,
        /// Where to; their lengths are set to what was read, the first ones filled first.
        buffers: Vec<Buffer>,
        /// From where, in bytes; at most [`limits::OFFSET_MAX`](crate::limits::OFFSET_MAX).
        offset: u64,
    },
    /// Writes several buffers at an offset, once, in order. Completes with how much was written,
    /// which may be less than is filled.
    WriteVectoredAt {
        /// A file.
        key: Key,
        /// What to write.
        buffers: Vec<Buffer>,
        /// To where, in bytes; at most [`limits::OFFSET_MAX`](crate::limits::OFFSET_MAX).
        offset: u64,
    },
    /// Cuts a file to a length, or fills it up with zeros. Completes with
    /// [`Output::Done`](crate::Output::Done).
    Truncate {
        /// A file that is open for writing.
        key: Key,
        /// How long it shall be, in bytes; at most [`limits::OFFSET_MAX`](crate::limits::OFFSET_MAX).
        len: u64,
    },
    /// Tells about an open file. Completes with [`Output::Metadata`](crate::Output::Metadata).
    Stat {
        /// A file.
        key: Key,
    },
    /// Tells about what a path names. Completes with
    /// [`Output::Metadata`](crate::Output::Metadata).
    StatPath {
        /// Where it is.
        path: PathBuf,
        /// Whether a symbolic link is followed; else it is told about itself.
        follow: bool,
    },
    /// Renames a file or directory, in the place of what has the new name. Completes with
    /// [`Output::Done`](crate::Output::Done), as the following do.
    Rename {
        /// What it is called.
        from: PathBuf,
        /// What it shall be called, in the same file system.
        to: PathBuf,
    },
    /// Removes a name.
    Remove {
        /// What to remove.
        path: PathBuf,
        /// What it must be.
        what: Removal,
    },
    /// Makes a directory.
    MakeDirectory {
        /// Where.
        path: PathBuf,
        /// Its permissions where the system has modes, less the process's umask.
        mode: u32,
    },
    /// Gives a file a second name.
    Link {
        /// What it is called.
        original: PathBuf,
        /// What it shall be called too, in the same file system.
        link: PathBuf,
    },
    /// Makes a symbolic link; on Windows one to a file.
    Symlink {
        /// What it names, as written.
        target: PathBuf,
        /// Where it shall be.
        link: PathBuf,
    },
    /// Waits until what was written is on the device.
    Sync {
        /// A file.
        key: Key,
        /// How much of it.
        scope: SyncScope,
    },
    /// Waits until a child process has ended, and lets the system forget it. Completes with
    /// [`Output::Exited`](crate::Output::Exited), once for a process: waiting for it again is the
    /// operating system's error.
    ///
    /// Cancelling it loses no exit: what has not been told stays with the system. Only the process
    /// that the descriptor names is waited for, no other child.
    AwaitExit {
        /// A descriptor of a child process (a pidfd), attached as
        /// [`OsHandle::Descriptor`](crate::OsHandle::Descriptor).
        key: Key,
    },
    /// Gives the operating system's handle back, with what had been received or taken ahead. Completes
    /// with [`Output::Detached`](crate::Output::Detached), after every other op of the key has
    /// ended as [`Op::Close`] with [`CloseMode::Flush`] would end it.
    Detach {
        /// A resource of a loop that can attach.
        key: Key,
    },
    /// An op that only some loop knows. Every other completes it as
    /// [`Unsupported`](crate::ErrorKind::Unsupported), given back.
    Extension {
        /// What that loop understands.
        payload: Box<dyn std::any::Any + Send>,
    },
}

/// What [`Op::Close`] does with sends that were submitted before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CloseMode {
    /// They are done first, however long the peer takes; cancelling them hurries it.
    Flush,
    /// They are cancelled too.
    Abort,
}

/// What [`Op::Remove`] removes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Removal {
    /// A name of anything but a directory; a symbolic link itself.
    File,
    /// A directory that is empty.
    EmptyDirectory,
}

/// How much [`Op::Sync`] waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SyncScope {
    /// Content and everything about the file (fsync).
    All,
    /// Content and what is needed to read it back (fdatasync).
    Data,
}
