use std::fmt;

use polyloop_core::{Error, ErrorKind, Result};
use signal_hook::consts;

/// Which signal.
///
/// To handle ([`Loop::add_signal_handler`](crate::Loop::add_signal_handler), [`signals`]) and to
/// send to child processes.
///
/// [`signals`]: crate::signal::signals
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignalKind(i32);

impl SignalKind {
    /// A timer's (SIGALRM).
    pub const ALARM: SignalKind = SignalKind(consts::SIGALRM);
    /// A child process has ended or stopped (SIGCHLD).
    pub const CHILD: SignalKind = SignalKind(consts::SIGCHLD);
    /// Goes on after a stop (SIGCONT).
    pub const CONTINUE: SignalKind = SignalKind(consts::SIGCONT);
    /// The terminal is gone, or a daemon is to read its configuration again (SIGHUP).
    pub const HANGUP: SignalKind = SignalKind(consts::SIGHUP);
    /// Ctrl-C (SIGINT).
    pub const INTERRUPT: SignalKind = SignalKind(consts::SIGINT);
    /// Ends a process, and cannot be handled (SIGKILL).
    pub const KILL: SignalKind = SignalKind(consts::SIGKILL);
    /// A write to a pipe without readers (SIGPIPE); Rust programs ignore it.
    pub const PIPE: SignalKind = SignalKind(consts::SIGPIPE);
    /// Ctrl-\ (SIGQUIT).
    pub const QUIT: SignalKind = SignalKind(consts::SIGQUIT);
    /// Stops a process, and cannot be handled (SIGSTOP).
    pub const STOP: SignalKind = SignalKind(consts::SIGSTOP);
    /// Asks a process to end (SIGTERM).
    pub const TERMINATE: SignalKind = SignalKind(consts::SIGTERM);
    /// Whatever the program likes (SIGUSR1).
    pub const USER_DEFINED_1: SignalKind = SignalKind(consts::SIGUSR1);
    /// Whatever the program likes (SIGUSR2).
    pub const USER_DEFINED_2: SignalKind = SignalKind(consts::SIGUSR2);
    /// The terminal's window has another size (SIGWINCH).
    pub const WINDOW_CHANGE: SignalKind = SignalKind(consts::SIGWINCH);

    /// Names a signal by the system's number, which may be one that no signal has.
    pub const fn from_raw(number: i32) -> SignalKind {
        SignalKind(number)
    }

    /// Gives the system's number.
    pub const fn as_raw(self) -> i32 {
        self.0
    }

    /// Fails for what cannot be handled, and for what must not be.
    pub(crate) fn check_can_be_handled(self) -> Result<()> {
        let why = match self.0 {
            consts::SIGKILL | consts::SIGSTOP => "(the system lets nobody handle it)",
            number if consts::FORBIDDEN.contains(&number) => {
                "(what raised it would be raised again for ever)"
            }
            ..1 | NUMBERS_END.. => "(there is no such signal)",
            _ => return Ok(()),
        };
        Err(Error::new(ErrorKind::InvalidInput).attempting(format_args!("handle {self} {why}")))
    }
}

impl fmt::Display for SignalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match signal_hook::low_level::signal_name(self.0) {
            Some(name) => f.write_str(name),
            None => write!(f, "signal {}", self.0),
        }
    }
}

impl fmt::Debug for SignalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignalKind({self})")
    }
}

/// One above the highest number of a signal: no system has more, nor does signal-hook take it.
pub(crate) const NUMBERS_END: i32 = 128;
