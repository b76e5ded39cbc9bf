use std::collections::VecDeque;
use std::io;
use std::mem::ManuallyDrop;
use std::num::NonZeroU32;
use std::os::fd::{FromRawFd, OwnedFd};
use std::rc::Rc;

use io_uring::squeue::Entry;
use io_uring::{IoUring, Probe, opcode, squeue};
use polyloop_core::{Chunk, Key, OpId, OsHandle, Result, Slab, SlabKey};

use super::buffer_ring::BufferRing;
use super::completed::Completed;
use super::encode::{Request, encode, encode_bare, raw_fd};
use super::entrance::{Entered, Entering, Entrance, Wait};
use super::held::{Flying, Held};
use super::soon_sends::SoonSends;
use super::spares::Spares;
use super::{Setup, Submitted};
use crate::linux::own_request::OwnRequest;
use crate::linux::record::{Owner, Record};

/// The ring with everything that must live as long as the kernel uses it.
///
/// `in_flight` counts the entries that were started and have not landed, `selecting` those among
/// them that take provided buffers. `backlog` holds, in order, entries that found the
/// submission queue full; while there is one, nothing is pushed past it.
pub(crate) struct Kernel {
    pub(super) ring: ManuallyDrop<IoUring>,
    entrance: Entrance,
    pub(super) buffers: ManuallyDrop<Option<BufferRing>>,
    setup: Setup,
    backlog: VecDeque<Entry>,
    pub(crate) spares: Spares,
    pub(crate) sends: SoonSends,
    submitted: Submitted,
    pub(super) in_flight: usize,
    selecting: usize,
    /// Flags of writes to pipes: that a closed peer is no signal, unless the kernel refuses it.
    pipe_flags: i32,
    /// Flags of cancels: that success is not told, where the kernel can do that.
    cancel_flags: squeue::Flags,
    is_foreign: bool,
}

/// A completion, read from the ring.
pub(crate) struct Landed {
    pub(crate) id: OpId,
    /// Whose it is.
    pub(crate) owner: Owner,
    pub(crate) key: Option<Key>,
    /// What the kernel answered: a number, or an errno.
    pub(crate) result: Result<u32, i32>,
    /// The entry goes on.
    pub(crate) more: bool,
    /// The provided buffer that was filled.
    pub(crate) chunk: Option<Chunk>,
    /// The descriptor that was made.
    pub(crate) descriptor: Option<OwnedFd>,
}

impl Kernel {
    /// Makes a ring, by the setup's step or below, and notes in it what was taken.
    pub(crate) fn new(mut setup: Setup) -> Result<Kernel> {
        let ring = setup.build()?;
        let mut entrance = Entrance::of(&ring);
        setup.registered_ring = setup.registered_ring && entrance.register();
        let skips = ring.params().is_feature_skip_cqe_on_success();
        let mut kernel = Kernel {
            ring: ManuallyDrop::new(ring),
            entrance,
            cancel_flags: if skips { squeue::Flags::SKIP_SUCCESS } else { squeue::Flags::empty() },
            buffers: ManuallyDrop::new(None),
            setup,
            backlog: VecDeque::new(),
            spares: Spares::default(),
            sends: SoonSends::default(),
            submitted: Submitted::new(),
            in_flight: 0,
            selecting: 0,
            pipe_flags: RWF_NOSIGNAL,
            is_foreign: false,
        };
        if skips && kernel.probe().is_supported(opcode::SendMsgZc::CODE) {
            kernel.sends.allow_silence();
        }
        Ok(kernel)
    }

    /// Asks something of the kernel for what `held` holds; the answer lands under `id`.
    ///
    /// # Errors
    ///
    /// If the kernel cannot be asked that; nothing was started then.
    pub(crate) fn start(
        &mut self,
        id: OpId,
        held: &mut Held,
        handle: Option<&Rc<OsHandle>>,
        request: Request,
    ) -> Result<()> {
        let inner = held.inner_mut();
        let gives_descriptor = match request {
            Request::Accept { .. } => true,
            Request::Op { .. } => inner.work.as_ref().is_some_and(|it| it.is_open()),
            Request::ReceiveMulti | Request::Poll { .. } | Request::HangUp => false,
            Request::ReadPiece { .. } | Request::SendPiece { .. } => false,
        };
        inner.handle = handle.cloned();
        if matches!(request, Request::ReadPiece { .. })
            && let Some(work) = inner.work.as_mut().filter(|work| work.piece.is_none())
        {
            work.piece = self.spares.take_piece();
        }
        let spares = &mut self.spares;
        let entry = encode(inner, request, self.pipe_flags, || spares.take_message())?;
        let generation = NonZeroU32::new(id.generation()).expect("a slab mints no zero");
        held.take_off(Flying { generation, gives_descriptor });
        self.in_flight += 1;
        // SAFETY: the entry's addresses and descriptor are of what `held` holds, and `held` has
        // taken off: it keeps or leaks all of it until this entry has landed.
        unsafe { self.push(entry.user_data(id.to_bits())) };
        Ok(())
    }

