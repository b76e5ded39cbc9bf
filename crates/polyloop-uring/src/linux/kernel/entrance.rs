use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use io_uring::{EnterFlags, IoUring};

/// The way into the kernel: the ring's place in the thread's table of rings, or its descriptor.
///
/// A registered ring is not looked up in the descriptors of the process at each entering. The
/// registration holds the ring, so that it has to be given up before the ring is closed.
pub(super) struct Entrance {
    fd: RawFd,
    registered: Option<u32>,
}

/// Whether entering the kernel waits for a completion.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wait {
    /// It does not.
    No,
    /// At most that long; without end for nothing.
    Upto(Option<Duration>),
}

/// How entering the kernel ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Entered {
    /// What was to be submitted is.
    Done,
    /// The kernel wants completions to be reaped, or has no memory: some entries wait.
    Busy,
}

/// What a submission and a wait are about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entering {
    /// Entries to submit.
    pub(super) entries: u32,
    /// Completions to wait for; with none it does not wait.
    pub(super) completions: u32,
    /// What has completed is to be processed, also without a wait.
    pub(super) reaps: bool,
    pub(super) timeout: Option<Duration>,
}

impl Entrance {
    /// Enters by the descriptor.
    pub(super) fn of(ring: &IoUring) -> Entrance {
        Entrance { fd: ring.as_raw_fd(), registered: None }
    }

    /// Registers the ring with the thread; tells whether the kernel has taken that. It has room
    /// for 16 rings of a thread (IO_RINGFD_REG_MAX).
    pub(super) fn register(&mut self) -> bool {
        let mut update = Update { offset: u32::MAX, reserved: 0, data: self.fd as u64 };
        let done = self.update(REGISTER_RING_FDS, &mut update);
        self.registered = done.then_some(update.offset);
        done
    }

    /// Gives the registration up.
    pub(super) fn unregister(&mut self) {
        if let Some(offset) = self.registered.take() {
            // It fails where somebody has taken the descriptor away; the thread's end gives the
            // registration up then.
            let _ = self.update(UNREGISTER_RING_FDS, &mut Update { offset, reserved: 0, data: 0 });
        }
    }

    /// Enters the kernel.
    ///
    /// # Safety
    ///
    /// What the entries of the submission queue name stays valid until their completions have been
    /// read.
    pub(super) unsafe fn enter(&self, entering: Entering) -> io::Result<()> {
        let mut flags = EnterFlags::empty();
        flags.set(EnterFlags::GETEVENTS, entering.completions > 0 || entering.reaps);
        flags.set(EnterFlags::REGISTERED_RING, self.registered.is_some());
        let until;
        let argument;
        let (address, size) = match entering.timeout {
            Some(timeout) => {
                let seconds = i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX);
                until = Timespec { seconds, nanoseconds: timeout.subsec_nanos().into() };
                let until = std::ptr::from_ref(&until).expose_provenance() as u64;
                argument = Argument { signals: 0, signals_size: 0, reserved: 0, until };
                flags.insert(EnterFlags::EXT_ARG);
                (std::ptr::from_ref(&argument), size_of::<Argument>())
            }
            None => (std::ptr::null(), 0),
        };
        let fd = self.registered.map_or(self.fd, u32::cast_signed);
        // SAFETY: the argument and the time that it names live until the call returns, and have the
        // kernel's layout; for the entries the caller promises.
        let entered = unsafe {
            libc::syscall(
                libc::SYS_io_uring_enter,
                fd,
                entering.entries,
                entering.completions,
                flags.bits(),
                address,
                size,
            )
        };
        if entered < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    fn update(&self, what: libc::c_uint, update: &mut Update) -> bool {
        // SAFETY: the kernel reads and writes one update, which has its layout and outlives the
        // call; the call touches nothing else of this process.
        let done = unsafe {
            libc::syscall(libc::SYS_io_uring_register, self.fd, what, std::ptr::from_mut(update), 1)
        };
        done == 1
    }
}

/// `struct io_uring_rsrc_update`.
#[repr(C)]
struct Update {
    offset: u32,
    reserved: u32,
    data: u64,
}

/// `struct io_uring_getevents_arg`.
#[repr(C)]
struct Argument {
    signals: u64,
    signals_size: u32,
    reserved: u32,
    until: u64,
}

/// `struct __kernel_timespec`.
#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

/// IORING_REGISTER_RING_FDS, of Linux 5.18.
const REGISTER_RING_FDS: libc::c_uint = 20;

/// IORING_UNREGISTER_RING_FDS.
const UNREGISTER_RING_FDS: libc::c_uint = 21;
