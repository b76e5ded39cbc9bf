//! Sending soon: bytes that the loop copies, and sends with the next entry of the kernel.
//!
//! What a stream is given in one turn is gathered in one buffer and goes as one send of the loop's
//! own, before all that is in the outward lane. Nobody waits for its completion: no token, no
//! completion through the frontend, no second poll of the task that wrote. That is worth it only
//! where the caller hears of a broken connection as early as by a send that it makes itself: where the
//! loop watches the stream for a hang-up, and none has come.

use std::io::IoSlice;

use polyloop_core::{Key, Op, OpId, OpKind, Output, Result, limits};

use polyloop_os::HandleKind;

use crate::linux::UringLoop;
use crate::linux::attempt::{stale, would_block};
use crate::linux::kernel::{Completed, Landed, raw_fd};
use crate::linux::record::{Owner, Record};
use crate::linux::resource::{HangUp, Resource, Side};

impl UringLoop {
    /// Takes bytes to send soon, and tells how many.
    pub(crate) fn attempt_send_soon(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        if let [bytes] = bufs
            && (1..=LARGE).contains(&bytes.len())
            && self.user.is_surely_here()
            && let Some(resource) = self.resources.get_mut(key)
            && resource.gathers_anew()
            && let Ok(fd) = raw_fd(&resource.handle)
        {
            let (id, count) = self.kernel.sends.begin(key, fd.0, bytes);
            resource.soon.set(id);
            self.gathered.push(id);
            self.own_sends += 1;
            return Ok(count);
        }
        self.gather(key, bufs)
    }

    /// The same where there is more to find out.
    #[cold]
    fn gather(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        self.check_here()?;
        let Some(resource) = self.resources.get_mut(key).filter(|it| it.ending.is_empty()) else {
            return stale();
        };
        let len = bufs.iter().map(|buf| buf.len()).sum();
        if resource.kind != HandleKind::Stream || !(1..=LARGE).contains(&len) {
            return self.attempt_send(key, bufs);
        }
        if !resource.sends_soon() {
            return would_block();
        }
        if let Some(id) = resource.soon.get() {
            // It takes no more once it has begun, or is full.
            let count = self.kernel.sends.append(id, bufs);
            return if count > 0 { Ok(count) } else { would_block() };
        }
        resource.take_failed_soon().map_or(Ok(()), Err)?;
        let (id, _) = self.kernel.sends.begin(key, raw_fd(&resource.handle)?.0, &[]);
        resource.soon.set(id);
        self.gathered.push(id);
        self.own_sends += 1;
        Ok(self.kernel.sends.append(id, bufs))
    }

    /// Begins the sends of what was gathered.
    ///
    /// Silent ones are settled by a turn, and end no wait.
    pub(crate) fn send_gathered(&mut self, may_be_silent: bool) {
        for id in self.gathered.drain(..) {
            self.kernel.send_soon(id, may_be_silent);
        }
    }

    /// Ends the silent sends that have gone, if all completions have been read.
    pub(crate) fn settle_sends(&mut self) {
        while let Some(key) = self.kernel.next_gone() {
            self.soon_went(key);
        }
    }

    /// Acts on the landing of a send of the loop's own: mostly all of it has gone, and nothing waits
    /// behind it.
    #[inline]
    pub(crate) fn soon_landed(&mut self, completed: Completed) {
        match self.kernel.land_soon(completed) {
            Some(key) => self.soon_went(key),
            None => self.go_on_with_soon(completed),
        }
    }

    /// Acts on the end of a send of the loop's own that has gone as a whole.
    #[inline]
    fn soon_went(&mut self, key: Key) {
        self.own_sends -= 1;
        let Some(resource) = self.resources.get_mut(key) else { return };
        resource.soon.take();
        if !resource.lane(Side::Outward).is_empty() || !resource.ending.is_empty() {
            self.advance(key, Side::Outward);
        }
    }

    /// Makes an op of a send of the loop's own that did not go as a whole, or failed: it goes on as those do.
    #[cold]
    fn go_on_with_soon(&mut self, completed: Completed) {
        let Some((key, buffer, canceled)) = self.kernel.sends.take(completed.id) else { return };
        let Some(resource) = self.resources.get_mut(key) else { return };
        let record = Record::of_soon(&mut self.kernel.spares, key, buffer, canceled);
        let id = self.records.insert(record);
        resource.soon.take();
        resource.lane_mut(Side::Outward).push_front(&mut self.records, id);
        let (owner, result) = (Owner::Soon, completed.result());
        let key_of = Some(key);
        let landed =
            Landed { id, owner, key: key_of, result, more: false, chunk: None, descriptor: None };
        self.transfer_landed(key, OpKind::Send, landed);
    }

    /// Notes that something waits for the end of the stream's send of the loop's own, if there is one.
    pub(crate) fn await_soon(&mut self, key: Key) {
        if let Some(id) = self.resources.get(key).and_then(|resource| resource.soon.get()) {
            self.kernel.sends.note_awaited(id);
        }
    }

    /// Asks for the end of the stream's send of the loop's own; tells whether that was all, because it had not
    /// begun.
    pub(crate) fn cancel_soon(&mut self, key: Key) -> bool {
        let Some(id) = self.resources.get(key).and_then(|resource| resource.soon.get()) else {
            return false;
        };
        let Some(position) = self.gathered.iter().position(|gathered| *gathered == id) else {
            if self.kernel.sends.cancel(id) {
                self.kernel.cancel(id);
            }
            return false;
        };
        self.gathered.remove(position);
        self.drop_soon(key, id);
        true
    }

    /// Takes what has become of a send of the loop's own that was made an op: its error is for the next who sends.
    pub(crate) fn sent_soon(&mut self, op: &Op, result: Result<Output>) {
        self.own_sends -= 1;
        if let Err(error) = result
            && let Some(resource) = op.key().and_then(|key| self.resources.get_mut(key))
        {
            // How much of the loop's own send had gone would tell its next caller nothing.
            resource.make_rare().failed_soon = Some(error.after_transferring(0));
        }
    }

    /// Ends a send of the loop's own.
    #[inline]
    fn drop_soon(&mut self, key: Key, id: OpId) {
        self.kernel.sends.release(id);
        self.own_sends -= 1;
        if let Some(resource) = self.resources.get_mut(key) {
            resource.soon.take();
        }
    }

    /// Tells how a send of the loop's own has failed, once.
    pub(crate) fn tell_failed_soon(&mut self, key: Key) -> Result<()> {
        let resource = self.resources.get_mut(key);
        resource.and_then(Resource::take_failed_soon).map_or(Ok(()), Err)
    }
}

impl Resource {
    /// Tells whether it may be given bytes to send soon, has none yet, and has nothing else to say.
    #[inline]
    fn gathers_anew(&self) -> bool {
        let is_live = self.kind == HandleKind::Stream && self.ending.is_empty();
        is_live && self.soon.is_empty() && self.rare().is_none() && self.sends_soon()
    }

    /// Tells whether it may be given bytes to send soon.
    #[inline]
    fn sends_soon(&self) -> bool {
        let is_watched = self.hang_up == HangUp::Watched;
        is_watched && !self.is_shut && self.lane(Side::Outward).is_empty()
    }
}

/// More bytes than this are sent by a system call of their own: copying them, and keeping what many streams have
/// on their way, costs more (a message of 128 KiB on 1,000 connections 120 instead of 55 µs).
const LARGE: usize = limits::CHUNK_SIZE;