    /// Asks something of the kernel that names nothing but a handle, which its owner keeps until the
    /// answer has landed under `id`.
    ///
    /// # Errors
    ///
    /// If the kernel cannot be asked that.
    pub(crate) fn ask(&mut self, id: OpId, handle: &OsHandle, request: Request) -> Result<()> {
        let entry = encode_bare(raw_fd(handle)?, request)?;
        self.in_flight += 1;
        self.selecting += usize::from(request == Request::ReceiveMulti);
        // SAFETY: the entry names no memory but the published chunks, which are kept or leaked while
        // `selecting` counts it.
        unsafe { self.push(entry.user_data(id.to_bits())) };
        Ok(())
    }

    /// Asks the kernel to end what was started under `id`.
    pub(crate) fn cancel(&mut self, id: OpId) {
        let entry = opcode::AsyncCancel::new(id.to_bits()).build().user_data(UNANSWERED);
        let entry = entry.flags(self.cancel_flags);
        // SAFETY: the entry names neither memory nor a descriptor.
        unsafe { self.push(entry) };
    }

    /// Begins a send of the loop's own; does nothing if it has begun.
    #[inline]
    pub(crate) fn send_soon(&mut self, id: OpId, may_be_silent: bool) {
        let Some(entry) = self.sends.take_off(id, may_be_silent) else { return };
        self.in_flight += 1;
        // SAFETY: the entry's memory is of a send that has taken off: the table of them keeps or leaks it
        // until this has landed or `next_gone` has found it gone.
        unsafe { self.push(entry) };
    }

    /// Reads the next completion.
    #[inline]
    pub(crate) fn read(&mut self) -> Option<Completed> {
        self.ring.completion().next().map(|entry| Completed::of(&entry))
    }

    /// Notes that what was started has landed, or goes on; gives nothing if nobody waits for it.
    pub(crate) fn land(
        &mut self,
        completed: Completed,
        records: &mut Slab<OpId, Record>,
    ) -> Option<Landed> {
        let chunk = self.take_chunk(completed);
        let id = completed.id;
        if id.to_bits() == UNANSWERED {
            return None;
        }
        let (result, more) = (completed.result(), completed.goes_on());
        if let Some((own, key)) = OwnRequest::named(id) {
            self.in_flight -= usize::from(!more);
            self.selecting -= usize::from(!more && own == OwnRequest::Receive);
            let owner = Owner::of(own);
            return Some(Landed {
                id,
                owner,
                key: Some(key),
                result,
                more,
                chunk,
                descriptor: None,
            });
        }
        let Some(record) = records.get_mut(id) else {
            debug_assert!(false, "a completion of nothing");
            return None;
        };
        let (owner, key) = (record.owner, record.key);
        let flying = record.held.flying()?;
        if !more {
            record.held.land(id);
            self.in_flight -= 1;
        }
        let descriptor = result.ok().filter(|_| flying.gives_descriptor).map(|number| {
            // SAFETY: the kernel has just made this descriptor for this entry, and tells it
            // only here.
            unsafe { OwnedFd::from_raw_fd(number as i32) }
        });
        Some(Landed { id, owner, key, result, more, chunk, descriptor })
    }

    /// Submits what was pushed, processes what has completed, and perhaps waits.
    ///
    /// A wait may end early: the caller looks at the clock.
    ///
    /// # Errors
    ///
    /// What the kernel answered, if that will not pass.
    pub(crate) fn enter(&mut self, wait: Wait) -> io::Result<Entered> {
        let entered = self.enter_until_taken(wait);
        if self.sends.is_unsettled() && !self.has_unsubmitted() {
            self.sends.note_taken();
        }
        entered
    }

    fn enter_until_taken(&mut self, mut wait: Wait) -> io::Result<Entered> {
        loop {
            self.drain_backlog();
            let queue = self.ring.submission();
            let idle = queue.is_empty() && !queue.taskrun() && !queue.cq_overflow();
            drop(queue);
            if idle && matches!(wait, Wait::No) {
                return Ok(Entered::Done);
            }
            if !self.backlog.is_empty() {
                wait = Wait::No;
            }
            self.submitted.count_enter();
            match self.enter_once(wait) {
                Ok(()) => {}
                Err(error) => match error.raw_os_error() {
                    Some(libc::ETIME | libc::EINTR) => return Ok(Entered::Done),
                    // EBUSY: completions overflowed. EAGAIN: no memory for a request now.
                    Some(libc::EBUSY | libc::EAGAIN) => return Ok(Entered::Busy),
                    _ => return Err(error),
                },
            }
            if self.backlog.is_empty() && self.ring.submission().is_empty() {
                return Ok(Entered::Done);
            }
            wait = Wait::No;
        }
    }

