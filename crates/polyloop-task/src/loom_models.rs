//! Waking and dropping a task from another thread, in every order of what the threads do. The model
//! checker sees to it that memory is freed once, after its last use, and that nothing deadlocks.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use loom::sync::atomic::{AtomicBool, Ordering};
use loom::sync::{Arc, Condvar, Mutex, MutexGuard};
use loom::thread;

use crate::{Body, Home, OutputRef, Record, TaskRef, WakerTable, Woken};

loom::lazy_static! {
    static ref INBOX: Mutex<Vec<Woken<Modelled>>> = Mutex::new(Vec::new());
    static ref POSTED: Condvar = Condvar::new();
}

loom::thread_local! {
    static READY: RefCell<VecDeque<TaskRef<Modelled>>> = RefCell::new(VecDeque::new());
}

struct Modelled;

impl Record for Modelled {
    type Note = ();

    fn wakers() -> &'static WakerTable<Modelled> {
        static WAKERS: WakerTable<Modelled> = WakerTable::new();
        &WAKERS
    }

    fn ready(task: TaskRef<Modelled>) {
        READY.with(|ready| ready.borrow_mut().push_back(task));
    }

    fn post(_: Home, woken: Woken<Modelled>) {
        inbox().push(woken);
        POSTED.notify_one();
    }

    fn ended(_: &TaskRef<Modelled>) {}
}

/// Is ready once the flag is set. The flag's own ordering is the weakest, so that only the wake-up makes it
/// seen.
struct Flagged(Arc<AtomicBool>);

impl Body<Modelled> for Flagged {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &TaskRef<Modelled>, _: &mut Context<'_>) -> Poll<()> {
        if self.0.load(Ordering::Relaxed) { Poll::Ready(()) } else { Poll::Pending }
    }

    fn abandon(self: Pin<&mut Self>, _: &TaskRef<Modelled>) {}

    fn last_look((): (), _: &Modelled, _: Home, _: u16) {}
}

fn spawn() -> (OutputRef<(), Modelled>, Arc<AtomicBool>) {
    let flag = Arc::new(AtomicBool::new(false));
    (crate::spawn(Home::new(), Modelled, Flagged(flag.clone())), flag)
}

fn inbox() -> MutexGuard<'static, Vec<Woken<Modelled>>> {
    INBOX.lock().expect("nothing panics with it")
}

/// Waits until something is posted.
fn wait() {
    let mut inbox = inbox();
    while inbox.is_empty() {
        inbox = POSTED.wait(inbox).expect("nothing panics with it");
    }
}

/// Takes home what was posted and runs what is ready.
fn turn() {
    let posted = std::mem::take(&mut *inbox());
    for woken in posted {
        assert!(woken.wake().is_ok(), "this is its thread");
    }
    while let Some(task) = READY.with(|ready| ready.borrow_mut().pop_front()) {
        task.run();
    }
}

#[test]
fn loom_a_wake_up_from_elsewhere_is_not_lost() {
    loom::model(|| {
        let (task, flag) = spawn();
        (*task).clone().run();
        let waker = task.waker();
        let other = thread::spawn(move || {
            flag.store(true, Ordering::Relaxed);
            waker.wake();
        });
        while !task.is_ended() {
            wait();
            turn();
        }
        other.join().expect("it does not panic");
        turn();
    });
}

#[test]
fn loom_what_comes_before_a_wake_up_that_another_stands_for_is_seen() {
    // Three threads have too many orders to try all: those with two preemptions are tried.
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(|| {
        let (task, flag) = spawn();
        (*task).clone().run();
        let (one, other) = (task.waker(), task.waker());
        let first = thread::spawn(move || one.wake());
        let second = thread::spawn(move || {
            flag.store(true, Ordering::Relaxed);
            other.wake();
        });
        while !task.is_ended() {
            wait();
            turn();
        }
        first.join().expect("it does not panic");
        second.join().expect("it does not panic");
        turn();
    });
}

#[test]
fn loom_the_memory_is_freed_after_its_last_use() {
    loom::model(|| {
        let (task, _) = spawn();
        let waker = task.waker();
        let clone = waker.clone();
        let other = thread::spawn(move || clone.wake());
        drop(task);
        drop(waker);
        other.join().expect("it does not panic");
        turn();
    });
}

#[test]
fn loom_what_is_dropped_on_its_way_home_frees_the_memory() {
    loom::model(|| {
        let (task, _) = spawn();
        let waker = task.waker();
        let other = thread::spawn(move || {
            waker.wake_by_ref();
            let posted = std::mem::take(&mut *inbox());
            drop(posted);
            drop(waker);
        });
        task.wake();
        turn();
        drop(task);
        other.join().expect("it does not panic");
        turn();
    });
}
