use polyloop_core::{Buffer, Op, limits};

use super::held::{Held, Work};
use super::kernel_ring::Kernel;
use super::message::Message;

/// What ops and sends have used and others will use again, so that they allocate nothing.
#[derive(Default)]
pub(super) struct Spares {
    #[expect(clippy::vec_box, reason = "they are handed on as they are")]
    works: Vec<Box<Work>>,
    pub(super) messages: Vec<Message>,
    pub(super) piece: Option<Buffer>,
    buffers: Vec<Buffer>,
}

impl Kernel {
    /// Makes room for an op to be at work in.
    pub(crate) fn hold(&mut self, op: Op) -> Box<Work> {
        let mut work = self.spares.works.pop().unwrap_or_default();
        work.hold(op);
        work
    }

    /// Takes the op out of what has landed, if it has one, and keeps all the rest for another.
    pub(crate) fn retire(&mut self, held: &mut Held) -> Option<Op> {
        let mut work = held.take_work()?;
        if let Some(mut piece) = work.piece.take() {
            piece.clear();
            self.spares.piece = Some(piece);
        }
        if let Some(message) = work.message.take()
            && self.spares.messages.len() < SPARE_MESSAGES
        {
            self.spares.messages.push(message);
        }
        let op = work.op.take();
        if self.spares.works.len() < SPARE_WORKS {
            self.spares.works.push(work);
        }
        op
    }

    /// Gives an empty buffer for a send of the loop's own, the one that was used last.
    pub(crate) fn spare_buffer(&mut self) -> Buffer {
        let spare = self.spares.buffers.pop();
        spare.unwrap_or_else(|| Buffer::with_capacity(limits::WRITE_PIECE))
    }

    /// Keeps a buffer for the next send of the loop's own.
    pub(crate) fn keep_buffer(&mut self, mut buffer: Buffer) {
        if self.spares.buffers.len() < limits::GATHERED_BUFFERS_MAX {
            buffer.clear();
            self.spares.buffers.push(buffer);
        }
    }
}

/// Places for ops at work that are kept for the next: what a busy loop has in flight at once, some 150
/// bytes each.
const SPARE_WORKS: usize = 1024;

/// Message headers that are kept for the next ops.
const SPARE_MESSAGES: usize = 64;
