//! One attempt at one op.

use std::io::IoSlice;

use polyloop_core::{Buffer, Error, Interest, Key, Op, OpId, Output, Result, Time, limits};

use super::paths;
use super::resource::{Pending, Resource, Row, row_of};
use super::system;
use super::table::Table;

/// What an attempt came to; nothing if the op still waits.
type Step = Option<Result<Output>>;

impl Table {
    /// Lets an op go on that was found ready for `found`, and those behind it as far as they can.
    pub(super) fn advance(&mut self, mut id: OpId, found: Interest, now: Time) {
        while let Some(pending) = self.ops.get(id) {
            let (row, key) = (row_of(&pending.op), pending.op.key());
            self.step(id, found, now);
            let next =
                key.and_then(|key| self.resources.get_mut(key)).filter(|_| row != Row::Apart);
            let next = next.and_then(|resource| resource.row_mut(row).front().copied());
            match next {
                // A multishot op tells what poll(2) has found, never what it hopes for.
                Some(next) if next != id && !self.ops.get(next).is_some_and(Pending::lasts) => {
                    id = next;
                }
                _ => return,
            }
        }
    }

    fn step(&mut self, id: OpId, found: Interest, now: Time) {
        if self.ops.get(id).is_some_and(|pending| matches!(pending.op, Op::SendFile { .. })) {
            return self.step_send_file(id);
        }
        let Some(pending) = self.ops.get_mut(id) else { return };
        let Some(key) = pending.op.key() else { return };
        let Some(resource) = self.resources.get_mut(key) else { return };
        let progress = &mut pending.progress;
        let step = match &mut pending.op {
            Op::Recv { buffer, .. } => receive(resource, buffer),
            Op::RecvFrom { buffer, .. } => receive_from(resource, buffer),
            Op::Send { buffer, .. } => send(resource, std::slice::from_ref(buffer), progress),
            Op::SendVectored { buffers, .. } => send(resource, buffers, progress),
            Op::SendTo { buffer, address, .. } => {
                transferred(system::send_to(&resource.handle, &[IoSlice::new(buffer)], address))
            }
            Op::Connect { address, .. } => {
                let begun = std::mem::replace(&mut pending.begun, true);
                system::connect(&resource.handle, address, begun).map(done)
            }
            Op::Shutdown { how, .. } => Some(done(system::shutdown(&resource.handle, *how))),
            Op::ReadAt { buffer, offset, .. } => {
                let read = system::read_at(&resource.handle, buffer.storage_mut(), *offset);
                fill(buffer, read)
            }
            Op::WriteAt { buffer, offset, .. } => {
                transferred(system::write_at(&resource.handle, buffer, *offset))
            }
            op @ (Op::ReadVectoredAt { .. }
            | Op::WriteVectoredAt { .. }
            | Op::Truncate { .. }
            | Op::Stat { .. }) => Some(paths::do_file_op(op, &resource.handle)),
            Op::Sync { scope, .. } => Some(done(system::sync(&resource.handle, *scope))),
            Op::Poll { .. } => Some(Ok(Output::Ready(found))),
            Op::PollMulti { .. } => {
                pending.told |= found;
                return self.tell(id, Output::Ready(found));
            }
            Op::RecvMulti { .. } => {
                pending.told = Interest::READABLE;
                return self.tell(id, Output::Readable);
            }
            Op::Accept { .. } => {
                self.accept(key, now).map(|accepted| accepted.map(Output::Accepted))
            }
            Op::AcceptMulti { .. } => self.accept_many(key, id, now),
            Op::Close { .. } => {
                self.resources.remove(key);
                Some(Ok(Output::Done))
            }
            other => unreachable!("{} is never taken on", other.kind().name()),
        };
        self.rearm(key, Interest::BOTH, false);
        if let Some(result) = step {
            self.complete(id, result);
        }
    }

