use std::fmt;
use std::io;

/// The result of everything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an op or a call failed: what kind of failure, the operating system's number where it
/// came from there, and what was attempted on what.
///
/// It converts to [`io::Error`] without losing the errno, and costs no allocation unless
/// something says what was attempted ([`Error::attempting`]) or how much had gone through before
/// ([`Error::after_transferring`]). *Would block* is the answer to every second read, so it is two
/// words and nothing to drop.
#[derive(Clone, Debug)]
pub struct Error {
    kind: ErrorKind,
    /// Zero if it did not come from the operating system.
    errno: i32,
    details: Option<Box<Details>>,
}

/// What few errors carry.
#[derive(Clone, Default, Debug)]
struct Details {
    transferred: usize,
    attempted: Option<Box<str>>,
}

/// The kinds of [`Error`] that callers tell apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A non-blocking attempt would have had to wait.
    WouldBlock,
    /// The op was cancelled, or its resource was closed, before it could succeed.
    Canceled,
    /// The key names a resource that was closed or detached, or never existed.
    StaleKey,
    /// The op does not fit the resource, or a value is out of range.
    InvalidInput,
    /// This loop has no such op or ability.
    Unsupported,
    /// A bound of the loop (ops in flight, resources, chunks) is reached.
    ResourceExhausted,
    /// Another op of the same direction excludes this one, for example a receive while a
    /// multishot receive is active.
    Busy,
    /// The loop is closed.
    LoopClosed,
    /// The backend cannot run here; the message says which, and why.
    Refused,
    /// The time that was allowed has passed.
    TimedOut,
    /// The program was asked to stop, by Ctrl-C for example.
    Interrupted,
    /// The operating system's answer.
    Io(io::ErrorKind),
}

impl Error {
    /// Makes an error of a kind, with nothing said of what was attempted.
    #[inline]
    pub const fn new(kind: ErrorKind) -> Error {
        Error { kind, errno: 0, details: None }
    }

    /// Makes the error of an operating system's number.
    #[inline]
    pub fn from_errno(errno: i32) -> Error {
        Error { errno, ..Error::new(kind_of(io::Error::from_raw_os_error(errno).kind())) }
    }

    /// Makes an error that is only a message, for programs that return this type.
    #[inline]
    pub fn other(message: impl fmt::Display) -> Error {
        Error::new(ErrorKind::Io(io::ErrorKind::Other)).attempting(message)
    }

    /// Says what was attempted on what, in front of what was said before.
    #[must_use]
    pub fn attempting(mut self, what: impl fmt::Display) -> Error {
        let attempted = &mut self.details.get_or_insert_default().attempted;
        *attempted = Some(match attempted.take() {
            None => what.to_string().into(),
            Some(inner) => format!("{what}: {inner}").into(),
        });
        self
    }

    /// Says how many bytes the kernel had taken or given before the failure.
    #[must_use]
    #[inline]
    pub fn after_transferring(mut self, transferred: usize) -> Error {
        if transferred > 0 || self.details.is_some() {
            self.details.get_or_insert_default().transferred = transferred;
        }
        self
    }

    /// Gives the kind.
    #[inline]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Gives the operating system's number, if the failure came from there.
    #[inline]
    pub const fn raw_os_error(&self) -> Option<i32> {
        if self.errno == 0 { None } else { Some(self.errno) }
    }

    /// Gives how many bytes of a transfer had gone through before it failed.
    #[inline]
    pub const fn transferred(&self) -> usize {
        match &self.details {
            Some(details) => details.transferred,
            None => 0,
        }
    }

    /// Tells whether a non-blocking attempt would have had to wait.
    #[inline]
    pub const fn is_would_block(&self) -> bool {
        matches!(self.kind, ErrorKind::WouldBlock)
    }

    /// Tells whether the op was cancelled.
    #[inline]
    pub const fn is_canceled(&self) -> bool {
        matches!(self.kind, ErrorKind::Canceled)
    }

