//! What wakes a task, what ends it, and where and when its parts are dropped.

mod homes;
mod notes;
mod torture;

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::thread;

use crate::{Body, Home, LocalWaker, OutputRef, Record, TaskQueue, TaskRef, WakerTable, Woken};

thread_local! {
    static READY: TaskQueue<Noted> = const { TaskQueue::new() };
    /// Each test has a thread, and a home there.
    static HOME: OwnHome = OwnHome::new();
}

/// Closes a home in the end: the memory that knows it goes with it.
struct OwnHome(Home);

impl OwnHome {
    fn new() -> OwnHome {
        OwnHome(Home::new())
    }
}

impl Drop for OwnHome {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn own_home() -> Home {
    HOME.with(|home| home.0)
}

/// What was posted to the tests.
static INBOX: Mutex<Vec<(Home, Woken<Noted>)>> = Mutex::new(Vec::new());

/// Takes what was posted to a home.
fn posted(home: Home) -> Vec<Woken<Noted>> {
    let mut inbox = INBOX.lock().expect("no test panics with it");
    inbox.extract_if(.., |(to, _)| *to == home).map(|(_, woken)| woken).collect()
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
    type Note = Option<&'static str>;

    fn wakers() -> &'static WakerTable<Noted> {
        static WAKERS: WakerTable<Noted> = WakerTable::new();
        &WAKERS
    }

    fn ready(task: TaskRef<Noted>) {
        READY.with(|ready| ready.push(task));
    }