    fn enter_once(&mut self, wait: Wait) -> io::Result<()> {
        let (completions, timeout) = match wait {
            Wait::No => (0, None),
            Wait::Upto(timeout) => (1, timeout),
        };
        let queue = self.ring.submission();
        let entries = queue.len() as u32;
        // Deferred work is done only by who asks for completions.
        let reaps = queue.taskrun() || queue.cq_overflow();
        drop(queue);
        // SAFETY: entries come into the queue through `push`, whose caller has promised what is needed.
        unsafe { self.entrance.enter(Entering { entries, completions, reaps, timeout }) }
    }

    /// Tells whether a completion can be read without entering the kernel.
    pub(crate) fn has_completion(&mut self) -> bool {
        !self.ring.completion().is_empty()
    }

    /// Tells whether entering the kernel would bring completions at once.
    pub(crate) fn has_deferred(&mut self) -> bool {
        let queue = self.ring.submission();
        queue.taskrun() || queue.cq_overflow()
    }

    /// Tells whether entries wait for the kernel to be entered.
    pub(crate) fn has_unsubmitted(&mut self) -> bool {
        !self.backlog.is_empty() || !self.ring.submission().is_empty()
    }

    /// Tells how many entries were started and have not landed.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Asks which opcodes the kernel knows; of none if it does not even know the question.
    pub(crate) fn probe(&self) -> Probe {
        let mut probe = Probe::new();
        match self.ring.submitter().register_probe(&mut probe) {
            Ok(()) => probe,
            Err(_) => Probe::new(),
        }
    }

    /// Tells how the ring was made.
    pub(crate) fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Gives the counters of what was submitted.
    pub(crate) fn submitted(&self) -> &Submitted {
        &self.submitted
    }

    /// Notes that a write to a pipe was refused; tells whether it is worth another try without
    /// what this kernel may not know.
    pub(crate) fn refuse_pipe_flags(&mut self) -> bool {
        std::mem::take(&mut self.pipe_flags) != 0
    }

    /// Declares the ring another process's: dropping it then does nothing.
    pub(crate) fn disown(&mut self) {
        self.is_foreign = true;
    }

    /// Pushes an entry, behind the backlog if there is one.
    ///
    /// # Safety
    ///
    /// What the entry names stays valid until its completion without the *more* flag is read, or, of an entry
    /// that has none if all goes well, until the kernel has taken it and every completion has been read.
    #[inline]
    unsafe fn push(&mut self, entry: Entry) {
        self.submitted.count_entry(entry.get_opcode());
        // SAFETY: the caller promises what is needed.
        if !self.backlog.is_empty() || unsafe { self.ring.submission().push(&entry) }.is_err() {
            // SAFETY: as above.
            unsafe { self.push_behind(entry) };
        }
    }

    /// Pushes an entry that there was no room for.
    ///
    /// # Safety
    ///
    /// As for `push`.
    #[cold]
    unsafe fn push_behind(&mut self, entry: Entry) {
        if self.backlog.is_empty() {
            // A failure shows again when the loop next enters.
            self.submitted.count_enter();
            let _ = self.enter_once(Wait::No);
            // SAFETY: as above.
            if unsafe { self.ring.submission().push(&entry) }.is_ok() {
                return;
            }
        }
        self.backlog.push_back(entry);
    }

    fn drain_backlog(&mut self) {
        while let Some(entry) = self.backlog.front() {
            // SAFETY: entries come into the backlog through `push`, whose caller has promised
            // what is needed here.
            if unsafe { self.ring.submission().push(entry) }.is_err() {
                return;
            }
            self.backlog.pop_front();
        }
    }
}

impl Drop for Kernel {
    fn drop(&mut self) {
        if self.is_foreign {
            return;
        }
        if self.selecting == 0 {
            // SAFETY: the only drop of the field; no request takes provided buffers any more.
            unsafe { ManuallyDrop::drop(&mut self.buffers) };
        }
        // The registration would keep the ring for as long as the thread lives.
        self.entrance.unregister();
        // What is still in the kernel has been leaked by its holders, so the ring itself, whose
        // memory is the kernel's, can go.
        // SAFETY: the only drop of the field, at the end of its owner.
        unsafe { ManuallyDrop::drop(&mut self.ring) };
    }
}

/// The user data of entries whose completions nobody waits for: no id has it, because tables
/// are far smaller than its index.
const UNANSWERED: u64 = u64::MAX;

/// A write to a pipe without readers is an error and not SIGPIPE (Linux 6.18).
const RWF_NOSIGNAL: i32 = 0x100;
