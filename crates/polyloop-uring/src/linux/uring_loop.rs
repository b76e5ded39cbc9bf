use std::collections::VecDeque;
use std::fs::File;
use std::io::{IoSlice, IoSliceMut};
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use io_uring::{Probe, opcode};
use polyloop_core::{
    Address, Batch, Capabilities, Census, Chunk, Closed, Completion, Error, ErrorKind, EventLoop,
    GuestWait, Key, LoopConfig, LoopWaker, Op, OpId, OpKind, OptionName, OsHandle, Pool,
    ReceivedHandles, Rejected, Result, Route, Slab, SocketOption, Submission, Time, Token, Turned,
    WakeGate, limits,
};
use polyloop_os::{Blocking, Clock, HandleKind};

use crate::linux::breakdown::refusal;
use crate::linux::fork_guard;
use crate::linux::kernel::{Kernel, Setup, Submitted};
use crate::linux::pauses::Pause;
use crate::linux::record::Record;
use crate::linux::resource::Resource;
use crate::linux::subscription::bounded;
use crate::linux::wake::{Bell, eventfd};

/// An event loop over io_uring.
///
/// Ops are batched: they reach the kernel with the next turn, all in one system call that also
/// waits. What an op owns stays in the loop until the kernel has given it back; what it has
/// not given back when the loop is dropped is leaked.
pub struct UringLoop {
    pub(crate) kernel: Kernel,
    /// Ops in flight: the caller's, and sends of the loop's own that did not go at once as a whole.
    pub(crate) records: Slab<OpId, Record>,
    pub(crate) subscriptions: u32,
    pub(crate) resources: Slab<Key, Resource>,
    /// Resources whose key is stale already.
    pub(crate) ending: usize,
    /// Ops of the caller's whose terminal completion has not been delivered.
    pub(crate) ops: usize,
    /// Completions that no batch has taken yet, in order.
    pub(crate) done: VecDeque<Completion>,
    pub(crate) pool: Pool,
    pub(crate) config: LoopConfig,
    pub(crate) capabilities: Capabilities,
    pub(crate) routes: Routes,
    pub(crate) clock: Clock,
    pub(crate) gate: WakeGate,
    /// What the ring polls for the waker.
    pub(crate) bell: Rc<OsHandle>,
    /// The lanes that pause, in the order of the ends of their pauses; also of stale keys.
    pub(crate) pauses: VecDeque<Pause>,
    /// Streams that have reached their cap of unread chunks since the kernel was last entered.
    pub(crate) full: Vec<Key>,
    /// Sends of the loop's own that have not begun, in order.
    pub(crate) gathered: Vec<OpId>,
    /// Sends of the loop's own that have not ended.
    pub(crate) own_sends: usize,
    /// What the kernel writes to at each completion, once a host has asked for it.
    pub(crate) guest: Arc<OnceLock<Arc<File>>>,
    /// A completion may have come from within the writing to an eventfd (see `guest`).
    pub(crate) bell_is_spent: bool,
    /// A mere descriptor was attached at some time.
    pub(crate) has_descriptors: bool,
    pub(crate) process: fork_guard::Owner,
    /// The same as long as the loop can be used, and nobody once it is closed or has lost its ring.
    pub(crate) user: fork_guard::Owner,
    pub(crate) is_closed: bool,
    /// The kernel has refused the ring itself, with this number: it is not entered again.
    pub(crate) broken: Option<i32>,
}

/// What is asked of the kernel natively; each goes to false for good when it refuses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Routes {
    pub(crate) receive_multi: bool,
    pub(crate) accept_multi: bool,
    pub(crate) poll_multi: bool,
    pub(crate) shutdown: bool,
    pub(crate) await_exit: bool,
    /// The kernel is known to take multishot entries (it has an opcode that came with them, or
    /// after): what it calls invalid then is the resource.
    pub(crate) is_modern: bool,
}

impl UringLoop {
    /// Makes a loop on this thread, with the best ring that the kernel gives.
    ///
    /// # Errors
    ///
    /// Of kind *refused* if io_uring cannot be used here, saying why; of kind *invalid input* for
    /// bounds that no loop can work within; otherwise what the operating system answered.
    pub fn new(config: &LoopConfig) -> Result<UringLoop> {
        UringLoop::with_setup(config, Setup::default())
    }

