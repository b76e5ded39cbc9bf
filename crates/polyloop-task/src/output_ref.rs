use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use crate::cell::Raw;
use crate::{Record, TaskRef};

/// The one reference to a task that gives its output, an `O`: to look at, and to take.
pub struct OutputRef<O, R: Record> {
    task: TaskRef<R>,
    of: PhantomData<*const O>,
}

/// A reference to a task that can look at its output.
pub struct Onlooker<O, R: Record> {
    task: TaskRef<R>,
    of: PhantomData<*const O>,
}

impl<O, R: Record> OutputRef<O, R> {
    /// Takes over the duty for a reference.
    ///
    /// # Safety
    ///
    /// As for [`TaskRef::counted`], and the task's output is an `O`, and there is no other of these for the task.
    pub(crate) unsafe fn counted(raw: Raw<R>) -> OutputRef<O, R> {
        // SAFETY: as the caller says.
        let task = unsafe { TaskRef::counted(raw) };
        OutputRef { task, of: PhantomData }
    }

    /// Gives the output; nothing if the task has not ended, or has panicked, or if it was taken.
    #[inline]
    pub fn output(&self) -> Option<&O> {
        if !self.task.header().state.may_look() {
            return None;
        }
        // SAFETY: this has a `TaskRef`.
        let output = unsafe { self.task.raw().stage() }.cast::<O>();
        // SAFETY: there is an output, and it is an `O`, as who made this said. Only this can take it, which
        // is borrowed, and has a `TaskRef`, so it stays.
        Some(unsafe { &*output })
    }

    /// Takes the output; nothing if there is none, or while an [`Onlooker`] looks at it.
    #[inline]
    pub fn take(&mut self) -> Option<O> {
        let state = &self.task.header().state;
        if !state.may_take() {
            return None;
        }
        state.empty();
        // SAFETY: this has a `TaskRef`.
        let output = unsafe { self.task.raw().stage() }.cast::<O>();
        // SAFETY: there was an output, an `O`, and as that is noted as gone it is taken once. Nobody has a reference to it:
        // this one is borrowed for this alone, and no onlooker looks.
        Some(unsafe { output.read() })
    }

    /// Makes a reference that can look at the output.
    pub fn onlooker(&self) -> Onlooker<O, R> {
        Onlooker { task: self.task.clone(), of: PhantomData }
    }
}

impl<O, R: Record> Onlooker<O, R> {
    /// Looks at the output; nothing if there is none, or if it was taken.
    pub fn look<T>(&self, look: impl FnOnce(&O) -> T) -> Option<T> {
        let state = &self.task.header().state;
        if !state.may_look() {
            return None;
        }
        let _looking = Looking { task: &self.task, is_inner: state.begin_look() };
        // SAFETY: this has a `TaskRef`.
        let output = unsafe { self.task.raw().stage() }.cast::<O>();
        // SAFETY: there is an output, an `O`, as the reference of which this was made knew. Nobody takes it while
        // somebody looks, and this has a `TaskRef`.
        Some(look(unsafe { &*output }))
    }
}

/// Somebody looks at an output; the outermost look ends that.
struct Looking<'a, R: Record> {
    task: &'a TaskRef<R>,
    is_inner: bool,
}

impl<R: Record> Drop for Looking<'_, R> {
    fn drop(&mut self) {
        if !self.is_inner {
            self.task.header().state.end_look();
        }
    }
}

impl<O, R: Record> Clone for Onlooker<O, R> {
    fn clone(&self) -> Self {
        Onlooker { task: self.task.clone(), of: PhantomData }
    }
}

impl<O, R: Record> Deref for OutputRef<O, R> {
    type Target = TaskRef<R>;

    #[inline]
    fn deref(&self) -> &TaskRef<R> {
        &self.task
    }
}

impl<O, R: Record> AsRef<TaskRef<R>> for OutputRef<O, R> {
    fn as_ref(&self) -> &TaskRef<R> {
        &self.task
    }
}

impl<O, R: Record> AsRef<TaskRef<R>> for Onlooker<O, R> {
    fn as_ref(&self) -> &TaskRef<R> {
        &self.task
    }
}

impl<O, R: Record> fmt::Debug for OutputRef<O, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.task.fmt(f)
    }
}

impl<O, R: Record> fmt::Debug for Onlooker<O, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.task.fmt(f)
    }
}
