use polyloop_core::{Error, Result};
use rustix::io::Errno;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Whether the system spreads connections over the sockets that share a port: Linux does since 3.9 (socket(7)).
pub(crate) const REUSE_PORT_BALANCES: bool = true;

/// Gives the processors that this thread may use.
pub(crate) fn allowed() -> Result<Vec<usize>> {
    let set = sched_getaffinity(None).map_err(|errno| {
        failed(errno).attempting("ask which processors a thread may use (sched_getaffinity)")
    })?;
    Ok((0..CpuSet::MAX_CPU).filter(|cpu| set.is_set(*cpu)).collect())
}

/// Has this thread run on one processor only.
pub(crate) fn pin_this_thread(cpu: usize) -> Result<()> {
    let mut set = CpuSet::new();
    set.set(cpu);
    sched_setaffinity(None, &set).map_err(|errno| {
        failed(errno).attempting(format_args!("pin a loop's thread to processor {cpu}"))
    })
}

fn failed(errno: Errno) -> Error {
    std::io::Error::from(errno).into()
}