    /// Sends one piece of a file, and ends the op when that was the last.
    fn step_send_file(&mut self, id: OpId) {
        let Some(pending) = self.ops.get_mut(id) else { return };
        let Op::SendFile { key, file, offset, len } = pending.op else { return };
        let Some(from) = self.resources.get(file) else { return };
        let mut piece = vec![0; (len - pending.progress).min(limits::SEND_FILE_SLICE)];
        let read = system::read_at(&from.handle, &mut piece, offset + pending.progress as u64);
        let Some(to) = self.resources.get_mut(key) else { return };
        let sent = read.and_then(|count| match count {
            0 => Ok(0),
            _ => to.write(&[IoSlice::new(&piece[..count])]),
        });
        let result = match sent {
            Ok(0) => Ok(Output::Transferred(pending.progress)),
            Ok(count) => {
                pending.progress += count;
                return;
            }
            Err(error) if system::is_to_wait(&error) => return,
            Err(error) => Err(error.after_transferring(pending.progress)),
        };
        self.complete(id, result);
    }

    fn accept_many(&mut self, key: Key, id: OpId, now: Time) -> Step {
        for _ in 0..limits::ACCEPTS_PER_TURN {
            match self.accept(key, now)? {
                Ok(accepted) => self.tell(id, Output::Accepted(accepted)),
                Err(error) => return Some(Err(error)),
            }
        }
        None
    }

    /// Takes one connection; without room or descriptors for it, accepting pauses.
    fn accept(&mut self, key: Key, now: Time) -> Option<Result<Key>> {
        let full = self.resources.len() >= self.config.resources_max;
        let resource = self.resources.get_mut(key)?;
        let error = match full {
            true => None,
            false => match system::accept(&resource.handle) {
                Ok(handle) => return Some(Ok(self.insert(handle))),
                Err(error)
                    if system::is_to_wait(&error) || system::is_about_one_connection(&error) =>
                {
                    return None;
                }
                Err(error) => Some(error),
            },
        };
        match error.filter(|error| !system::is_exhaustion(error)) {
            Some(error) => Some(Err(error)),
            None => {
                resource.accepts_from = now + limits::ACCEPT_BACKOFF;
                None
            }
        }
    }
}

fn receive(resource: &mut Resource, buffer: &mut Buffer) -> Step {
    let read = resource.read(buffer.storage_mut());
    fill(buffer, read)
}

fn receive_from(resource: &Resource, buffer: &mut Buffer) -> Step {
    match system::recv_from(&resource.handle, buffer.storage_mut()) {
        Ok((len, address)) => {
            buffer.set_len(len);
            Some(Ok(Output::received_from(len, address)))
        }
        Err(error) => failure(error),
    }
}

/// Sends what is left of several buffers: the whole, or it waits.
fn send(resource: &mut Resource, buffers: &[Buffer], progress: &mut usize) -> Step {
    if system::is_datagram(&resource.handle) {
        let pieces: Vec<_> = buffers.iter().map(|buffer| IoSlice::new(buffer)).collect();
        return transferred(resource.write(&pieces));
    }
    let total = buffers.iter().map(|buffer| buffer.len()).sum();
    loop {
        let rest = rest_of(buffers, *progress);
        if rest.is_empty() {
            return Some(Ok(Output::Transferred(total)));
        }
        match resource.write(&[IoSlice::new(rest)]) {
            Ok(count) => *progress += count,
            Err(error) if system::is_to_wait(&error) => return None,
            Err(error) => return Some(Err(error.after_transferring(*progress))),
        }
    }
}

/// Gives the first piece that lies at or behind an offset.
fn rest_of(buffers: &[Buffer], mut offset: usize) -> &[u8] {
    for buffer in buffers {
        if offset < buffer.len() {
            return &buffer[offset..];
        }
        offset -= buffer.len();
    }
    &[]
}

fn fill(buffer: &mut Buffer, read: Result<usize>) -> Step {
    transferred(read.inspect(|count| buffer.set_len(*count)))
}

fn transferred(result: Result<usize>) -> Step {
    result.map_or_else(failure, |count| Some(Ok(Output::Transferred(count))))
}

fn done(result: Result<()>) -> Result<Output> {
    result.map(|()| Output::Done)
}

fn failure(error: Error) -> Step {
    if system::is_to_wait(&error) { None } else { Some(Err(error)) }
}
