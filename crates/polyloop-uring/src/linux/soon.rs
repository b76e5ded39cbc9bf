//! Sending soon: bytes that the loop copies, and sends with the next entry of the kernel.
//!
//! What a stream is given in one turn is gathered in one buffer and goes as one send of the loop's
//! own, which waits in the outward lane like any other. Nobody waits for its completion: no token, no
//! completion through the frontend, no second poll of the task that wrote. That is worth it only
//! where the caller hears of a broken connection as early as by a send that it makes itself: where the
//! loop watches the stream for a hang-up, and none has come.

use std::io::IoSlice;

use polyloop_core::{Key, Op, OpKind, Output, Result, limits};

use polyloop_os::HandleKind;

use crate::linux::UringLoop;
use crate::linux::attempt::{stale, would_block};
use crate::linux::kernel::{Landed, Request};
use crate::linux::record::Record;
use crate::linux::resource::{HangUp, Resource, Side};
use crate::linux::submission::to_send;

impl UringLoop {
    /// Takes bytes to send soon, and tells how many.
    pub(crate) fn attempt_send_soon(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        self.check_here()?;
        let Some(resource) = self.resources.get_mut(key).filter(|it| it.ending.is_empty()) else {
            return stale();
        };
        let len = bufs.iter().map(|buf| buf.len()).sum();
        if resource.kind != HandleKind::Stream || !(1..=LARGE).contains(&len) {
            return self.attempt_send(key, bufs);
        }
        if let Some(id) = resource.gathers.get() {
            let is_last = resource.lane(Side::Outward).tail() == Some(id);
            let record = self.records.get_mut(id).filter(|_| is_last);
            return match record.map(|record| record.held.op_mut()) {
                Some(Op::Send { buffer, .. }) if buffer.len() < buffer.capacity() => {
                    Ok(buffer.append_slices(bufs))
                }
                _ => would_block(),
            };
        }
        if !resource.sends_soon() {
            return would_block();
        }
        resource.take_failed_soon().map_or(Ok(()), Err)?;
        let mut buffer = self.kernel.spares.take_buffer();
        let count = buffer.append_slices(bufs);
        let id = self.records.insert(Record::of_soon(&mut self.kernel.spares, key, buffer));
        resource.lane_mut(Side::Outward).push_back(&mut self.records, id);
        resource.gathers.set(id);
        self.gathered.push(key);
        self.own_sends += 1;
        Ok(count)
    }

    /// Begins the sends of what was gathered.
    pub(crate) fn send_gathered(&mut self) {
        let mut gathered = std::mem::take(&mut self.gathered);
        for key in gathered.drain(..) {
            let Some(resource) = self.resources.get_mut(key) else { continue };
            // Unless it has begun already: it came into an empty lane, so it is its turn.
            let Some(id) = resource.gathers.take() else { continue };
            let Some(record) = self.records.get_mut(id) else { continue };
            let request = Request::Op { transferred: 0 };
            let started = self.kernel.start(id, &mut record.held, Some(&resource.handle), request);
            if let Err(error) = started {
                self.finish(id, Err(error));
                self.advance(key, Side::Outward);
            }
        }
        self.gathered = gathered;
    }

    /// Acts on the landing of a send of the loop's own: mostly all of it has gone, and nothing waits
    /// behind it.
    pub(crate) fn soon_landed(&mut self, key: Key, landed: Landed) {
        let id = landed.id;
        let Some(record) = self.records.get_mut(id) else { return };
        let is_whole = record.held.progress().transferred == 0
            && !record.awaits_readiness
            && landed.result.is_ok_and(|count| count as usize == to_send(record.held.op_mut()));
        if !is_whole {
            return self.transfer_landed(key, OpKind::Send, landed);
        }
        if let Some(Op::Send { buffer, .. }) = record.take_op(&mut self.kernel.spares) {
            self.kernel.spares.keep_buffer(buffer);
        }
        let Some(resource) = self.resources.get_mut(key) else { return };
        resource.lane_mut(Side::Outward).remove(&mut self.records, id);
        let is_last = resource.lane(Side::Outward).is_empty() && resource.ending.is_empty();
        self.records.remove(id);
        self.own_sends -= 1;
        if !is_last {
            self.advance(key, Side::Outward);
        }
    }

    /// Takes what a send of the loop's own has come to: its buffer is for another, and its error for the
    /// next who sends.
    pub(crate) fn sent_soon(&mut self, op: Op, result: Result<Output>) {
        let Op::Send { key, buffer } = op else { return };
        self.kernel.spares.keep_buffer(buffer);
        self.own_sends -= 1;
        if let Err(error) = result
            && let Some(resource) = self.resources.get_mut(key)
        {
            // How much of the loop's own send had gone would tell its next caller nothing.
            resource.make_rare().failed_soon = Some(error.after_transferring(0));
        }
    }

    /// Tells how a send of the loop's own has failed, once.
    pub(crate) fn tell_failed_soon(&mut self, key: Key) -> Result<()> {
        let resource = self.resources.get_mut(key);
        resource.and_then(Resource::take_failed_soon).map_or(Ok(()), Err)
    }
}

impl Resource {
    /// Tells whether it may be given bytes to send soon.
    fn sends_soon(&self) -> bool {
        let is_watched = matches!(self.hang_up, HangUp::Watched(_));
        is_watched && !self.is_shut && self.lane(Side::Outward).is_empty()
    }
}

/// More bytes than this are sent by a system call of their own: copying them, and keeping what many streams have
/// on their way, costs more (a message of 128 KiB on 1,000 connections 120 instead of 55 µs).
const LARGE: usize = limits::CHUNK_SIZE - 1;
