//! Sending soon: what a stream is given after its first bytes of a turn goes together with the next turn.
//!
//! The first bytes go at once, so who writes once pays for nothing. What comes behind them is copied
//! into one send of the loop's own, which waits in the outward lane like any other and has no
//! completion: its failure is kept for who sends next.

use std::io::{self, IoSlice};

use polyloop_core::{Buffer, Error, Key, Op, Output, Result, Token, limits};
use polyloop_os::HandleKind;

use crate::attempt::{Step, attempt, send_after};
use crate::direct::send_directly;
use crate::engine::{Engine, live_mut};
use crate::op_table::{Flight, Place};
use crate::resource::{Resource, Watch};
use crate::selector::Selector;

/// What the loop has to do with sends of its own.
///
/// Between calls `keys` holds the key of each resource that `gathers`; also stale ones. `in_flight` is the
/// number of the loop's own sends in the table, and `failed` what has become of those whose resources
/// have `failed_soon`.
#[derive(Debug, Default)]
pub(crate) struct Soon {
    keys: Vec<Key>,
    spare: Vec<Buffer>,
    failed: Vec<(Key, Error)>,
    pub(crate) in_flight: usize,
    /// Tells the turns apart, as far as it goes: a mistake has bytes go with the next turn.
    pub(crate) turn: u8,
}

impl<S: Selector> Engine<S> {
    /// Sends at once if these are the first bytes of the turn, and else with the next.
    #[inline]
    pub(crate) fn try_send_soon(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        let turn = self.soon.turn;
        if let [buf] = bufs
            && !buf.is_empty()
            && let Some(resource) = self.resources.get_mut(key)
            && resource.is_next_to_kernel()
            && resource.sends_first(turn)
        {
            resource.sent_turn = turn;
            return match polyloop_os::send_socket(resource.handle.as_os(), buf) {
                Ok(len) => {
                    resource.outward.moved(len < buf.len() && resource.short_is_blocked);
                    Ok(len)
                }
                Err(first) => send_first_after(resource, first, buf),
            };
        }
        self.try_send_soon_otherwise(key, bufs)
    }

    /// Sends soon what is not one slice for a socket, nothing else being in the way.
    #[inline(never)]
    fn try_send_soon_otherwise(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        let resource = live_mut(&mut self.resources, key)?;
        if !resource.sends_first(self.soon.turn) {
            return self.send_again(key, bufs);
        }
        let sent = send_directly(&mut self.selector, key, resource, bufs)?;
        resource.sent_turn = self.soon.turn;
        Ok(sent)
    }

    /// Sends what is not the first of the turn: with the next, if that can be.
    fn send_again(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        if live_mut(&mut self.resources, key)?.may_gather() {
            return self.gather(key, bufs);
        }
        self.try_send(key, bufs)
    }

    fn gather(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        let len: usize = bufs.iter().map(|buf| buf.len()).sum();
        if !(1..=limits::GATHERED_WRITE_MAX).contains(&len) {
            return self.try_send(key, bufs);
        }
        if let Some(buffer) = self.gathering(key) {
            let count = buffer.append_slices(bufs);
            if count == 0 {
                self.send_gathered_of(key);
                return self.try_send(key, bufs);
            }
            return Ok(count);
        }
        let resource = self.begin_send(key)?;
        resource.gathers = true;
        let spare = self.soon.spare.pop();
        let mut buffer = spare.unwrap_or_else(|| Buffer::with_capacity(limits::GATHERED_MAX));
        let count = buffer.append_slices(bufs);
        let mut flight = Flight::new(Op::Send { key, buffer }, Token::default(), Place::Outward);
        flight.is_own = true;
        let resource = live_mut(&mut self.resources, key)?;
        self.ops.insert_last(&mut resource.outward.ops, flight);
        self.soon.in_flight += 1;
        self.soon.keys.push(key);
        Ok(count)
    }

    /// Finds the send of the loop's own that takes more, if no other waits behind it.
    fn gathering(&mut self, key: Key) -> Option<&mut Buffer> {
        let resource = self.resources.get(key).filter(|resource| resource.gathers)?;
        let first = resource.outward.ops.first()?;
        if self.ops.next(first).is_some() {
            return None;
        }
        match &mut self.ops.get_mut(first)?.op {
            Some(Op::Send { buffer, .. }) => Some(buffer),
            _ => None,
        }
    }

