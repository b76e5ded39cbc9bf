//! What a reader has to know about the machine; nothing by which it could be found.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::report::Machine;

/// Looks at the machine.
pub(crate) fn facts() -> Machine {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory_kib: u64 = field(&memory, "MemTotal")
        .and_then(|total| total.split(' ').next()?.parse().ok())
        .unwrap_or_default();
    Machine {
        kernel: format!("Linux {}", version_of(rustix::system::uname().release())),
        cpu: field(&cpus, "model name").unwrap_or("unknown").to_owned(),
        cores: std::thread::available_parallelism().map_or(1, usize::from).max(processors(&cpus)),
        memory_mib: memory_kib / 1024,
        virtual_machine: field(&cpus, "flags")
            .is_some_and(|flags| flags.split(' ').any(|flag| flag == "hypervisor")),
    }
}

/// Keeps the numbers of a release, and leaves out what the builder called it.
fn version_of(release: &std::ffi::CStr) -> String {
    let release = release.to_string_lossy();
    let end = release.find(|c: char| c != '.' && !c.is_ascii_digit());
    release[..end.unwrap_or(release.len())].trim_end_matches('.').to_owned()
}

fn processors(cpuinfo: &str) -> usize {
    let lines = cpuinfo.lines().filter(|line| line.starts_with("processor"));
    lines.collect::<BTreeSet<_>>().len()
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim())
}

/// Says how busy the machine is, if it is: with more than half a processor's work.
pub(crate) fn busy() -> Option<String> {
    let load = std::fs::read_to_string("/proc/loadavg").ok()?;
    busy_by(load.split(' ').next()?.parse().ok()?)
}

fn busy_by(load: f64) -> Option<String> {
    (load > 0.5).then(|| {
        format!(
            "The machine was busy with other work when the run began (load {load:.1}): rates and latencies say \
             little, processor time less than usual, counts and bytes as much as ever."
        )
    })
}

/// Gives the day, by universal time.
pub(crate) fn today() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (year, month, day) = civil(since.as_secs() / 86_400);
    format!("{year}-{month:02}-{day:02}")
}

/// Turns days since 1970 into a date, by counting eras of 400 years that begin in March.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests;
