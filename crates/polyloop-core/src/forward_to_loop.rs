//! Loops around a loop.

/// Writes methods of [`EventLoop`](crate::EventLoop) that ask another loop: a loop around a loop has only
/// its own part to write.
///
/// It stands inside the `impl`. A method that has a default and is not named keeps it, so name all
/// but those that are written out.
///
/// # Examples
///
/// ```
/// use polyloop_core::{EventLoop, Op, Submission, Token, forward_to_loop};
///
/// struct Counting {
///     inner: Box<dyn EventLoop>,
///     submitted: u64,
/// }
///
/// impl EventLoop for Counting {
///     fn submit(&mut self, op: Op, token: Token) -> Submission {
///         self.submitted += 1;
///         self.inner.submit(op, token)
///     }
///
///     forward_to_loop!(this => this.inner;
///         cancel, turn, now, waker, capabilities, try_recv, try_recv_chunk, unread, try_send,
///         try_recv_from, try_send_to, try_peek, try_peek_from, try_recv_vectored,
///         try_send_handles, try_recv_handles, local_address, peer_address, set_option, option,
///         attach, census, prepare, next_deadline, guest_descriptor, guest_wait, close);
/// }
/// ```
#[macro_export]
macro_rules! forward_to_loop {
    ($this:ident => $inner:expr; $($method:ident),+ $(,)?) => {
        $($crate::forward_to_loop!(@ $method $this $inner);)+
    };
    (@ submit $this:ident $inner:expr) => {
        fn submit(&mut self, op: $crate::Op, token: $crate::Token) -> $crate::Submission {
            let $this = self;
            $inner.submit(op, token)
        }
    };
    (@ cancel $this:ident $inner:expr) => {
        fn cancel(&mut self, id: $crate::OpId) {
            let $this = self;
            $inner.cancel(id);
        }
    };
    (@ turn $this:ident $inner:expr) => {
        fn turn(&mut self, deadline: $crate::Time, batch: &mut $crate::Batch) -> $crate::Turned {
            let $this = self;
            $inner.turn(deadline, batch)
        }
    };
    (@ now $this:ident $inner:expr) => {
        fn now(&self) -> $crate::Time {
            let $this = self;
            $inner.now()
        }
    };
    (@ waker $this:ident $inner:expr) => {
        fn waker(&self) -> $crate::LoopWaker {
            let $this = self;
            $inner.waker()
        }
    };
    (@ capabilities $this:ident $inner:expr) => {
        fn capabilities(&self) -> &$crate::Capabilities {
            let $this = self;
            $inner.capabilities()
        }
    };
    (@ try_recv $this:ident $inner:expr) => {
        fn try_recv(&mut self, key: $crate::Key, buf: &mut [u8]) -> $crate::Result<usize> {
            let $this = self;
            $inner.try_recv(key, buf)
        }
    };
    (@ try_recv_chunk $this:ident $inner:expr) => {
        fn try_recv_chunk(
            &mut self,
            key: $crate::Key,
        ) -> $crate::Result<::std::option::Option<$crate::Chunk>> {
            let $this = self;
            $inner.try_recv_chunk(key)
        }
    };
    (@ unread $this:ident $inner:expr) => {
        fn unread(&mut self, key: $crate::Key, bytes: &[u8]) -> $crate::Result<()> {
            let $this = self;
            $inner.unread(key, bytes)
        }
    };
    (@ try_send $this:ident $inner:expr) => {
        fn try_send(
            &mut self,
            key: $crate::Key,
            bufs: &[::std::io::IoSlice<'_>],
        ) -> $crate::Result<usize> {
            let $this = self;
            $inner.try_send(key, bufs)
        }
    };
    (@ try_send_soon $this:ident $inner:expr) => {
        fn try_send_soon(
            &mut self,
            key: $crate::Key,
            bufs: &[::std::io::IoSlice<'_>],
        ) -> $crate::Result<usize> {
            let $this = self;
            $inner.try_send_soon(key, bufs)
        }
    };
    (@ try_recv_from $this:ident $inner:expr) => {
        fn try_recv_from(
            &mut self,
            key: $crate::Key,
            buf: &mut [u8],
        ) -> $crate::Result<(usize, $crate::Address)> {
            let $this = self;
            $inner.try_recv_from(key, buf)
        }
    };
    (@ try_send_to $this:ident $inner:expr) => {
        fn try_send_to(
            &mut self,
            key: $crate::Key,
            bufs: &[::std::io::IoSlice<'_>],
            address: &$crate::Address,
        ) -> $crate::Result<usize> {
            let $this = self;
            $inner.try_send_to(key, bufs, address)
        }
    };
    (@ try_peek $this:ident $inner:expr) => {
        fn try_peek(&mut self, key: $crate::Key, buf: &mut [u8]) -> $crate::Result<usize> {
            let $this = self;
            $inner.try_peek(key, buf)
        }
    };
    (@ try_peek_from $this:ident $inner:expr) => {
        fn try_peek_from(
            &mut self,
            key: $crate::Key,
            buf: &mut [u8],
        ) -> $crate::Result<(usize, $crate::Address)> {
            let $this = self;
            $inner.try_peek_from(key, buf)
        }
    };
    (@ try_recv_vectored $this:ident $inner:expr) => {
        fn try_recv_vectored(
            &mut self,
            key: $crate::Key,
            bufs: &mut [::std::io::IoSliceMut<'_>],
        ) -> $crate::Result<usize> {
            let $this = self;
            $inner.try_recv_vectored(key, bufs)
        }
    };
    (@ try_send_handles $this:ident $inner:expr) => {
        fn try_send_handles(
            &mut self,
            key: $crate::Key,
            bufs: &[::std::io::IoSlice<'_>],
            handles: &[::std::fs::File],
        ) -> $crate::Result<usize> {
            let $this = self;
            $inner.try_send_handles(key, bufs, handles)
        }
    };
    (@ try_recv_handles $this:ident $inner:expr) => {
        fn try_recv_handles(
            &mut self,
            key: $crate::Key,
            buf: &mut [u8],
            handles_max: usize,
        ) -> $crate::Result<$crate::ReceivedHandles> {
            let $this = self;
            $inner.try_recv_handles(key, buf, handles_max)
        }
    };
    (@ local_address $this:ident $inner:expr) => {
        fn local_address(&self, key: $crate::Key) -> $crate::Result<$crate::Address> {
            let $this = self;
            $inner.local_address(key)
        }
    };
    (@ peer_address $this:ident $inner:expr) => {
        fn peer_address(&self, key: $crate::Key) -> $crate::Result<$crate::Address> {
            let $this = self;
            $inner.peer_address(key)
        }
    };
    (@ set_option $this:ident $inner:expr) => {
        fn set_option(
            &mut self,
            key: $crate::Key,
            option: $crate::SocketOption,
        ) -> $crate::Result<()> {
            let $this = self;
            $inner.set_option(key, option)
        }
    };
    (@ option $this:ident $inner:expr) => {
        fn option(
            &self,
            key: $crate::Key,
            name: $crate::OptionName,
        ) -> $crate::Result<$crate::SocketOption> {
            let $this = self;
            $inner.option(key, name)
        }
    };
    (@ attach $this:ident $inner:expr) => {
        fn attach(
            &mut self,
            handle: $crate::OsHandle,
        ) -> $crate::Result<$crate::Key, $crate::Rejected<$crate::OsHandle>> {
            let $this = self;
            $inner.attach(handle)
        }
    };
    (@ census $this:ident $inner:expr) => {
        fn census(&mut self) -> $crate::Census {
            let $this = self;
            $inner.census()
        }
    };
    (@ prepare $this:ident $inner:expr) => {
        fn prepare(&mut self) {
            let $this = self;
            $inner.prepare();
        }
    };
    (@ next_deadline $this:ident $inner:expr) => {
        fn next_deadline(&self) -> $crate::Time {
            let $this = self;
            $inner.next_deadline()
        }
    };
    (@ guest_descriptor $this:ident $inner:expr) => {
        fn guest_descriptor(&mut self) -> $crate::Result<::std::sync::Arc<::std::fs::File>> {
            let $this = self;
            $inner.guest_descriptor()
        }
    };
    (@ guest_wait $this:ident $inner:expr) => {
        fn guest_wait(&mut self) -> $crate::Result<::std::sync::Arc<dyn $crate::GuestWait>> {
            let $this = self;
            $inner.guest_wait()
        }
    };
    (@ close $this:ident $inner:expr) => {
        fn close(&mut self, grace: ::std::time::Duration) -> $crate::Closed {
            let $this = self;
            $inner.close(grace)
        }
    };
}
