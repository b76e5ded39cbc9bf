//! An exit in the standard library's words.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use polyloop_core::Exit;

/// Gives the status by which wait(2) would tell an exit; every Unix encodes it alike.
pub(super) fn status_of(exit: Exit) -> ExitStatus {
    match exit {
        Exit::Signal { number, dumped_core } => {
            ExitStatus::from_raw(number | if dumped_core { 0x80 } else { 0 })
        }
        exit => ExitStatus::from_raw((exit.code().unwrap_or(0) & 0xff) << 8),
    }
}

/// Gives asyncio's number: the code, or the signal's number, negative.
pub(super) fn returncode_of(exit: Exit) -> i32 {
    match exit {
        Exit::Signal { number, .. } => -number,
        exit => exit.code().unwrap_or(0),
    }
}

/// Gives the exit that a status tells.
pub(super) fn exit_of(status: ExitStatus) -> Exit {
    match status.signal() {
        Some(number) => Exit::Signal { number, dumped_core: status.core_dumped() },
        None => Exit::Code(status.code().unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exits_and_statuses_translate_both_ways() {
        let signal = |dumped_core| Exit::Signal { number: 11, dumped_core };
        for exit in [Exit::Code(0), Exit::Code(1), Exit::Code(255), signal(false), signal(true)] {
            let status = status_of(exit);
            assert_eq!(exit_of(status), exit);
            assert_eq!((status.code(), status.signal()), (exit.code(), exit.signal()));
        }
    }
}