    /// Makes a loop on this thread, with a ring of this setup or the next one below that the
    /// kernel gives.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_setup(config: &LoopConfig, setup: Setup) -> Result<UringLoop> {
        config.validate()?;
        let kernel = Kernel::new(setup)?;
        let bell = eventfd()?;
        let watched = bell.try_clone()?;
        let guest = Arc::new(OnceLock::new());
        let process = fork_guard::Owner::this_process();
        let setup = kernel.setup();
        let probe = kernel.probe();
        let routes = Routes {
            receive_multi: setup.buffer_ring,
            accept_multi: setup.multishot,
            poll_multi: setup.multishot,
            shutdown: probe.is_supported(opcode::Shutdown::CODE),
            await_exit: setup.await_exit && probe.is_supported(opcode::WaitId::CODE),
            is_modern: probe.is_supported(opcode::SendZc::CODE),
        };
        let mut events = UringLoop {
            capabilities: capabilities(&routes, &probe),
            kernel,
            records: Slab::new(),
            subscriptions: 0,
            resources: Slab::new(),
            ending: 0,
            ops: 0,
            done: VecDeque::new(),
            pool: Pool::new(config.chunk_size, config.chunks_max),
            config: bounded(config),
            routes,
            clock: Clock::new(),
            gate: WakeGate::new(Box::new(Bell { ring: Arc::new(bell), guest: guest.clone() })),
            bell: Rc::new(OsHandle::Descriptor(watched)),
            pauses: VecDeque::new(),
            full: Vec::new(),
            gathered: Vec::new(),
            own_sends: 0,
            guest,
            bell_is_spent: false,
            has_descriptors: false,
            process,
            user: process,
            is_closed: false,
            broken: None,
        };
        events.watch_bell();
        Ok(events)
    }

    /// Counts the entries that were pushed to the ring, by opcode, and the system calls.
    pub fn submitted(&self) -> &Submitted {
        self.kernel.submitted()
    }

    /// Tells how the ring was made.
    pub fn setup(&self) -> &Setup {
        self.kernel.setup()
    }

    /// Tells whether nothing can be done: the loop is closed, has lost its ring, or belongs to the
    /// parent of this process.
    #[inline]
    pub(crate) fn is_gone(&self) -> bool {
        !self.user.is_here()
    }

    /// Says why nothing can be done, if so.
    #[inline]
    pub(crate) fn check_here(&self) -> Result<()> {
        if self.is_gone() { self.why_gone() } else { Ok(()) }
    }

    #[cold]
    fn why_gone(&self) -> Result<()> {
        match self.broken {
            Some(errno) if !self.is_closed && self.process.is_here() => Err(refusal(errno)),
            _ => Err(ErrorKind::LoopClosed.into()),
        }
    }

    /// Finds the resource of a key that the caller may still use.
    pub(crate) fn live(&self, key: Key) -> Result<&Resource> {
        self.check_here()?;
        match self.resources.get(key) {
            Some(resource) if resource.ending.is_empty() => Ok(resource),
            _ => Err(ErrorKind::StaleKey.into()),
        }
    }
}

impl EventLoop for UringLoop {
    fn submit(&mut self, op: Op, token: Token) -> Submission {
        self.submit_op(op, token)
    }

    fn cancel(&mut self, id: OpId) {
        if !self.is_gone() {
            self.cancel_op(id);
        }
    }

    fn turn(&mut self, deadline: Time, batch: &mut Batch) -> Turned {
        self.turn_until(deadline, batch)
    }

    fn now(&self) -> Time {
        self.clock.now()
    }

