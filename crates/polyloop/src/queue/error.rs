use std::error::Error;
use std::fmt;

/// There is no item, but for those that were handed to getters who waited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QueueEmpty;

/// There is no room, but for what was handed to putters who waited. Gives the item back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct QueueFull<T>(pub T);

/// The queue was shut down. Gives the item back, if there was one to put.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct QueueShutDown<T = ()>(pub T);

/// Why an item could not be taken without waiting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QueueGetError {
    /// There was none.
    Empty(QueueEmpty),
    /// There was none, and there will be none.
    ShutDown(QueueShutDown),
}

/// Why an item could not be put without waiting. Gives it back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum QueuePutError<T> {
    /// There was no room.
    Full(QueueFull<T>),
    /// The queue takes no more.
    ShutDown(QueueShutDown<T>),
}

impl<T> QueuePutError<T> {
    /// Gives the item back.
    pub fn into_item(self) -> T {
        match self {
            QueuePutError::Full(QueueFull(item)) | QueuePutError::ShutDown(QueueShutDown(item)) => {
                item
            }
        }
    }
}

impl From<QueueEmpty> for QueueGetError {
    fn from(error: QueueEmpty) -> QueueGetError {
        QueueGetError::Empty(error)
    }
}

impl From<QueueShutDown> for QueueGetError {
    fn from(error: QueueShutDown) -> QueueGetError {
        QueueGetError::ShutDown(error)
    }
}

impl<T> From<QueueFull<T>> for QueuePutError<T> {
    fn from(error: QueueFull<T>) -> QueuePutError<T> {
        QueuePutError::Full(error)
    }
}

impl<T> From<QueueShutDown<T>> for QueuePutError<T> {
    fn from(error: QueueShutDown<T>) -> QueuePutError<T> {
        QueuePutError::ShutDown(error)
    }
}

impl fmt::Display for QueueEmpty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the queue is empty")
    }
}

impl<T> fmt::Display for QueueFull<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the queue is full")
    }
}

impl<T> fmt::Display for QueueShutDown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the queue is shut down")
    }
}

impl fmt::Display for QueueGetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QueueGetError::Empty(error) => error.fmt(f),
            QueueGetError::ShutDown(error) => error.fmt(f),
        }
    }
}

impl<T> fmt::Display for QueuePutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QueuePutError::Full(error) => error.fmt(f),
            QueuePutError::ShutDown(error) => error.fmt(f),
        }
    }
}

// Items need not be `Debug` for an error to be an error, so they are left out.

impl<T> fmt::Debug for QueueFull<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QueueFull(..)")
    }
}

impl<T> fmt::Debug for QueueShutDown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QueueShutDown(..)")
    }
}

impl<T> fmt::Debug for QueuePutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QueuePutError::Full(error) => error.fmt(f),
            QueuePutError::ShutDown(error) => error.fmt(f),
        }
    }
}

impl Error for QueueEmpty {}
impl Error for QueueGetError {}
impl<T> Error for QueueFull<T> {}
impl<T> Error for QueueShutDown<T> {}
impl<T> Error for QueuePutError<T> {}
