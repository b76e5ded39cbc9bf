use std::cell::{Cell, RefCell};
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::children::Children;
use super::run::Run;

/// Runs a body and the children that it makes at once, and waits for all of them. They can borrow
/// from outside the scope, which tasks cannot.
///
/// Children are no tasks: they live in the scope's future and are polled by whoever polls that. They
/// take turns with each other, in the order of their wakes; in [`current_task`](crate::current_task)
/// they are the task that awaits the scope. A panic of one is a panic of the scope, and drops the
/// others. There is no failing early: what a child gives is what awaiting its [`ScopedTask`] gives.
///
/// # Cancel safety
///
/// Dropping it drops the body, then the children in the order in which they were made, there and
/// then.
///
/// # Examples
///
/// ```
/// polyloop::run(async {
///     let words = ["one", "three"];
///     let lengths = polyloop::scope(async |scope| {
///         let first = scope.spawn(async { words[0].len() });
///         let second = scope.spawn(async { words[1].len() });
///         first.await + second.await
///     });
///     assert_eq!(lengths.await, 8);
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
///
/// What is borrowed mutably moves into the child as a reference:
///
/// ```
/// polyloop::run(async {
///     let mut counts = [0, 0];
///     let [left, right] = &mut counts;
///     polyloop::scope(async move |scope| {
///         scope.spawn(async move { *left += 1 });
///         scope.spawn(async move { *right += 2 });
///     })
///     .await;
///     assert_eq!(counts, [1, 2]);
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
///
/// A child cannot borrow what does not outlive the scope:
///
/// ```compile_fail,E0597
/// polyloop::run(async {
///     polyloop::scope(async |scope| {
///         let local = 1;
///         let borrowed = &local;
///         scope.spawn(async move { println!("{borrowed}") });
///     })
///     .await;
/// });
/// ```
pub async fn scope<'env, T>(body: impl AsyncFnOnce(Scope<'env>) -> T) -> T {
    let children = Children::new();
    let body = body(Scope { children: children.clone() });
    Run::new(body, children).await
}

/// Makes children in a [`scope`]. It can be cloned and moved into children.
#[derive(Clone)]
pub struct Scope<'env> {
    children: Rc<Children<'env>>,
}

/// A child of a [`scope`]: await it for its value, or let it run.
///
/// # Cancel safety
///
/// Dropping it lets the child run on. Awaiting it by reference can be given up and taken up again.
pub struct ScopedTask<T> {
    slot: Rc<Slot<T>>,
}

struct Slot<T> {
    value: Cell<Option<T>>,
    done: Cell<bool>,
    joiner: RefCell<Option<Waker>>,
}

impl<'env> Scope<'env> {
    /// Makes a child, which is first polled in the next iteration.
    ///
    /// # Panics
    ///
    /// If the scope has ended or was dropped.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> ScopedTask<F::Output>
    where
        F: Future + 'env,
        F::Output: 'env,
    {
        assert!(self.children.is_open(), "the scope has ended and takes no more children");
        let slot = Rc::new(Slot {
            value: Cell::new(None),
            done: Cell::new(false),
            joiner: RefCell::default(),
        });
        let given = slot.clone();
        self.children.add(async move { given.set(future.await) });
        ScopedTask { slot }
    }
}

impl fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scope(open: {})", self.children.is_open())
    }
}

impl<T> Slot<T> {
    fn set(&self, value: T) {
        self.value.set(Some(value));
        self.done.set(true);
        let joiner = self.joiner.take();
        if let Some(joiner) = joiner {
            joiner.wake();
        }
    }
}

impl<T> ScopedTask<T> {
    /// Tells whether the child has ended.
    pub fn done(&self) -> bool {
        self.slot.done.get()
    }
}

/// # Panics
///
/// If the value was taken before.
impl<T> Future for ScopedTask<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        if let Some(value) = self.slot.value.take() {
            return Poll::Ready(value);
        }
        assert!(!self.done(), "a scoped task was awaited again after its value was taken");
        let old = self.slot.joiner.replace(Some(cx.waker().clone()));
        drop(old);
        Poll::Pending
    }
}

impl<T> fmt::Debug for ScopedTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScopedTask(done: {})", self.done())
    }
}
