use std::mem::ManuallyDrop;
use std::num::NonZeroU32;
use std::rc::Rc;

use polyloop_core::{Buffer, Metadata, Op, OpId, OsHandle, SlabKey};

use super::message::Message;
use super::status::metadata;

/// What the kernel may touch for one entry of the ring: the op with its buffers, the message
/// header, the descriptor.
///
/// While `flying` names an entry, nothing inside is given out, changed or dropped; dropping the
/// holder itself leaks it, because a ring that is gone does not stop the kernel from writing.
pub(crate) struct Held {
    inner: ManuallyDrop<Inner>,
    flying: Option<Flying>,
}

pub(super) struct Inner {
    pub(super) handle: Option<Rc<OsHandle>>,
    pub(super) work: Option<Box<Work>>,
}

/// An op at work with what belongs to it, on the heap. It is used again and again.
#[derive(Default)]
pub(crate) struct Work {
    pub(super) op: Option<Op>,
    pub(super) message: Option<Message>,
    /// What is on its way from a file to a socket.
    pub(super) piece: Option<Buffer>,
    progress: Progress,
}

/// How far an op has come. The kernel does not touch it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Progress {
    /// Bytes of it that have gone through.
    pub(crate) transferred: usize,
    /// Bytes of its piece of a file that have gone through.
    pub(crate) piece_sent: usize,
    /// How often it was begun in vain because the peer had no room.
    pub(crate) refusals: u32,
}

#[derive(Clone, Copy)]
pub(super) struct Flying {
    /// Of the id of the entry.
    pub(super) generation: NonZeroU32,
    /// The result is a new descriptor.
    pub(super) gives_descriptor: bool,
}

impl Work {
    /// Is for another op from now on, with a message and a piece that may be there.
    pub(super) fn hold(&mut self, op: Op) {
        self.op = Some(op);
        self.progress = Progress::default();
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.op, Some(Op::Open { .. }))
    }
}

impl Held {
    /// Holds what is for an op.
    pub(crate) fn new(work: Option<Box<Work>>) -> Held {
        Held { inner: ManuallyDrop::new(Inner { handle: None, work }), flying: None }
    }

    /// Tells whether the kernel may be using it.
    pub(crate) fn is_in_kernel(&self) -> bool {
        self.flying.is_some()
    }

    /// Tells how far the op has come, also while the kernel uses it.
    pub(crate) fn progress(&self) -> Progress {
        self.inner.work.as_ref().map_or(Progress::default(), |work| work.progress)
    }

