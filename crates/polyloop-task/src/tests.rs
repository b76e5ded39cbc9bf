//! What wakes a task, what ends it, and where and when its parts are dropped.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::thread;

use crate::{Body, LocalWaker, OutputRef, Record, TaskRef, WakerTable, Woken};

thread_local! {
    static READY: RefCell<VecDeque<TaskRef<Noted>>> = const { RefCell::new(VecDeque::new()) };
}

/// One test's inbox; which, is the task's home.
static INBOXES: [Mutex<Vec<Woken<Noted>>>; 8] = [const { Mutex::new(Vec::new()) }; 8];

fn inbox(home: usize) -> MutexGuard<'static, Vec<Woken<Noted>>> {
    INBOXES[home].lock().expect("no test panics with it")
}

/// A record that notes what happens.
struct Noted {
    ended: Cell<u32>,
    events: Rc<RefCell<Vec<&'static str>>>,
}

impl Drop for Noted {
    fn drop(&mut self) {
        self.events.borrow_mut().push("record dropped");
    }
}

impl Record for Noted {
    type Home = usize;

    fn wakers() -> &'static WakerTable<Noted> {
        static WAKERS: WakerTable<Noted> = WakerTable::new();
        &WAKERS
    }

    fn ready(task: TaskRef<Noted>) {
        READY.with_borrow_mut(|ready| ready.push_back(task));
    }

    fn post(home: usize, woken: Woken<Noted>) {
        inbox(home).push(woken);
    }

    fn ended(task: &TaskRef<Noted>) {
        task.ended.set(task.ended.get() + 1);
    }
}

