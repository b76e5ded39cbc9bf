use std::any::Any;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use polyloop_core::{Error, ErrorKind};

use crate::exception::text_of;

/// Why a task has no result: it was cancelled, or it panicked.
///
/// It is one pointer: every result of a task has room for it, and few are one.
pub struct TaskError {
    why: Box<Why>,
}

enum Why {
    Cancelled(Option<String>),
    /// Locked only to be `Sync`, as an error must be to travel in others.
    Panicked(Mutex<Box<dyn Any + Send>>),
}

impl TaskError {
    pub(crate) fn cancelled(message: Option<String>) -> TaskError {
        TaskError { why: Box::new(Why::Cancelled(message)) }
    }

    pub(crate) fn panicked(payload: Box<dyn Any + Send>) -> TaskError {
        TaskError { why: Box::new(Why::Panicked(Mutex::new(payload))) }
    }

    /// Tells whether the task was cancelled.
    pub fn is_cancelled(&self) -> bool {
        matches!(*self.why, Why::Cancelled(_))
    }

    /// Tells whether the task panicked.
    pub fn is_panic(&self) -> bool {
        !self.is_cancelled()
    }

    /// Gives what the cancel said, or what the panic said as far as it is text.
    pub fn message(&self) -> Option<String> {
        match &*self.why {
            Why::Cancelled(message) => message.clone(),
            Why::Panicked(payload) => {
                Some(text_of(&**payload.lock().unwrap_or_else(PoisonError::into_inner)))
            }
        }
    }

    /// Gives the panic's payload, to go on with it ([`std::panic::resume_unwind`]), or the error
    /// back.
    ///
    /// # Errors
    ///
    /// The error itself, of a task that was cancelled.
    pub fn into_panic(self) -> Result<Box<dyn Any + Send>, TaskError> {
        match *self.why {
            Why::Panicked(payload) => {
                Ok(payload.into_inner().unwrap_or_else(PoisonError::into_inner))
            }
            why => Err(TaskError { why: Box::new(why) }),
        }
    }
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.is_cancelled() { "the task was cancelled" } else { "the task panicked" };
        match self.message() {
            Some(message) => write!(f, "{what}: {message}"),
            None => f.write_str(what),
        }
    }
}

impl fmt::Debug for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskError({self})")
    }
}

impl std::error::Error for TaskError {}

/// A cancelled task is of kind *cancelled*; a panic is reported by what it said.
impl From<TaskError> for Error {
    fn from(error: TaskError) -> Error {
        let kind = if error.is_cancelled() {
            ErrorKind::Canceled
        } else {
            ErrorKind::Io(std::io::ErrorKind::Other)
        };
        Error::new(kind).attempting(error)
    }
}

impl From<TaskError> for std::io::Error {
    fn from(error: TaskError) -> std::io::Error {
        std::io::Error::other(error)
    }
}
