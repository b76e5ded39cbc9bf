//! A task of a loop that is one thread: a body to poll, a record that the loop keeps beside it, and
//! then its output, in one allocation behind one pointer.
//!
//! * [`spawn`] makes a task. Its bodies, records and outputs need not be `Send`: they are touched
//!   and dropped on the thread that made the task, and there alone.
//! * [`TaskRef`] is a counted reference that keeps all of that; [`OutputRef`] is one that knows the
//!   type of the output. Neither leaves its thread, so their counts are plain numbers.
//! * A [`Waker`](std::task::Waker) may go anywhere. It keeps the memory and nothing in it. On the
//!   task's thread it touches no atomic to wake; from elsewhere the record's [`Record::post`] gets a
//!   [`Woken`] to bring home. [`LocalWaker`] is one that stays at home.
//!
//! * A [`TaskQueue`] is a queue of tasks that takes no memory but theirs. A [`Home`] names a loop, and so a
//!   thread; whether that is here is what everything above asks.
//!
//! Everything here is safe to use, whatever the caller does. The unsafe code is in `cell.rs`, `stage.rs` and
//! `spare.rs`, which have the memory, and in the six files of those who hold it.

mod atomics;
mod cell;
mod home;
mod local_waker;
#[cfg(all(test, loom))]
mod loom_models;
mod memory;
mod output_ref;
mod queue;
mod spare;
mod stage;
mod state;
mod task_ref;
#[cfg(all(test, not(loom)))]
mod tests;
mod waker;
mod woken;

use std::pin::Pin;
use std::task::{Context, Poll};

pub use home::{Home, Running};
pub use local_waker::LocalWaker;
pub use output_ref::{Onlooker, OutputRef};
pub use queue::TaskQueue;
pub use task_ref::TaskRef;
pub use waker::WakerTable;
pub use woken::Woken;

/// What a loop keeps beside each of its tasks, and what it does with those that are woken.
pub trait Record: Sized + 'static {
    /// What the loop notes about a task that is in no [`TaskQueue`]; it has none of one that is.
    type Note: Copy + Default + 'static;

    /// Gives the one table of these tasks' wakers, always the same.
    fn wakers() -> &'static WakerTable<Self>;

    /// Queues a task that was woken on its own thread and is neither queued nor running; one that is woken
    /// while it runs comes here after that poll.
    fn ready(task: TaskRef<Self>);

    /// Takes home a task that was woken on another thread: there, [`Woken::wake`].
    fn post(home: Home, woken: Woken<Self>);

    /// Is called when a task has its output, on its thread.
    fn ended(task: &TaskRef<Self>);
}

/// What a task polls.
pub trait Body<R: Record>: 'static {
    /// What it gives in the end.
    type Output: 'static;

    /// Polls it; not again once it is ready.
    ///
    /// A panic goes on to who runs the task, which has then ended without an output.
    fn poll(self: Pin<&mut Self>, task: &TaskRef<R>, cx: &mut Context<'_>) -> Poll<Self::Output>;

    /// Gives the output of a task that will not be polled any more ([`TaskRef::abandon`]).
    fn abandon(self: Pin<&mut Self>, task: &TaskRef<R>) -> Self::Output;

    /// Gets an output that nobody can ask for any more, and what else is left of its task: the record, the home and the
    /// [marks](TaskRef::marks).
    fn last_look(output: Self::Output, record: &R, home: Home, marks: u16);
}

/// Makes a task of this thread; nobody polls it until it is woken ([`TaskRef::wake`]) or run.
///
/// # Panics
///
/// If the home is not of this thread, or was closed.
#[inline]
pub fn spawn<B, R>(home: Home, record: R, body: B) -> OutputRef<B::Output, R>
where
    B: Body<R>,
    R: Record,
{
    let raw = stage::allocate(home, record, body);
    // SAFETY: it is this thread's, has one reference counted, and its output is the body's; this is the first.
    unsafe { OutputRef::counted(raw) }
}
