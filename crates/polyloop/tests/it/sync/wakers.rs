//! Wakers and destructors that call back into what they were called from.

use std::cell::{Cell, RefCell};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use polyloop::sync::{Condition, Event, Lock, Semaphore};
use polyloop::{Queue, QueueShutDown};

thread_local! {
    /// What the next wake-up does, inside the call that wakes.
    static ON_WAKE: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

struct CallsBack;

impl Wake for CallsBack {
    fn wake(self: Arc<Self>) {
        let call = ON_WAKE.take().expect("it is woken once");
        call();
    }
}

fn on_wake(call: impl FnOnce() + 'static) -> Waker {
    ON_WAKE.set(Some(Box::new(call)));
    Waker::from(Arc::new(CallsBack))
}

fn poll_with<F: Future>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

#[test]
fn a_waker_may_use_the_lock_that_wakes_it() {
    let lock = Rc::new(Lock::new(1));
    let guard = lock.try_lock();
    let inner = lock.clone();
    let mut waiting = pin!(lock.lock());
    let waker = on_wake(move || assert!(inner.locked() && inner.try_lock().is_none()));
    assert!(poll_with(waiting.as_mut(), &waker).is_pending());
    drop(guard);
    assert!(ON_WAKE.take().is_none(), "the waker was called");
    assert!(poll_with(waiting.as_mut(), Waker::noop()).is_ready());
}

/// The future is polled to its end inside the wake-up, as an executor that runs tasks at once does.
fn runs_in_its_wake_up<F: Future<Output = ()> + 'static>(future: F) -> Rc<Cell<bool>> {
    let (future, ended) = (Rc::new(RefCell::new(Box::pin(future))), Rc::new(Cell::new(false)));
    let (inner, tell) = (future.clone(), ended.clone());
    let waker = on_wake(move || {
        tell.set(poll_with(inner.borrow_mut().as_mut(), Waker::noop()).is_ready());
    });
    assert!(poll_with(future.borrow_mut().as_mut(), &waker).is_pending());
    ended
}

#[test]
fn who_runs_in_the_wake_up_finds_the_value_in_the_lock() {
    let lock = Rc::new(Lock::new(1));
    let (first, second) = (lock.clone(), lock.clone());
    let guard = lock.try_lock();
    let ended = runs_in_its_wake_up(async move { *first.lock().await += 1 });
    drop(guard);
    assert!(ended.get());
    let guard = lock.clone().try_lock_owned();
    let ended = runs_in_its_wake_up(async move { *second.lock_owned().await += 1 });
    drop(guard);
    assert!(ended.get());
    assert_eq!(*lock.try_lock().unwrap(), 3);
}

#[test]
fn a_waker_may_use_the_event_condition_or_semaphore_that_wakes_it() {
    let event = Rc::new(Event::new());
    let inner = event.clone();
    let mut waiting = pin!(event.wait());
    assert!(poll_with(waiting.as_mut(), &on_wake(move || inner.clear())).is_pending());
    event.set();
    assert!(!event.is_set() && ON_WAKE.take().is_none());

    let semaphore = Rc::new(Semaphore::new(0));
    let inner = semaphore.clone();
    let mut waiting = pin!(semaphore.acquire());
    assert!(poll_with(waiting.as_mut(), &on_wake(move || inner.release())).is_pending());
    semaphore.release();
    assert_eq!(semaphore.available_permits(), 1);

    let (lock, condition) = (Lock::new(()), Rc::new(Condition::new()));
    let inner = condition.clone();
    let mut waiting = pin!(condition.wait(lock.try_lock().unwrap()));
    assert!(poll_with(waiting.as_mut(), &on_wake(move || inner.notify_all())).is_pending());
    condition.notify(1);
    assert!(ON_WAKE.take().is_none());
}

#[test]
fn a_notification_before_the_first_look_for_it_is_not_missed() {
    let (lock, condition) = (Rc::new(Lock::new(0)), Rc::new(Condition::new()));
    let guard = lock.try_lock().unwrap();
    let (inner, notified) = (lock.clone(), condition.clone());
    // This runs where the waiter has its place and drops its guard.
    let ended = runs_in_its_wake_up(async move {
        *inner.lock().await = 1;
        notified.notify(1);
    });
    let mut waiting = pin!(condition.wait(guard));
    let told = poll_with(waiting.as_mut(), Waker::noop());
    assert!(ended.get());
    assert!(matches!(told, Poll::Ready(guard) if *guard == 1));
}

#[test]
fn a_waker_and_an_items_destructor_may_use_their_queue() {
    struct Item(Rc<Queue<Item>>);
    impl Drop for Item {
        fn drop(&mut self) {
            self.0.shutdown(true);
            assert_eq!(self.0.qsize(), 0);
        }
    }
    let queue = Rc::new(Queue::new(1));
    let inner = queue.clone();
    let mut waiting = pin!(queue.get());
    assert!(poll_with(waiting.as_mut(), &on_wake(move || assert!(inner.full()))).is_pending());
    assert!(queue.put_nowait(Item(queue.clone())).is_ok());
    assert!(ON_WAKE.take().is_none());
    queue.shutdown(true);
    let told = poll_with(waiting.as_mut(), Waker::noop());
    assert!(matches!(told, Poll::Ready(Err(QueueShutDown(())))));
}

/// Counts how often it is cloned, by way of how many there are.
struct Counts(AtomicUsize);

impl Wake for Counts {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn the_waker_of_the_last_poll_is_the_one_that_is_called() {
    let [first, second] = [0, 1].map(|_| Arc::new(Counts(AtomicUsize::new(0))));
    let event = Event::new();
    let mut waiting = pin!(event.wait());
    for counts in [&first, &second] {
        let waker = Waker::from(counts.clone());
        assert!(poll_with(waiting.as_mut(), &waker).is_pending());
        assert!(poll_with(waiting.as_mut(), &waker).is_pending());
        assert_eq!(Arc::strong_count(counts), 3, "one waker is kept, once");
    }
    assert_eq!(Arc::strong_count(&first), 1, "the older waker was dropped");
    event.set();
    let woken = [&first, &second].map(|counts| counts.0.load(Ordering::Relaxed));
    assert_eq!(woken, [0, 1]);
}

#[test]
fn what_is_forgotten_only_keeps_its_place() {
    let semaphore = Semaphore::new(1);
    let permit = semaphore.try_acquire().unwrap();
    let mut forgotten = Box::pin(semaphore.acquire());
    assert!(poll_with(forgotten.as_mut(), Waker::noop()).is_pending());
    std::mem::forget(forgotten);
    drop(permit);
    assert!(semaphore.locked(), "the permit went to the one that was forgotten");
    semaphore.release();
    assert!(!semaphore.locked());
}
