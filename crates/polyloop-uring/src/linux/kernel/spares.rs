use polyloop_core::{Buffer, Op};

use super::held::{Held, Work};
use super::message::Message;

/// What ops needed and the next will need again, so that none allocates; bounded, the last used first.
#[derive(Default)]
pub(crate) struct Spares {
    #[expect(clippy::vec_box, reason = "they are handed on as they are")]
    works: Vec<Box<Work>>,
    messages: Vec<Message>,
    piece: Option<Buffer>,
}

impl Spares {
    /// Makes room for an op to be at work in.
    pub(crate) fn hold(&mut self, op: Op) -> Box<Work> {
        let mut work = self.works.pop().unwrap_or_default();
        work.hold(op);
        work
    }

    /// Takes the op out of what has landed, if it has one, and keeps all the rest for another.
    pub(crate) fn retire(&mut self, held: &mut Held) -> Option<Op> {
        let mut work = held.take_work()?;
        if let Some(mut piece) = work.piece.take() {
            piece.clear();
            self.piece = Some(piece);
        }
        if let Some(message) = work.message.take()
            && self.messages.len() < MESSAGES_MAX
        {
            self.messages.push(message);
        }
        let op = work.op.take();
        if self.works.len() < WORKS_MAX {
            self.works.push(work);
        }
        op
    }

    pub(super) fn take_message(&mut self) -> Message {
        self.messages.pop().unwrap_or_else(Message::new)
    }

    pub(super) fn take_piece(&mut self) -> Option<Buffer> {
        self.piece.take()
    }
}

/// Places for ops at work: what a busy loop has in flight at once, some 150 bytes each.
const WORKS_MAX: usize = 1024;

const MESSAGES_MAX: usize = 64;
