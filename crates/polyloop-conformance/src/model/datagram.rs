use polyloop_core::{Address, Buffer, Error, ErrorKind, Key, Op, OpId, Output, Result};

use super::flaw::Flaw;
use super::lanes::Step;
use super::network::{Protocol, is_too_long, too_long};
use super::resource::Body;
use super::world::World;
use crate::sys::errno;

/// Datagrams that wait for one receiver; more are lost, as networks do.
const INBOX_MAX: usize = 1024;

impl World {
    /// Takes the first datagram, as much of it as fits; nothing if there is none.
    pub(super) fn read_datagram(
        &mut self,
        key: Key,
        buf: &mut [u8],
    ) -> Result<Option<(usize, Address)>> {
        let keep_all = self.flaw == Some(Flaw::DatagramTwice);
        let keep_rest = self.flaw == Some(Flaw::DatagramRestKept);
        let resource = self.resources.get_mut(key).ok_or(ErrorKind::StaleKey)?;
        let Body::Datagram(socket) = &mut resource.body else {
            return Err(ErrorKind::InvalidInput.into());
        };
        let Some((bytes, from)) = socket.inbox.pop_front() else { return Ok(None) };
        if keep_all && !std::mem::replace(&mut socket.kept, true) {
            socket.inbox.push_back((bytes.clone(), from.clone()));
        }
        let count = bytes.len().min(buf.len());
        buf[..count].copy_from_slice(&bytes[..count]);
        if keep_rest && count < bytes.len() {
            socket.inbox.push_front((bytes[count..].to_vec(), from.clone()));
        }
        Ok(Some((count, from)))
    }

    pub(super) fn step_recv_from(&mut self, key: Key, buffer: &mut Buffer) -> Step {
        match self.read_datagram(key, buffer.storage_mut()) {
            Ok(None) => Step::Waits,
            Ok(Some((len, from))) => {
                buffer.set_len(len);
                Step::Ended(Ok(Output::received_from(len, from)))
            }
            Err(error) => Step::Ended(Err(error)),
        }
    }

    pub(super) fn step_send_to(&mut self, key: Key, id: OpId) -> Step {
        let pending = self.ops.get(id).expect("an op in a lane is in flight");
        let Op::SendTo { buffer, address, .. } = &pending.op else { return Step::Waits };
        let (bytes, to) = (buffer.to_vec(), address.clone());
        Step::Ended(self.send_datagram(key, Some(to), &bytes))
    }

    /// Hands a datagram to who is bound there, or is the peer if nothing is said; it is lost if
    /// that is nobody.
    pub(super) fn send_datagram(
        &mut self,
        key: Key,
        to: Option<Address>,
        bytes: &[u8],
    ) -> Result<Output> {
        let Some(Body::Datagram(socket)) = self.resources.get(key).map(|found| &found.body) else {
            return Err(ErrorKind::InvalidInput.into());
        };
        if let Some(to) = to.as_ref().filter(|to| is_too_long(to)) {
            return Err(too_long(to));
        }
        let from = socket.local.clone();
        let receiver = match (to.or_else(|| socket.peer.clone()), socket.mate) {
            (_, Some(mate)) => Some(mate),
            (Some(to), None) => self.network.find(Protocol::Datagram, &to),
            (None, None) => return Err(Error::from_errno(errno::DESTINATION_REQUIRED)),
        };
        if receiver.is_none() && from.as_unix().is_some() {
            return Err(Error::from_errno(errno::CONNECTION_REFUSED));
        }
        if bytes.is_empty() && self.flaw == Some(Flaw::EmptyDatagramUnsent) {
            return Ok(Output::Transferred(0));
        }
        if let Some(receiver) = receiver
            && let Some(resource) = self.resources.get_mut(receiver)
            && let Body::Datagram(socket) = &mut resource.body
            && socket.peer.as_ref().is_none_or(|peer| *peer == from)
            && socket.inbox.len() < INBOX_MAX
        {
            socket.inbox.push_back((bytes.to_vec(), from));
            self.touch(receiver);
        }
        Ok(Output::Transferred(bytes.len()))
    }

    pub(super) fn try_peek_from(&self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)> {
        let resource = self.live(key)?;
        self.check_attempt(resource, buf)?;
        let Body::Datagram(socket) = &resource.body else {
            return Err(ErrorKind::InvalidInput.into());
        };
        let (bytes, from) = socket.inbox.front().ok_or(ErrorKind::WouldBlock)?;
        let count = bytes.len().min(buf.len());
        buf[..count].copy_from_slice(&bytes[..count]);
        Ok((count, from.clone()))
    }

    pub(super) fn try_recv_from(&mut self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)> {
        self.check_attempt(self.live(key)?, buf)?;
        match self.read_datagram(key, buf)? {
            Some((count, from)) => Ok((count, from)),
            None => Err(ErrorKind::WouldBlock.into()),
        }
    }

    pub(super) fn try_send_to(&mut self, key: Key, bytes: &[u8], to: &Address) -> Result<usize> {
        let resource = self.live(key)?;
        if !matches!(resource.body, Body::Datagram(_)) {
            return Err(ErrorKind::InvalidInput.into());
        }
        if self.outward_waits(resource) {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.send_datagram(key, Some(to.clone()), bytes)?;
        self.settle();
        Ok(bytes.len())
    }
}
