use std::io;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Where server and load generator run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) server: usize,
    pub(crate) load: usize,
}

/// Chooses two processors that this process may use, of different cores where there are such.
pub(crate) fn pair() -> io::Result<Pair> {
    let allowed = sched_getaffinity(None)?;
    let allowed: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|cpu| allowed.is_set(*cpu)).collect();
    let server = *allowed.first().ok_or_else(|| io::Error::other("no processor to run on"))?;
    let siblings = siblings_of(server);
    let elsewhere = allowed.iter().find(|cpu| !siblings.contains(cpu));
    let load = elsewhere.or(allowed.last()).copied().unwrap_or(server);
    Ok(Pair { server, load })
}

/// Keeps this thread, and those that it starts from now on, on one processor.
pub(crate) fn pin(cpu: usize) -> io::Result<()> {
    let mut only = CpuSet::new();
    only.set(cpu);
    Ok(sched_setaffinity(None, &only)?)
}

/// Gives the processors that share a core with this one, itself among them.
fn siblings_of(cpu: usize) -> Vec<usize> {
    let path = format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
    let list = std::fs::read_to_string(path).unwrap_or_default();
    let mut siblings = numbers_in(list.trim());
    siblings.push(cpu);
    siblings
}

/// Reads the kernel's lists: `0,4` or `0-1,8`.
fn numbers_in(list: &str) -> Vec<usize> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.parse().ok()?..=last.parse().ok()?)
    };
    list.split(',').filter_map(range).flatten().collect()
}

#[cfg(test)]
mod tests;
