//! The one unsafe operation of this crate.
#![allow(unsafe_code)]

use std::io;

use polling::{Event, PollMode, Poller};
use polyloop_core::OsHandle;

use super::source;

/// Begins to watch a handle.
pub(crate) fn register(
    poller: &Poller,
    handle: &OsHandle,
    event: Event,
    mode: PollMode,
) -> io::Result<()> {
    let source = source(handle)?;
    // SAFETY: polling asks that the source be deleted before it is dropped. The only caller is the
    // `Selector` of a `PollingLoop`, which safe code elsewhere can neither make nor reach. That
    // loop owns every handle that it registers and lends none of them out. A handle leaves it
    // by `Engine::end_resource` (close and detach) or by `Drop` of the engine (closing or
    // dropping the loop, unwinding included), and both deregister first. A file's handle is
    // shared with threads, but files are never registered. The one exception is a forked child,
    // where loop, poller and handles are leaked together, so nothing is dropped. If `delete`
    // fails, the poller did not hold the source. An `add` that fails may leave the source with
    // the poller all the same (on Windows polling 3.11 notes it before it asks the kernel,
    // `iocp/mod.rs`), and the loop takes it for not registered: it is deleted right here.
    let added = unsafe { poller.add_with_mode(&source, event, mode) };
    if added.is_err() {
        // This fails where the poller does not hold the source, which is what is wanted.
        let _ = poller.delete(source);
    }
    added
}
