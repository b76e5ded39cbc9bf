use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use polyloop_core::{Error, ErrorKind};

/// Why a [`LoopFuture`](crate::LoopFuture) has no value: it was cancelled, or an error was set.
///
/// A clone is the same error: every awaiter gets one.
#[derive(Clone)]
pub struct FutureError {
    why: Why,
}

#[derive(Clone)]
enum Why {
    Cancelled(Option<Arc<str>>),
    Exception(Arc<dyn StdError + Send + Sync>),
}

impl FutureError {
    pub(super) fn cancelled(message: Option<String>) -> FutureError {
        FutureError { why: Why::Cancelled(message.map(Arc::from)) }
    }

    pub(super) fn exception(error: Box<dyn StdError + Send + Sync>) -> FutureError {
        FutureError { why: Why::Exception(Arc::from(error)) }
    }

    /// Tells whether the future was cancelled.
    pub fn is_cancelled(&self) -> bool {
        matches!(self.why, Why::Cancelled(_))
    }

    /// Gives the error that was set; nothing if the future was cancelled.
    pub fn exception_ref(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        match &self.why {
            Why::Cancelled(_) => None,
            Why::Exception(error) => Some(&**error),
        }
    }

    /// Gives the error that was set, if it is of this type.
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        self.exception_ref()?.downcast_ref()
    }

    /// Gives what the cancel said, or what the error says.
    pub fn message(&self) -> Option<String> {
        match &self.why {
            Why::Cancelled(message) => message.as_deref().map(str::to_owned),
            Why::Exception(error) => Some(error.to_string()),
        }
    }
}

impl fmt::Display for FutureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            Why::Cancelled(None) => f.write_str("the future was cancelled"),
            Why::Cancelled(Some(message)) => write!(f, "the future was cancelled: {message}"),
            Why::Exception(error) => error.fmt(f),
        }
    }
}

impl fmt::Debug for FutureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FutureError({self})")
    }
}

impl StdError for FutureError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.exception_ref().and_then(StdError::source)
    }
}

/// A cancelled future is of kind *cancelled*; an error that was set is carried by what it says.
impl From<FutureError> for Error {
    fn from(error: FutureError) -> Error {
        let kind = if error.is_cancelled() {
            ErrorKind::Canceled
        } else {
            ErrorKind::Io(std::io::ErrorKind::Other)
        };
        Error::new(kind).attempting(error)
    }
}

impl From<FutureError> for std::io::Error {
    fn from(error: FutureError) -> std::io::Error {
        std::io::Error::other(error)
    }
}

/// A [`LoopFuture`](crate::LoopFuture) was asked for a result that it does not have, or given
/// one when it was done already; then it gives back what it was given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct InvalidStateError<T = ()> {
    rejected: T,
    what: &'static str,
}

impl<T> InvalidStateError<T> {
    pub(super) fn done(rejected: T) -> InvalidStateError<T> {
        InvalidStateError { rejected, what: "the future is done already" }
    }

    /// Gives back what was not taken.
    pub fn into_rejected(self) -> T {
        self.rejected
    }
}

impl InvalidStateError {
    pub(super) fn not_done() -> InvalidStateError {
        InvalidStateError { rejected: (), what: "the future is not done" }
    }
}

impl<T> fmt::Display for InvalidStateError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }
}

impl<T> fmt::Debug for InvalidStateError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InvalidStateError({self})")
    }
}

impl<T> StdError for InvalidStateError<T> {}

impl<T> From<InvalidStateError<T>> for Error {
    fn from(error: InvalidStateError<T>) -> Error {
        Error::new(ErrorKind::InvalidInput).attempting(error)
    }
}