    fn waker(&self) -> LoopWaker {
        self.gate.waker()
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn try_recv(&mut self, key: Key, buf: &mut [u8]) -> Result<usize> {
        self.attempt_recv(key, buf)
    }

    fn try_recv_chunk(&mut self, key: Key) -> Result<Option<Chunk>> {
        self.attempt_recv_chunk(key)
    }

    fn unread(&mut self, key: Key, bytes: &[u8]) -> Result<()> {
        self.put_back(key, bytes)
    }

    fn try_send(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        self.attempt_send(key, bufs)
    }

    fn try_send_soon(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        self.attempt_send_soon(key, bufs)
    }

    fn try_recv_from(&mut self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)> {
        self.attempt_recv_from(key, buf)
    }

    fn try_send_to(&mut self, key: Key, bufs: &[IoSlice<'_>], address: &Address) -> Result<usize> {
        self.attempt_send_to(key, bufs, address)
    }

    fn try_peek(&mut self, key: Key, buf: &mut [u8]) -> Result<usize> {
        self.attempt_peek(key, buf)
    }

    fn try_peek_from(&mut self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)> {
        self.attempt_peek_from(key, buf)
    }

    fn try_recv_vectored(&mut self, key: Key, bufs: &mut [IoSliceMut<'_>]) -> Result<usize> {
        self.attempt_recv_vectored(key, bufs)
    }

    fn try_send_handles(
        &mut self,
        key: Key,
        bufs: &[IoSlice<'_>],
        handles: &[File],
    ) -> Result<usize> {
        self.attempt_send_handles(key, bufs, handles)
    }

    fn try_recv_handles(
        &mut self,
        key: Key,
        buf: &mut [u8],
        handles_max: usize,
    ) -> Result<ReceivedHandles> {
        self.attempt_recv_handles(key, buf, handles_max)
    }

    fn local_address(&self, key: Key) -> Result<Address> {
        polyloop_os::local_address(&self.live(key)?.handle)
    }

    fn peer_address(&self, key: Key) -> Result<Address> {
        polyloop_os::peer_address(&self.live(key)?.handle)
    }

    fn set_option(&mut self, key: Key, option: SocketOption) -> Result<()> {
        polyloop_os::set_option(&self.live(key)?.handle, option)
    }

    fn option(&self, key: Key, name: OptionName) -> Result<SocketOption> {
        polyloop_os::option(&self.live(key)?.handle, name)
    }

    fn attach(&mut self, handle: OsHandle) -> Result<Key, Rejected<OsHandle>> {
        let attachable = self.check_attachable(&handle);
        match attachable
            .and_then(|kind| Ok((kind, polyloop_os::set_blocking(&handle, Blocking::Yes)?)))
        {
            Ok((kind, restore)) => {
                self.has_descriptors |= kind == HandleKind::Descriptor;
                Ok(self.resources.insert(Resource::new(handle, kind, restore)))
            }
            Err(error) => Err(Rejected::new(error, handle)),
        }
    }

    fn census(&mut self) -> Census {
        let mut census = Census::default();
        census.resources = self.resources.len() - self.ending;
        census.ops = self.ops;
        census.chunks = self.pool.leased().saturating_sub(self.kernel.published());
        census
    }

    fn prepare(&mut self) {
        self.prepare_wait();
    }

    fn next_deadline(&self) -> Time {
        self.pause_end()
    }

    fn guest_descriptor(&mut self) -> Result<Arc<File>> {
        self.guest_bell()
    }

    fn guest_wait(&mut self) -> Result<Arc<dyn GuestWait>> {
        self.guest_waiter()
    }

    fn close(&mut self, grace: Duration) -> Closed {
        self.shut(grace)
    }
}

impl Drop for UringLoop {
    fn drop(&mut self) {
        if self.process.is_here() {
            self.shut(limits::DROP_GRACE);
            return;
        }
        // A forked child: all of this is the parent's, the ring's memory even shared with it.
        self.kernel.disown();
        std::mem::forget(std::mem::take(&mut self.records));
        std::mem::forget(std::mem::take(&mut self.kernel.sends));
        std::mem::forget(std::mem::take(&mut self.resources));
        std::mem::forget(std::mem::take(&mut self.done));
    }
}

impl std::fmt::Debug for UringLoop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UringLoop")
            .field("setup", self.kernel.setup())
            .field("resources", &self.resources.len())
            .field("ops", &self.ops)
            .field("in_kernel", &self.kernel.in_flight())
            .field("is_closed", &self.is_closed)
            .finish_non_exhaustive()
    }
}

/// What the kernel does natively if it knows the opcode; else the loop does it itself at once.
const BY_OPCODE: &[(OpKind, u8)] = &[
    (OpKind::Open, opcode::OpenAt::CODE),
    (OpKind::Truncate, opcode::Ftruncate::CODE),
    (OpKind::Stat, opcode::Statx::CODE),
    (OpKind::StatPath, opcode::Statx::CODE),
    (OpKind::Rename, opcode::RenameAt::CODE),
    (OpKind::Remove, opcode::UnlinkAt::CODE),
    (OpKind::MakeDirectory, opcode::MkDirAt::CODE),
    (OpKind::Link, opcode::LinkAt::CODE),
    (OpKind::Symlink, opcode::SymlinkAt::CODE),
];

fn capabilities(routes: &Routes, probe: &Probe) -> Capabilities {
    let native = |yes: bool| if yes { Route::Native } else { Route::Emulated };
    let immediate = |yes: bool| if yes { Route::Native } else { Route::Immediate };
    let mut capabilities = Capabilities::new("io-uring")
        .with(Route::Native, OpKind::ALL)
        .with(Route::Immediate, &[OpKind::Close, OpKind::Detach])
        .with(Route::Unsupported, &[OpKind::Extension])
        .with(native(routes.receive_multi), &[OpKind::RecvMulti])
        .with(native(routes.accept_multi), &[OpKind::AcceptMulti])
        .with(native(routes.poll_multi), &[OpKind::PollMulti])
        .with(native(routes.await_exit), &[OpKind::AwaitExit])
        .with(immediate(routes.shutdown), &[OpKind::Shutdown]);
    for (kind, opcode) in BY_OPCODE {
        capabilities.set_route(*kind, immediate(probe.is_supported(*opcode)));
    }
    capabilities.attach = true;
    capabilities.guest_descriptor = true;
    capabilities.receives_ahead = routes.receive_multi;
    capabilities
}

/// What is said of an op that was asked to end.
pub(crate) fn canceled(transferred: usize) -> Error {
    Error::new(ErrorKind::Canceled).after_transferring(transferred)
}
