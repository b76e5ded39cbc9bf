#![allow(unsafe_code, reason = "fork(2), which the standard library does not have")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use polyloop_core::EventLoop;

use super::ForkError;

/// How often the parent looks whether the child has ended.
const LOOK: Duration = Duration::from_millis(1);

/// Forks; the child drops its copy of the loop and ends, while the parent's stays as it is.
///
/// The child of a process with threads may do little: it drops one value, allocating at most
/// (which the C libraries of today keep working in a child), and ends without running anything
/// of the process. A child that does not end in time is killed, and that is the error.
pub(crate) fn drop_in_forked_child(
    events: &mut Box<dyn EventLoop>,
    patience: Duration,
) -> Result<(), ForkError> {
    // SAFETY: the child runs the drop below and then `_exit`, nothing else of this process.
    let child = unsafe { libc::fork() };
    if child < 0 {
        let error = std::io::Error::last_os_error();
        return Err(ForkError::Failed(format!("fork: {error}")));
    }
    if child == 0 {
        // SAFETY: this is the child's own copy, and `_exit` follows: nobody uses it again.
        let copy = unsafe { std::ptr::read(events) };
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(copy)));
        // SAFETY: it may be called at any time; it ends the child here.
        unsafe { libc::_exit(i32::from(dropped.is_err())) };
    }
    await_child(child, patience)
}

fn await_child(child: libc::pid_t, patience: Duration) -> Result<(), ForkError> {
    let expires = Instant::now() + patience;
    let mut status = 0;
    loop {
        // SAFETY: the status is a local integer that outlives the call.
        let ended = unsafe { libc::waitpid(child, &raw mut status, libc::WNOHANG) };
        if ended == child {
            break;
        }
        if Instant::now() >= expires {
            // SAFETY: the child has not been waited for, so its number is still its own.
            unsafe { libc::kill(child, libc::SIGKILL) };
            // SAFETY: as above, with the status outliving the call.
            unsafe { libc::waitpid(child, &raw mut status, 0) };
            return Err(ForkError::Failed(format!(
                "a forked child did not drop its loop within {patience:?}"
            )));
        }
        thread::sleep(LOOK);
    }
    if libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0 {
        return Ok(());
    }
    Err(ForkError::Failed(format!("a forked child that dropped its loop ended with {status:#x}")))
}