    /// Sends what was gathered, as far as the kernel takes it.
    #[inline]
    pub(crate) fn send_gathered(&mut self) {
        self.soon.turn = self.soon.turn.wrapping_add(1);
        if !self.soon.keys.is_empty() {
            self.send_all_gathered();
        }
    }

    #[cold]
    fn send_all_gathered(&mut self) {
        let mut keys = std::mem::take(&mut self.soon.keys);
        for key in keys.drain(..) {
            self.send_gathered_of(key);
        }
        self.soon.keys = keys;
    }

    /// Sends what one stream has gathered, before anything that comes after it.
    pub(crate) fn send_gathered_of(&mut self, key: Key) {
        let Some(resource) = self.resources.get_mut(key).filter(|resource| resource.gathers) else {
            return;
        };
        resource.gathers = false;
        let Some(id) = resource.outward.ops.first() else { return };
        let Some(flight) = self.ops.get_mut(id).filter(|flight| flight.is_own) else { return };
        let op = flight.op.as_mut().expect("no thread has an op of a lane");
        match attempt(op, &mut flight.progress, None, resource) {
            Step::Done(result) => {
                let list = &mut resource.outward.ops;
                let flight = self.ops.remove_from(list, id).expect("it was the first");
                let is_last = list.is_empty();
                self.sent_soon(flight, result);
                if !is_last {
                    self.mark_ready(key);
                }
            }
            // The registration stands, and tells when there is room.
            Step::Blocked => {}
            _ => self.mark_ready(key),
        }
    }

    /// Takes what a send of the loop's own has come to.
    pub(crate) fn sent_soon(&mut self, flight: Flight, result: Result<Output>) {
        self.soon.in_flight -= 1;
        let key = flight.key;
        if let Some(Op::Send { mut buffer, .. }) = flight.op
            && self.soon.spare.len() < limits::SPARE_BUFFERS_MAX
        {
            buffer.clear();
            self.soon.spare.push(buffer);
        }
        if let Err(error) = result
            && let Some(resource) = self.resources.get_mut(key)
            && !std::mem::replace(&mut resource.failed_soon, true)
        {
            // How much of the loop's own send had gone would tell its next caller nothing.
            self.soon.failed.push((key, error.after_transferring(0)));
        }
    }

    /// Sends what was gathered before, and tells once how that has failed.
    #[cold]
    pub(crate) fn settle_soon(&mut self, key: Key) -> Result<()> {
        self.send_gathered_of(key);
        self.take_failed_soon(key).map_or(Ok(()), Err)
    }

    /// Takes why a send of the loop's own has failed.
    pub(crate) fn take_failed_soon(&mut self, key: Key) -> Option<Error> {
        let resource = self.resources.get_mut(key).filter(|resource| resource.failed_soon)?;
        resource.failed_soon = false;
        let at = self.soon.failed.iter().position(|(of, _)| *of == key)?;
        Some(self.soon.failed.swap_remove(at).1)
    }
}

/// Sends the first bytes of a turn, which is noted already, behind a first attempt that has failed so.
#[cold]
fn send_first_after(resource: &mut Resource, first: io::Error, buf: &[u8]) -> Result<usize> {
    let sent = send_after(resource, first, buf);
    if sent.is_err() {
        resource.sent_turn = resource.sent_turn.wrapping_sub(1);
    }
    sent
}

impl Resource {
    /// Tells whether what it is given now are the first bytes of a turn, and nothing has to be told before.
    #[inline]
    fn sends_first(&self, turn: u8) -> bool {
        !self.gathers & !self.failed_soon & (self.sent_turn != turn)
    }

    /// Tells whether bytes may wait for the next turn: who writes would hear of a broken connection
    /// while it waits for what it reads.
    fn may_gather(&self) -> bool {
        let is_watched = self.watch == Watch::Standing && self.short_is_blocked;
        is_watched && self.kind == HandleKind::Stream && !self.failed_soon
    }
}