/// Polls a function; its output is a string, whose drop is noted.
struct Polled<F>(F, Rc<RefCell<Vec<&'static str>>>);

struct Output(String, Rc<RefCell<Vec<&'static str>>>);

impl Drop for Output {
    fn drop(&mut self) {
        self.1.borrow_mut().push("output dropped");
    }
}

impl<F> Drop for Polled<F> {
    fn drop(&mut self) {
        self.1.borrow_mut().push("body dropped");
    }
}

impl<F> Body<Noted> for Polled<F>
where
    F: FnMut(&TaskRef<Noted>, &mut Context<'_>) -> Poll<String> + Unpin + 'static,
{
    type Output = Output;

    fn poll(mut self: Pin<&mut Self>, task: &TaskRef<Noted>, cx: &mut Context<'_>) -> Poll<Output> {
        let events = self.1.clone();
        (self.0)(task, cx).map(|text| Output(text, events))
    }

    fn abandon(self: Pin<&mut Self>, _: &TaskRef<Noted>) -> Output {
        Output("abandoned".to_owned(), self.1.clone())
    }

    fn last_look(output: &mut Output, record: &Noted, _: usize) {
        assert!(record.ended.get() == 1);
        output.1.borrow_mut().push("last look");
    }
}

type Events = Rc<RefCell<Vec<&'static str>>>;

fn spawn(
    home: usize,
    poll: impl FnMut(&TaskRef<Noted>, &mut Context<'_>) -> Poll<String> + Unpin + 'static,
) -> (OutputRef<Output, Noted>, Events) {
    let events = Events::default();
    let record = Noted { ended: Cell::new(0), events: events.clone() };
    (crate::spawn(home, record, Polled(poll, events.clone())), events)
}

/// Runs what is ready; tells how many polls that were.
fn run() -> usize {
    let mut polls = 0;
    while let Some(task) = READY.with_borrow_mut(VecDeque::pop_front) {
        task.run();
        polls += 1;
        assert!(polls < 100);
    }
    polls
}

fn text(task: &OutputRef<Output, Noted>) -> Option<&str> {
    task.output().map(|output| output.0.as_str())
}

#[test]
fn a_task_takes_its_output_to_where_its_body_was() {
    let (task, events) = spawn(0, |_, _| Poll::Ready("done".to_owned()));
    assert!(text(&task).is_none());
    task.wake();
    task.wake();
    assert_eq!(run(), 1, "two wake-ups before the poll are one");
    assert_eq!((text(&task), task.ended.get()), (Some("done"), 1));
    assert_eq!(*events.borrow(), ["body dropped"]);
    task.wake();
    task.run();
    assert_eq!(run(), 0, "what has ended is not polled");
    let second = task.clone();
    drop(task);
    assert_eq!(text(&second), Some("done"));
    drop(second);
    assert_eq!(*events.borrow(), ["body dropped", "last look", "output dropped", "record dropped"]);
}

#[test]
fn one_that_is_woken_while_it_runs_is_queued_after_that_poll() {
    let mut polls = 0;
    let (task, _) = spawn(0, move |task, cx| {
        polls += 1;
        cx.waker().wake_by_ref();
        cx.waker().clone().wake();
        LocalWaker::<Noted>::of(cx.waker()).expect("the waker is the task's").wake();
        task.wake();
        assert!(READY.with_borrow(VecDeque::is_empty));
        task.run();
        assert!(!task.abandon(), "it is being polled");
        if polls == 3 { Poll::Ready(polls.to_string()) } else { Poll::Pending }
    });
    task.wake();
    assert_eq!(run(), 3);
    assert_eq!(text(&task), Some("3"));
}

#[test]
fn wakers_keep_nothing_but_the_memory() {
    let kept = Rc::new(RefCell::new(None));
    let keep = kept.clone();
    let (task, events) = spawn(0, move |_, cx| {
        *keep.borrow_mut() = Some((cx.waker().clone(), LocalWaker::<Noted>::of(cx.waker())));
        Poll::Pending
    });
    task.run();
    drop(task);
    assert_eq!(*events.borrow(), ["body dropped", "record dropped"]);
    let (waker, local) = kept.take().expect("the task left them here");
    waker.wake_by_ref();
    let local = local.expect("the waker is of such a task");
    local.wake();
    assert!(local.will_wake(&waker) && LocalWaker::<Noted>::of(&waker).is_none());
    drop(local);
    thread::spawn(move || drop(waker.clone())).join().expect("it does not panic");
    assert_eq!(run(), 0);
}

#[test]
fn a_waker_of_another_kind_is_not_taken_for_one() {
    assert!(LocalWaker::<Noted>::of(Waker::noop()).is_none());
    let (task, other) = (spawn(0, |_, _| Poll::Pending).0, spawn(0, |_, _| Poll::Pending).0);
    assert!(!task.local_waker().will_wake(&other.waker()));
    assert!(task.local_waker().will_wake(&task.waker()));
    assert!(task.is(&task.clone()) && !task.is(&other));
}

#[test]
fn what_another_thread_wakes_comes_home_once() {
    let mut polls = 0;
    let (task, _) = spawn(1, move |_, _| {
        polls += 1;
        if polls == 2 { Poll::Ready(String::new()) } else { Poll::Pending }
    });
    let waker = task.waker();
    let twice = move || {
        waker.wake_by_ref();
        waker.wake_by_ref();
        waker
    };
    let waker = thread::spawn(twice).join().expect("it does not panic");
    assert_eq!(run(), 0);
    let woken = inbox(1).pop().expect("it was posted");
    assert!(inbox(1).is_empty(), "two wake-ups are one");
    assert!(woken.task().expect("the task is there").is(&task));
    let elsewhere = thread::spawn(|| {
        assert!(woken.task().is_none());
        woken.wake().expect_err("this is not its thread")
    });
    let woken = elsewhere.join().expect("it does not panic");
    woken.wake().expect("this is its thread");
    assert_eq!(run(), 1);
    let again = thread::spawn(move || {
        waker.wake_by_ref();
        waker
    });
    let waker = again.join().expect("it does not panic");
    inbox(1).pop().expect("it was posted again").wake().expect("this is its thread");
    assert_eq!(run(), 1);
    assert!(task.is_ended());
    thread::spawn(move || waker.wake()).join().expect("it does not panic");
    assert!(inbox(1).is_empty(), "there is nothing to wake");
}

#[test]
fn the_last_waker_frees_the_memory_wherever_it_is() {
    let (task, events) = spawn(2, |_, _| Poll::Pending);
    let (one, other) = (task.waker(), task.waker());
    let drops = thread::spawn(move || one.wake());
    drop(task);
    drops.join().expect("it does not panic");
    assert_eq!(*events.borrow(), ["body dropped", "record dropped"]);
    let woken = inbox(2).pop().expect("it was posted");
    assert!(woken.task().is_none(), "nobody has the task any more");
    woken.wake().expect("this is its thread");
    thread::spawn(move || drop(other)).join().expect("it does not panic");
    assert_eq!(run(), 0);
}

#[test]
fn an_abandoned_task_has_the_output_that_its_body_gives() {
    let (task, events) = spawn(0, |_, _| Poll::Pending);
    task.wake();
    assert!(task.abandon());
    assert!(!task.abandon());
    assert_eq!((text(&task), task.ended.get()), (Some("abandoned"), 1));
    run();
    drop(task);
    assert_eq!(*events.borrow(), ["body dropped", "last look", "output dropped", "record dropped"]);
}

#[test]
fn a_panic_goes_to_who_runs_the_task_and_ends_it() {
    let (task, events) = spawn(0, |_, _| panic!("as wanted"));
    assert!(catch_unwind(AssertUnwindSafe(|| task.run())).is_err());
    assert!(task.is_ended() && task.output().is_none());
    task.wake();
    task.run();
    assert_eq!((run(), task.ended.get()), (0, 0));
    drop(task);
    assert_eq!(*events.borrow(), ["body dropped", "record dropped"]);
}