    /// Gives how far the op has come, to change it.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub(crate) fn progress_mut(&mut self) -> &mut Progress {
        &mut self.inner.work.as_mut().expect("an op of the caller's").progress
    }

    /// Gives the op while the kernel does not use it.
    ///
    /// # Panics
    ///
    /// If the kernel uses it, or there is none.
    pub(crate) fn op_mut(&mut self) -> &mut Op {
        assert!(self.flying.is_none(), "the kernel may be using the op");
        let op = self.inner.work.as_mut().and_then(|work| work.op.as_mut());
        op.expect("an op of the caller's")
    }

    /// Takes everything of the op out while the kernel does not use it; nothing if there is none.
    ///
    /// # Panics
    ///
    /// If the kernel uses it.
    pub(super) fn take_work(&mut self) -> Option<Box<Work>> {
        assert!(self.flying.is_none(), "the kernel may be using the op");
        self.inner.work.take()
    }

    /// Takes the op out although the kernel may be using it, because nobody will hear of its end:
    /// its buffers stay behind, leaked, and so do the message and the descriptor when the holder
    /// is dropped.
    ///
    /// # Panics
    ///
    /// If there is no op, or one that no entry was ever encoded of.
    pub(crate) fn abandon(&mut self) -> Op {
        let work = self.inner.work.as_mut();
        let mut op = work.and_then(|work| work.op.take()).expect("an op of the caller's");
        match &mut op {
            Op::Recv { buffer, .. }
            | Op::Send { buffer, .. }
            | Op::RecvFrom { buffer, .. }
            | Op::SendTo { buffer, .. }
            | Op::ReadAt { buffer, .. }
            | Op::WriteAt { buffer, .. } => leak(buffer),
            Op::SendVectored { buffers, .. }
            | Op::ReadVectoredAt { buffers, .. }
            | Op::WriteVectoredAt { buffers, .. } => buffers.iter_mut().for_each(leak),
            // Entries of these name the message, the piece or nothing: addresses and paths are
            // copied there.
            Op::Open { .. }
            | Op::Accept { .. }
            | Op::AcceptMulti { .. }
            | Op::Connect { .. }
            | Op::Poll { .. }
            | Op::PollMulti { .. }
            | Op::Shutdown { .. }
            | Op::AwaitExit { .. }
            | Op::SendFile { .. }
            | Op::Truncate { .. }
            | Op::Stat { .. }
            | Op::StatPath { .. }
            | Op::Rename { .. }
            | Op::Remove { .. }
            | Op::MakeDirectory { .. }
            | Op::Link { .. }
            | Op::Symlink { .. }
            | Op::Sync { .. } => {}
            other => unreachable!("no entry is of {}", other.kind().name()),
        }
        op
    }

    /// Gives the sender that the kernel wrote into the message.
    pub(crate) fn sender(&self) -> Option<polyloop_core::Address> {
        assert!(self.flying.is_none(), "the kernel may be using the message");
        self.work()?.message.as_ref()?.sender()
    }

    /// Gives the exit that the kernel wrote into the message.
    pub(crate) fn exit(&self) -> Option<polyloop_core::Exit> {
        assert!(self.flying.is_none(), "the kernel may be using the message");
        self.work()?.message.as_ref()?.exit()
    }

    /// Reads what the kernel wrote of a file into the message.
    pub(crate) fn metadata(&self) -> Option<Metadata> {
        assert!(self.flying.is_none(), "the kernel may be using the message");
        Some(metadata(self.work()?.message.as_ref()?.status()))
    }

    /// Declares so many bytes of the piece read.
    pub(crate) fn fill_piece(&mut self, len: usize) {
        assert!(self.flying.is_none(), "the kernel may be using the piece");
        let work = self.inner.work.as_mut();
        if let Some(piece) = work.and_then(|work| work.piece.as_mut()) {
            piece.set_len(len.min(piece.capacity()));
        }
    }

    /// Tells how many bytes of the piece were read.
    pub(crate) fn piece_len(&self) -> usize {
        self.work().and_then(|work| work.piece.as_ref()).map_or(0, Buffer::len)
    }

    fn work(&self) -> Option<&Work> {
        self.inner.work.as_deref()
    }

    pub(super) fn flying(&self) -> Option<Flying> {
        self.flying
    }

    /// Gives the inside, to encode an entry of it.
    pub(super) fn inner_mut(&mut self) -> &mut Inner {
        assert!(self.flying.is_none(), "the kernel may be using it");
        &mut self.inner
    }

    pub(super) fn take_off(&mut self, flying: Flying) {
        assert!(self.flying.is_none(), "one entry at a time");
        self.flying = Some(flying);
    }

    /// Notes that the kernel has given all of it back, and lets go of the descriptor.
    ///
    /// To be called for a completion of `id` without the *more* flag, and for nothing else: the
    /// kernel is done with the entry then.
    pub(super) fn land(&mut self, id: OpId) {
        let of_id = self.flying.is_some_and(|flying| flying.generation.get() == id.generation());
        assert!(of_id, "a completion of another entry");
        self.flying = None;
        self.inner.handle = None;
    }
}

/// Leaves a buffer's memory to the kernel for good.
fn leak(buffer: &mut Buffer) {
    std::mem::forget(std::mem::take(buffer));
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.flying.is_none() {
            // SAFETY: this is the only drop of the field, at the end of its owner; the kernel
            // does not use it.
            unsafe { ManuallyDrop::drop(&mut self.inner) };
        }
    }
}
