//! What a signal does now, as the kernel tells it (proc_pid_status(5): SigIgn, SigCgt).

use super::Disposition;
use crate::signal::SignalKind;

pub(crate) fn of(kind: SignalKind) -> Disposition {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let is_in = |field: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let mask = line.and_then(|mask| u128::from_str_radix(mask.trim(), 16).ok());
        // Bit zero is signal one.
        mask.is_some_and(|mask| mask >> (kind.as_raw() - 1) & 1 == 1)
    };
    if is_in("SigIgn:") {
        Disposition::Ignored
    } else if is_in("SigCgt:") {
        Disposition::Handled
    } else {
        Disposition::Default
    }
}
