use std::fmt;

/// How a process ended, as its parent learns it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Exit {
    /// It ended itself, with this code: on Unix the low eight bits of what it gave.
    Code(i32),
    /// A signal ended it.
    Signal {
        /// The system's number of the signal.
        number: i32,
        /// The system wrote its memory to a file (or to what takes such files).
        dumped_core: bool,
    },
}

impl Exit {
    /// Tells whether it ended itself with code zero.
    pub const fn is_success(self) -> bool {
        matches!(self, Exit::Code(0))
    }

    /// Gives the code, if it ended itself.
    pub const fn code(self) -> Option<i32> {
        match self {
            Exit::Code(code) => Some(code),
            Exit::Signal { .. } => None,
        }
    }

    /// Gives the number of the signal that ended it, if one did.
    pub const fn signal(self) -> Option<i32> {
        match self {
            Exit::Code(_) => None,
            Exit::Signal { number, .. } => Some(number),
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Code(code) => write!(f, "exit code {code}"),
            Exit::Signal { number, dumped_core: false } => write!(f, "signal {number}"),
            Exit::Signal { number, dumped_core: true } => {
                write!(f, "signal {number} (core dumped)")
            }
        }
    }
}
