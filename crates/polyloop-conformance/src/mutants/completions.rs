use polyloop_core::{
    Buffer, Completion, Error, ErrorKind, Exit, Interest, Key, Op, OpKind, OpenSpec, Output,
    Result, Token,
};

use super::fault::Fault;
use super::mutant_loop::MutantLoop;

/// How often the faults that strike now and then do.
const STRIKE: usize = 40;

impl MutantLoop {
    /// Passes a completion of the inner loop on, as the fault has it: as it is, altered, twice
    /// or not at all.
    pub(super) fn pass(&mut self, mut completion: Completion) {
        let token = self.tokens.pop_if_named(completion.token);
        completion.token = token;
        let Some(op) = completion.op.take() else {
            self.note_keys(&completion.result, None);
            completion.result = self.alter_result(None, completion.result);
            return self.backlog.push_back(completion);
        };
        let result = completion.result;
        let cancelled = self.cancelled.remove(&token);
        let (kind, failed) = (op.kind(), result.is_err());
        self.note_keys(&result, Some(&op));
        let mut result = self.alter_result(Some(&op), result);
        result = match (self.fault, kind, &result) {
            (Fault::CancelLosesBytes, OpKind::Recv, Ok(_))
            | (Fault::CancelLeaksConnection, OpKind::Accept, Ok(_))
                if cancelled =>
            {
                Err(ErrorKind::Canceled.into())
            }
            _ => result,
        };
        let op = self.alter_op_back(op, failed);
        self.received += usize::from(kind == OpKind::Recv);
        let strikes = kind == OpKind::Recv && self.received.is_multiple_of(STRIKE);
        if self.fault == Fault::EndLost && strikes {
            return;
        }
        let twice = (self.fault == Fault::EndTwice && strikes)
            || (self.fault == Fault::FileCancelEndsTwice && cancelled && kind == OpKind::ReadAt);
        if twice {
            let key = op.key().unwrap_or(Key::from_bits(0));
            let again = Op::Recv { key, buffer: Buffer::default() };
            let error = Err(ErrorKind::Canceled.into());
            self.backlog.push_back(Completion::terminal(token, error, again));
        }
        self.backlog.push_back(Completion::terminal(token, result, op));
        if self.fault == Fault::MoreAfterEnd && cancelled {
            self.backlog.push_back(Completion::more(token, Output::Readable));
        }
    }

    /// Alters what came of an op; without the op it goes on.
    fn alter_result(&mut self, op: Option<&Op>, result: Result<Output>) -> Result<Output> {
        let kind = op.map(|op| op.kind());
        match (self.fault, result) {
            (Fault::StaleAsInvalid, Err(error)) if error.kind() == ErrorKind::StaleKey => {
                Err(ErrorKind::InvalidInput.into())
            }
            (Fault::InvalidAsUnsupported, Err(error)) => Err(as_unsupported(error)),
            (Fault::EmptySendRefused, Ok(Output::Transferred(0)))
                if matches!(kind, Some(OpKind::Send | OpKind::SendVectored)) =>
            {
                Err(ErrorKind::InvalidInput.into())
            }
            (Fault::SenderWrong, Ok(Output::ReceivedFrom { len, .. })) => {
                let address = std::net::SocketAddr::from(([127, 0, 0, 1], 9)).into();
                Ok(Output::received_from(len, address))
            }
            (Fault::SyncUnsupported, Ok(_)) if kind == Some(OpKind::Sync) => {
                Err(ErrorKind::Unsupported.into())
            }
            (Fault::DatagramNowhere, Err(error))
                if kind == Some(OpKind::Send) && error.kind() != ErrorKind::StaleKey =>
            {
                match error.raw_os_error() {
                    Some(number) if number == crate::sys::errno::DESTINATION_REQUIRED => {
                        Ok(Output::Transferred(0))
                    }
                    _ => Err(error),
                }
            }
            (Fault::ExitForgotten, Ok(Output::Exited(_))) => Ok(Output::Exited(Exit::Code(0))),
            (Fault::PollTellsBoth, Ok(Output::Ready(_))) => Ok(Output::Ready(Interest::BOTH)),
            (Fault::FilePolled, Err(error))
                if matches!(kind, Some(OpKind::Poll | OpKind::PollMulti))
                    && error.kind() == ErrorKind::InvalidInput =>
            {
                Ok(Output::Ready(Interest::BOTH))
            }
            (Fault::DetachForgetsUnread, Ok(Output::Detached(mut detached))) => {
                detached.unread.clear();
                Ok(Output::Detached(detached))
            }
            (Fault::DetachLeavesNonblocking, Ok(Output::Detached(detached))) => {
                if let polyloop_core::OsHandle::TcpStream(stream) = &detached.handle {
                    stream.set_nonblocking(true).expect("a stream can be set so");
                }
                Ok(Output::Detached(detached))
            }
            (_, result) => result,
        }
    }

