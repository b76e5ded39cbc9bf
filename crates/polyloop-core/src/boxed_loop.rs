use std::fs::File;
use std::io::{IoSlice, IoSliceMut};
use std::sync::Arc;
use std::time::Duration;

use crate::{
    Address, Batch, Capabilities, Census, Chunk, Closed, EventLoop, GuestWait, Key, LoopWaker, Op,
    OpId, OptionName, OsHandle, ReceivedHandles, Rejected, Result, SocketOption, Submission, Time,
    Token, Turned,
};

/// A boxed loop is a loop.
impl<L: EventLoop + ?Sized> EventLoop for Box<L> {
    fn submit(&mut self, op: Op, token: Token) -> Submission {
        (**self).submit(op, token)
    }

    fn cancel(&mut self, id: OpId) {
        (**self).cancel(id);
    }

    fn turn(&mut self, deadline: Time, batch: &mut Batch) -> Turned {
        (**self).turn(deadline, batch)
    }

    fn now(&self) -> Time {
        (**self).now()
    }

    fn waker(&self) -> LoopWaker {
        (**self).waker()
    }

    fn capabilities(&self) -> &Capabilities {
        (**self).capabilities()
    }

    fn try_recv(&mut self, key: Key, buf: &mut [u8]) -> Result<usize> {
        (**self).try_recv(key, buf)
    }

    fn try_recv_chunk(&mut self, key: Key) -> Result<Option<Chunk>> {
        (**self).try_recv_chunk(key)
    }

    fn unread(&mut self, key: Key, bytes: &[u8]) -> Result<()> {
        (**self).unread(key, bytes)
    }

    fn try_send(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        (**self).try_send(key, bufs)
    }

    fn try_recv_from(&mut self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)> {
        (**self).try_recv_from(key, buf)
    }

    fn try_send_to(&mut self, key: Key, bufs: &[IoSlice<'_>], address: &Address) -> Result<usize> {
        (**self).try_send_to(key, bufs, address)
    }

    fn try_peek(&mut self, key: Key, buf: &mut [u8]) -> Result<usize> {
        (**self).try_peek(key, buf)
    }

    fn try_peek_from(&mut self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)> {
        (**self).try_peek_from(key, buf)
    }

    fn try_recv_vectored(&mut self, key: Key, bufs: &mut [IoSliceMut<'_>]) -> Result<usize> {
        (**self).try_recv_vectored(key, bufs)
    }

    fn try_send_handles(
        &mut self,
        key: Key,
        bufs: &[IoSlice<'_>],
        handles: &[File],
    ) -> Result<usize> {
        (**self).try_send_handles(key, bufs, handles)
    }

    fn try_recv_handles(
        &mut self,
        key: Key,
        buf: &mut [u8],
        handles_max: usize,
    ) -> Result<ReceivedHandles> {
        (**self).try_recv_handles(key, buf, handles_max)
    }

    fn local_address(&self, key: Key) -> Result<Address> {
        (**self).local_address(key)
    }

    fn peer_address(&self, key: Key) -> Result<Address> {
        (**self).peer_address(key)
    }

    fn set_option(&mut self, key: Key, option: SocketOption) -> Result<()> {
        (**self).set_option(key, option)
    }

    fn option(&self, key: Key, name: OptionName) -> Result<SocketOption> {
        (**self).option(key, name)
    }

    fn attach(&mut self, handle: OsHandle) -> Result<Key, Rejected<OsHandle>> {
        (**self).attach(handle)
    }

    fn census(&mut self) -> Census {
        (**self).census()
    }

    fn prepare(&mut self) {
        (**self).prepare();
    }

    fn next_deadline(&self) -> Time {
        (**self).next_deadline()
    }

    fn guest_descriptor(&mut self) -> Result<Arc<File>> {
        (**self).guest_descriptor()
    }

    fn guest_wait(&mut self) -> Result<Arc<dyn GuestWait>> {
        (**self).guest_wait()
    }

    fn close(&mut self, grace: Duration) -> Closed {
        (**self).close(grace)
    }
}
