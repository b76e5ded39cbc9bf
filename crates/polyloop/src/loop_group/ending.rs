use std::any::Any;
use std::fmt;

use polyloop_core::{Error, ErrorKind};

use crate::exception::text_of;

/// How a loop of a group ended.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct LoopEnd {
    /// Which loop it was.
    pub index: usize,
    /// What its thread was called.
    pub name: String,
    /// Tasks handed to the loop that had not ended when its time was up.
    pub aborted_tasks: usize,
    /// Connections that had not ended when its time was up.
    pub aborted_connections: usize,
    /// Why it ended otherwise than by being told to: a panic of its thread, or a program that stopped its loop.
    pub failure: Option<String>,
}

/// What stopping a group met: loops that had to abort something, or that had failed before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoopGroupError {
    ends: Vec<LoopEnd>,
}

impl LoopEnd {
    pub(super) fn clean(index: usize, name: String) -> LoopEnd {
        LoopEnd { index, name, aborted_tasks: 0, aborted_connections: 0, failure: None }
    }

    pub(super) fn panicked(index: usize, name: String, panic: &(dyn Any + Send)) -> LoopEnd {
        let failure = Some(format!("its thread panicked: {}", text_of(panic)));
        LoopEnd { failure, ..LoopEnd::clean(index, name) }
    }

    /// Tells whether it ended because it was told to, with nothing left to do.
    pub fn is_clean(&self) -> bool {
        self.failure.is_none() && self.aborted_tasks == 0 && self.aborted_connections == 0
    }
}

impl fmt::Display for LoopEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "loop {} ({}): ", self.index, self.name)?;
        if let Some(failure) = &self.failure {
            return f.write_str(failure);
        }
        let (tasks, connections) = (self.aborted_tasks, self.aborted_connections);
        write!(f, "aborted {tasks} tasks and {connections} connections")
    }
}

impl LoopGroupError {
    /// Gives the error of the ends that are not clean, if there are any.
    pub(super) fn of(ends: Vec<LoopEnd>) -> Result<(), LoopGroupError> {
        let ends: Vec<LoopEnd> = ends.into_iter().filter(|end| !end.is_clean()).collect();
        if ends.is_empty() { Ok(()) } else { Err(LoopGroupError { ends }) }
    }

    /// Gives the loops that did not end cleanly.
    pub fn ends(&self) -> &[LoopEnd] {
        &self.ends
    }
}

impl fmt::Display for LoopGroupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stop a group of loops: ")?;
        for (index, end) in self.ends.iter().enumerate() {
            write!(f, "{}{end}", if index == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for LoopGroupError {}

/// Of kind *timed out* if something was aborted and nothing else is wrong.
impl From<LoopGroupError> for Error {
    fn from(error: LoopGroupError) -> Error {
        let failed = error.ends.iter().any(|end| end.failure.is_some());
        let other = ErrorKind::Io(std::io::ErrorKind::Other);
        let kind = if failed { other } else { ErrorKind::TimedOut };
        Error::new(kind).attempting(error)
    }
}