    /// Gives the kind as the standard library would name it.
    pub const fn io_kind(&self) -> io::ErrorKind {
        match self.kind {
            ErrorKind::WouldBlock => io::ErrorKind::WouldBlock,
            ErrorKind::StaleKey | ErrorKind::LoopClosed => io::ErrorKind::NotConnected,
            ErrorKind::InvalidInput => io::ErrorKind::InvalidInput,
            ErrorKind::Unsupported | ErrorKind::Refused => io::ErrorKind::Unsupported,
            ErrorKind::ResourceExhausted => io::ErrorKind::OutOfMemory,
            ErrorKind::Busy => io::ErrorKind::ResourceBusy,
            ErrorKind::TimedOut => io::ErrorKind::TimedOut,
            // Not `io::ErrorKind::Interrupted`: callers of std retry that one.
            ErrorKind::Canceled | ErrorKind::Interrupted => io::ErrorKind::Other,
            ErrorKind::Io(kind) => kind,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(attempted) = self.details.as_ref().and_then(|it| it.attempted.as_ref()) {
            f.write_str(attempted)?;
            if self.errno == 0 && self.kind == ErrorKind::Io(io::ErrorKind::Other) {
                // The message is all there is to say.
                return Ok(());
            }
            f.write_str(": ")?;
        }
        match self.raw_os_error() {
            Some(errno) => io::Error::from_raw_os_error(errno).fmt(f),
            None => self.kind.fmt(f),
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ErrorKind::WouldBlock => "would block",
            ErrorKind::Canceled => "cancelled",
            ErrorKind::StaleKey => "the resource is closed (stale key)",
            ErrorKind::InvalidInput => "invalid input",
            ErrorKind::Unsupported => "not supported by this loop",
            ErrorKind::ResourceExhausted => "a bound of the loop is reached",
            ErrorKind::Busy => "busy with another op of the same direction",
            ErrorKind::LoopClosed => "the loop is closed",
            ErrorKind::Refused => "the backend cannot run here",
            ErrorKind::TimedOut => "timed out",
            ErrorKind::Interrupted => "interrupted",
            ErrorKind::Io(kind) => return kind.fmt(f),
        })
    }
}

impl std::error::Error for Error {}

impl From<ErrorKind> for Error {
    #[inline]
    fn from(kind: ErrorKind) -> Error {
        Error::new(kind)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        let new = match error.raw_os_error() {
            Some(errno) => Error { errno, ..Error::new(kind_of(error.kind())) },
            None => Error::new(kind_of(error.kind())),
        };
        match error.get_ref() {
            Some(inner) => {
                let message = inner.to_string();
                new.attempting(message)
            }
            None => new,
        }
    }
}

/// Keeps the errno: an error that came from the operating system converts to exactly
/// that one; any other is carried inside with its message.
impl From<Error> for io::Error {
    #[inline]
    fn from(error: Error) -> io::Error {
        match error.raw_os_error() {
            Some(errno) => io::Error::from_raw_os_error(errno),
            None => io::Error::new(error.io_kind(), error),
        }
    }
}

fn kind_of(kind: io::ErrorKind) -> ErrorKind {
    match kind {
        io::ErrorKind::WouldBlock => ErrorKind::WouldBlock,
        io::ErrorKind::TimedOut => ErrorKind::TimedOut,
        kind => ErrorKind::Io(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_errno_survives_the_way_to_io_error_and_back() {
        let error = Error::from_errno(111).attempting("connect to 127.0.0.1:9");
        assert!(error.to_string().starts_with("connect to 127.0.0.1:9: "));
        let io: io::Error = error.into();
        assert_eq!(io.raw_os_error(), Some(111));
        assert_eq!(Error::from(io).raw_os_error(), Some(111));
    }

    #[test]
    fn what_went_through_is_kept_beside_what_was_attempted() {
        let error = Error::from_errno(32).after_transferring(7).attempting("send");
        assert_eq!(error.transferred(), 7);
        assert_eq!(error.clone().after_transferring(0).transferred(), 0);
        assert!(error.to_string().starts_with("send: "));
        assert_eq!(Error::new(ErrorKind::WouldBlock).transferred(), 0);
    }

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn an_error_is_two_words() {
        assert_eq!(size_of::<Result<usize>>(), 16);
    }

    #[test]
    fn a_message_alone_reads_as_written() {
        assert_eq!(Error::other("the file differs").to_string(), "the file differs");
    }

    #[test]
    fn an_error_without_errno_keeps_its_message_and_kind() {
        let io: io::Error = Error::new(ErrorKind::StaleKey).attempting("receive").into();
        assert_eq!(io.kind(), io::ErrorKind::NotConnected);
        assert!(io.to_string().contains("receive"));
    }
}
