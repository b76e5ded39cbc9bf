use std::io;
use std::time::{Duration, Instant};

use io_uring::IoUring;
use polyloop_core::{Error, ErrorKind, Result, limits};

/// How a ring was, or shall be, made.
///
/// [`UringLoop::new`](crate::linux::UringLoop::new) begins at the best step and goes down by itself;
/// tests and the curious begin lower.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Setup {
    /// The flags of the ring.
    pub step: Step,
    /// Entries of the submission queue: one at least, at most 32,768, fewer than asked for if
    /// memory is short.
    pub entries: u32,
    /// Whether multishot receives get their buffers from a provided buffer ring. Without it they
    /// poll, and the reader receives directly.
    pub buffer_ring: bool,
    /// Whether accepting and polling use one multishot entry instead of many entries.
    pub multishot: bool,
    /// Whether the kernel is asked for the exit of a process, if it knows how. Without it the loop
    /// polls the descriptor of the process.
    pub await_exit: bool,
    /// Whether the ring is registered with its thread, so that entering the kernel need not look its
    /// descriptor up (Linux 5.18; a thread has room for 16).
    pub registered_ring: bool,
}

/// Which flags a ring is made with, from the best to what every kernel takes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Step {
    /// Completions are processed only where the loop waits, and the ring has no index array
    /// (SINGLE_ISSUER, DEFER_TASKRUN, TASKRUN_FLAG, NO_SQARRAY; Linux 6.6).
    Deferred,
    /// The same with the index array (Linux 6.1).
    DeferredWithArray,
    /// Completions are processed at the loop's own system calls (COOP_TASKRUN, TASKRUN_FLAG;
    /// Linux 5.19).
    Cooperative,
    /// Completions interrupt the loop's thread.
    Plain,
}

impl Step {
    const ALL: [Step; 4] =
        [Step::Deferred, Step::DeferredWithArray, Step::Cooperative, Step::Plain];
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            step: Step::Deferred,
            entries: limits::RING_ENTRIES,
            buffer_ring: true,
            multishot: true,
            await_exit: true,
            registered_ring: true,
        }
    }
}

impl Setup {
    /// Makes a setup that begins at a step and is the default otherwise.
    pub fn at(step: Step) -> Setup {
        Setup { step, ..Setup::default() }
    }

    /// Makes a real ring, at this step or the first below it that the kernel takes, and writes
    /// down which.
    pub(super) fn build(&mut self) -> Result<IoUring> {
        self.entries = self.entries.clamp(1, ENTRIES_MAX);
        let retry_until = Instant::now() + MEMORY_RETRY;
        loop {
            match self.build_any_step() {
                // Rings are freed asynchronously: what was dropped a moment ago still counts
                // against RLIMIT_MEMLOCK.
                Err(error) if is_memory(&error) && Instant::now() < retry_until => {
                    std::thread::sleep(MEMORY_PAUSE);
                }
                Err(error) if is_memory(&error) && self.entries > ENTRIES_MIN => {
                    self.entries /= 2;
                }
                Err(error) => return Err(refusal(error)),
                Ok(ring) => return require_features(ring),
            }
        }
    }

    fn build_any_step(&mut self) -> io::Result<IoUring> {
        let mut last = io::Error::from_raw_os_error(libc::EINVAL);
        for step in Step::ALL.into_iter().filter(|step| *step >= self.step) {
            match build_step(step, self.entries) {
                Ok(ring) => {
                    self.step = step;
                    return Ok(ring);
                }
                Err(error) if error.raw_os_error() == Some(libc::EINVAL) => last = error,
                Err(error) => return Err(error),
            }
        }
        // SUBMIT_ALL is of Linux 5.18: the last resort does without.
        match IoUring::builder()
            .setup_clamp()
            .setup_cqsize(completions(self.entries))
            .build(self.entries)
        {
            Ok(ring) => {
                self.step = Step::Plain;
                Ok(ring)
            }
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => Err(last),
            Err(error) => Err(error),
        }
    }
}

fn build_step(step: Step, entries: u32) -> io::Result<IoUring> {
    let mut builder = IoUring::builder();
    builder.setup_clamp().setup_submit_all().setup_cqsize(completions(entries));
    match step {
        Step::Deferred | Step::DeferredWithArray => {
            builder.setup_r_disabled().setup_single_issuer();
            builder.setup_defer_taskrun().setup_taskrun_flag();
            if step == Step::Deferred {
                builder.setup_no_sqarray();
            }
        }
        Step::Cooperative => {
            builder.setup_coop_taskrun().setup_taskrun_flag();
        }
        Step::Plain => {}
    }
    let ring = builder.build(entries)?;
    if step <= Step::DeferredWithArray {
        // The thread that enables the ring is the one that may submit to it.
        ring.submitter().register_enable_rings()?;
    }
    Ok(ring)
}

/// The standard ratio, also for a smaller ring.
fn completions(entries: u32) -> u32 {
    entries * (limits::RING_COMPLETIONS / limits::RING_ENTRIES)
}

fn require_features(ring: IoUring) -> Result<IoUring> {
    let params = ring.params();
    if params.is_feature_ext_arg() && params.is_feature_nodrop() {
        return Ok(ring);
    }
    Err(Error::new(ErrorKind::Refused).attempting("io-uring: the kernel is older than Linux 5.11"))
}

fn is_memory(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ENOMEM)
}

/// Says why there is no ring; what may pass keeps its errno.
fn refusal(error: io::Error) -> Error {
    let what = match error.raw_os_error() {
        Some(libc::ENOSYS) => {
            "io-uring: this kernel, or the sandbox around it, lacks io_uring (ENOSYS)".to_owned()
        }
        Some(libc::EPERM | libc::EACCES) => {
            let switch = std::fs::read_to_string("/proc/sys/kernel/io_uring_disabled");
            match switch.as_deref().map(str::trim) {
                Ok(value @ ("1" | "2")) => {
                    format!("io-uring: forbidden (EPERM): kernel.io_uring_disabled is {value}")
                }
                _ => "io-uring: forbidden (EPERM), by seccomp or another sandbox".to_owned(),
            }
        }
        Some(libc::EINVAL) => "io-uring: the kernel takes none of the rings asked for".to_owned(),
        _ => return Error::from(error).attempting("io-uring: set up a ring"),
    };
    Error::new(ErrorKind::Refused).attempting(what)
}

/// How long a ring that finds no memory is tried again; a dropped ring's was back within 10 ms.
const MEMORY_RETRY: Duration = Duration::from_millis(60);

const MEMORY_PAUSE: Duration = Duration::from_millis(2);

/// The kernel's IORING_MAX_ENTRIES; its maximum of completions is twice that, to which it clamps.
const ENTRIES_MAX: u32 = 1 << 15;

/// A ring smaller than this is not worth having.
const ENTRIES_MIN: u32 = 16;