    fn post(home: Home, woken: Woken<Noted>) {
        INBOX.lock().expect("no test panics with it").push((home, woken));
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

    fn last_look(output: Output, record: &Noted, home: Home, marks: u16) {
        assert!(record.ended.get() == 1);
        assert_eq!((home, marks), (own_home(), MARKS));
        output.1.borrow_mut().push("last look");
    }
}

const MARKS: u16 = 0x4321;

type Events = Rc<RefCell<Vec<&'static str>>>;

fn spawn(
    poll: impl FnMut(&TaskRef<Noted>, &mut Context<'_>) -> Poll<String> + Unpin + 'static,
) -> (OutputRef<Output, Noted>, Events) {
    let events = Events::default();
    let record = Noted { ended: Cell::new(0), events: events.clone() };
    let task = crate::spawn(own_home(), record, Polled(poll, events.clone()));
    task.marks().set(MARKS);
    (task, events)
}

/// Runs what is ready; tells how many polls that were.
fn run() -> usize {
    let mut polls = 0;
    while let Some(task) = READY.with(TaskQueue::pop) {
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
    let (task, events) = spawn(|_, _| Poll::Ready("done".to_owned()));
    assert!(text(&task).is_none());
    task.wake();
    task.wake();
    assert_eq!(run(), 1, "two wake-ups before the poll are one");
    assert_eq!((text(&task), task.ended.get()), (Some("done"), 1));
    assert_eq!(*events.borrow(), ["body dropped"]);
    task.wake();
    assert!((*task).clone().run().is_none());
    assert_eq!(run(), 0, "what has ended is not polled");
    let second = task.onlooker();
    drop(task);
    assert_eq!(second.look(|output| output.0.clone()).as_deref(), Some("done"));
    assert_eq!(*events.borrow(), ["body dropped"]);
    drop(second);
    assert_eq!(*events.borrow(), ["body dropped", "last look", "output dropped", "record dropped"]);
}

#[test]
fn one_that_is_woken_while_it_runs_is_queued_after_that_poll() {
    let mut polls = 0;
    let (task, _) = spawn(move |task, cx| {
        polls += 1;
        cx.waker().wake_by_ref();
        let waker = cx.waker().clone();
        waker.wake();
        LocalWaker::<Noted>::of(cx.waker()).expect("the waker is the task's").wake();
        task.wake();
        assert!(READY.with(TaskQueue::is_empty) && task.is_running());
        assert!(task.clone().run().is_none());
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
    let (task, events) = spawn(move |_, cx| {
        *keep.borrow_mut() = Some((cx.waker().clone(), LocalWaker::<Noted>::of(cx.waker())));
        Poll::Pending
    });
    (*task).clone().run();
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
    let (task, other) = (spawn(|_, _| Poll::Pending).0, spawn(|_, _| Poll::Pending).0);
    assert!(!task.local_waker().will_wake(&other.waker()));
    assert!(task.local_waker().will_wake(&task.waker()));
    assert!(task.is(&(*task).clone()) && !task.is(&other));
}

#[test]
fn what_another_thread_wakes_comes_home_once() {
    let mut polls = 0;
    let (task, _) = spawn(move |_, _| {
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
    let mut woken = posted(task.home());
    assert_eq!(woken.len(), 1, "two wake-ups are one");
    let woken = woken.remove(0);
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
    posted(task.home()).pop().expect("it was posted again").wake().expect("this is its thread");
    assert_eq!(run(), 1);
    assert!(task.is_ended());
    thread::spawn(move || waker.wake()).join().expect("it does not panic");
    assert!(posted(task.home()).is_empty(), "there is nothing to wake");
}

#[test]
fn the_last_waker_frees_the_memory_wherever_it_is() {
    let (task, events) = spawn(|_, _| Poll::Pending);
    let (one, other) = (task.waker(), task.waker());
    let home = task.home();
    let drops = thread::spawn(move || one.wake());
    drop(task);
    drops.join().expect("it does not panic");
    assert_eq!(*events.borrow(), ["body dropped", "record dropped"]);
    let woken = posted(home).pop().expect("it was posted");
    assert!(woken.task().is_none(), "nobody has the task any more");
    woken.wake().expect("this is its thread");
    thread::spawn(move || drop(other)).join().expect("it does not panic");
    assert_eq!(run(), 0);
}

#[test]
fn an_abandoned_task_has_the_output_that_its_body_gives() {
    let (task, events) = spawn(|_, _| Poll::Pending);
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
    let (task, events) = spawn(|_, _| panic!("as wanted"));
    assert!(catch_unwind(AssertUnwindSafe(|| (*task).clone().run())).is_err());
    assert!(task.is_ended() && task.output().is_none());
    task.wake();
    (*task).clone().run();
    assert_eq!((run(), task.ended.get()), (0, 0));
    drop(task);
    assert_eq!(*events.borrow(), ["body dropped", "record dropped"]);
}

#[test]
fn an_output_is_taken_once_and_not_while_somebody_looks() {
    let (mut task, events) = spawn(|_, _| Poll::Ready("done".to_owned()));
    assert!(task.take().is_none() && task.onlooker().look(|_| ()).is_none(), "it has not ended");
    assert!((*task).clone().run().is_some_and(|ended| ended.is(&task)));
    let onlooker = task.onlooker();
    onlooker.look(|output| {
        onlooker.clone().look(|_| ());
        assert!(task.take().is_none(), "{} is looked at", output.0);
    });
    let looked = catch_unwind(AssertUnwindSafe(|| onlooker.look(|_| panic!("as wanted"))));
    assert!(looked.is_err());
    assert_eq!(task.take().expect("nobody looks any more").0, "done");
    assert_eq!(*events.borrow(), ["body dropped", "output dropped"]);
    assert!(task.take().is_none() && task.output().is_none() && onlooker.look(|_| ()).is_none());
    drop((task, onlooker));
    assert_eq!(*events.borrow(), ["body dropped", "output dropped", "record dropped"]);
}

#[test]
fn a_note_is_there_while_the_task_is_in_no_queue() {
    let (task, _) = spawn(|task, _| {
        assert_eq!(task.note(), Some(None), "what comes from a queue has a new one");
        task.set_note(Some("polled"));
        Poll::Pending
    });
    assert_eq!(task.note(), Some(None));
    task.set_note(Some("made"));
    assert_eq!(task.note(), Some(Some("made")));
    task.wake();
    assert!(task.is_queued());
    task.set_note(Some("queued"));
    assert_eq!(task.note(), None);
    run();
    assert_eq!((task.note(), task.is_queued()), (Some(Some("polled")), false));
}

#[test]
fn a_queue_is_first_in_first_out_and_has_a_task_once() {
    let tasks = [(); 5].map(|()| spawn(|_, _| Poll::Pending).0);
    let (one, other) = (TaskQueue::new(), TaskQueue::new());
    let push = |queue: &TaskQueue<Noted>, task: usize| queue.push((*tasks[task]).clone());
    let pop = |queue: &TaskQueue<Noted>| {
        let popped = queue.pop()?;
        tasks.iter().position(|task| task.is(&popped))
    };
    (0..3).for_each(|task| push(&one, task));
    push(&one, 0);
    push(&other, 1);
    assert_eq!((one.len(), other.len()), (3, 0), "a task is in one queue, once");
    one.append(&other);
    assert_eq!(pop(&one), Some(0));
    push(&other, 0);
    push(&other, 3);
    one.append(&other);
    assert!(other.is_empty() && other.pop().is_none());
    push(&one, 4);
    assert!(std::iter::from_fn(|| pop(&one)).eq([1, 2, 0, 3, 4]));
    other.append(&one);
    assert!(one.is_empty() && other.is_empty());
    push(&other, 2);
    one.append(&other);
    assert_eq!((one.len(), pop(&one), pop(&one)), (1, Some(2), None));
}

#[test]
fn a_queue_that_is_put_behind_itself_stays_as_it_is() {
    let tasks = [(); 2].map(|()| spawn(|_, _| Poll::Pending).0);
    let queue = TaskQueue::new();
    queue.append(&queue);
    tasks.iter().for_each(|task| queue.push((**task).clone()));
    queue.append(&queue);
    assert_eq!(queue.len(), 2);
    assert!(tasks.iter().all(|task| queue.pop().is_some_and(|popped| popped.is(task))));
    assert!(queue.is_empty() && queue.pop().is_none());
}

#[test]
fn a_queue_that_is_dropped_drops_its_tasks() {
    let (task, events) = spawn(|_, _| Poll::Pending);
    let queue = TaskQueue::new();
    queue.push((*task).clone());
    drop(task);
    assert_eq!(*events.borrow(), [""; 0]);
    drop(queue);
    assert_eq!(*events.borrow(), ["body dropped", "record dropped"]);
}