    /// Alters the op on its way back.
    fn alter_op_back(&mut self, op: Op, failed: bool) -> Op {
        match (self.fault, op) {
            (Fault::BufferKept, mut op) if failed => {
                empty(&mut op);
                op
            }
            (Fault::OtherOpBack, op) if failed && op.key().is_some() => {
                Op::Accept { key: Key::from_bits(0) }
            }
            (Fault::StorageCut, Op::Recv { key, buffer }) if !failed => {
                Op::Recv { key, buffer: buffer.into_vec().into() }
            }
            (Fault::VectoredReversed, Op::SendVectored { key, mut buffers }) => {
                buffers.reverse();
                Op::SendVectored { key, buffers }
            }
            (Fault::ExtensionEmptied, Op::Extension { .. }) => {
                Op::Extension { payload: Box::new(()) }
            }
            (_, op) => op,
        }
    }

    /// Remembers which key a slot has now.
    fn note_keys(&mut self, result: &Result<Output>, op: Option<&Op>) {
        match (result, op) {
            (Ok(Output::Accepted(key)), _) => {
                self.accepted.insert(*key);
            }
            (Ok(Output::Opened(key)), Some(Op::Open { spec }))
                if matches!(**spec, OpenSpec::TcpListener(_)) =>
            {
                self.listeners.push(*key);
            }
            _ => {}
        }
        match result {
            Ok(Output::Opened(key) | Output::Accepted(key)) => {
                self.slots.insert(key.to_bits() as u32, *key);
            }
            Ok(Output::OpenedPair { read, write }) => {
                self.slots.insert(read.to_bits() as u32, *read);
                self.slots.insert(write.to_bits() as u32, *write);
            }
            _ => {}
        }
    }

    /// Alters an op on its way in, or answers it.
    pub(super) fn alter_op(&mut self, op: Op) -> Result<Op, (Result<Output>, Op)> {
        let refused = |op| Err((Err(ErrorKind::Unsupported.into()), op));
        let accepted = op.key().is_some_and(|key| self.accepted.contains(&key));
        match (self.fault, op) {
            (Fault::VectoredReversed, Op::SendVectored { key, mut buffers }) => {
                buffers.reverse();
                Ok(Op::SendVectored { key, buffers })
            }
            (Fault::ManyBuffersCut, Op::SendVectored { key, mut buffers }) => {
                buffers.truncate(1024);
                Ok(Op::SendVectored { key, buffers })
            }
            (Fault::AcceptedShutdownIgnored, op @ Op::Shutdown { .. }) if accepted => {
                Err((Ok(Output::Done), op))
            }
            (Fault::AnswersLost, Op::Send { key, buffer }) if accepted && buffer.len() < 8 => {
                Err((Ok(Output::Transferred(buffer.len())), Op::Send { key, buffer }))
            }
            (Fault::StaleKeyReused, Op::RecvFrom { key, buffer }) => {
                let key = self.slots.get(&(key.to_bits() as u32)).copied().unwrap_or(key);
                Ok(Op::RecvFrom { key, buffer })
            }
            (Fault::VersionSixRefused, Op::Connect { key, address })
                if address.as_ip().is_some_and(|address| address.is_ipv6()) =>
            {
                refused(Op::Connect { key, address })
            }
            (Fault::CancelSticks, op @ Op::RecvFrom { .. }) if self.datagrams_cancelled => {
                Err((Err(ErrorKind::Canceled.into()), op))
            }
            (Fault::AttachedListenerDeaf, op @ Op::Accept { .. }) if self.is_attached(&op) => {
                refused(op)
            }
            (Fault::AttachedDescriptorDeaf, op @ (Op::Poll { .. } | Op::PollMulti { .. }))
                if self.is_attached(&op) =>
            {
                refused(op)
            }
            (_, op) => Ok(op),
        }
    }
}

fn as_unsupported(error: Error) -> Error {
    match error.kind() {
        ErrorKind::InvalidInput => ErrorKind::Unsupported.into(),
        _ => error,
    }
}

fn empty(op: &mut Op) {
    match op {
        Op::Recv { buffer, .. }
        | Op::Send { buffer, .. }
        | Op::RecvFrom { buffer, .. }
        | Op::SendTo { buffer, .. }
        | Op::ReadAt { buffer, .. }
        | Op::WriteAt { buffer, .. } => *buffer = Buffer::default(),
        Op::SendVectored { buffers, .. } => buffers.clear(),
        _ => {}
    }
}

/// Tokens on their way through the loop; a fault cuts them.
#[derive(Default)]
pub(super) struct Tokens {
    pub(super) cut: bool,
}

impl Tokens {
    fn pop_if_named(&self, token: Token) -> Token {
        if self.cut { Token(u64::from(token.0 as u32)) } else { token }
    }
}
