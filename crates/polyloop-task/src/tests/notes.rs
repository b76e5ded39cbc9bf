//! Notes whose default is code of the user's, with tasks to reach from there.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::{Body, Home, OutputRef, Record, TaskQueue, TaskRef, WakerTable, Woken};

thread_local! {
    static READY: TaskQueue<Noting> = const { TaskQueue::new() };
    static POPPED: RefCell<Vec<TaskRef<Noting>>> = const { RefCell::new(Vec::new()) };
    /// What the making of the next note does, once.
    static MAKING: Cell<Making> = const { Cell::new(Making::Simply) };
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Making {
    Simply,
    Panics,
    Pops,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Note(&'static str);

impl Default for Note {
    fn default() -> Note {
        match MAKING.replace(Making::Simply) {
            Making::Simply => {}
            Making::Panics => panic!("as wanted"),
            Making::Pops => {
                let popped = READY.with(TaskQueue::pop);
                POPPED.with_borrow_mut(|list| list.extend(popped));
            }
        }
        Note("new")
    }
}

struct Noting;

impl Record for Noting {
    type Note = Note;

    fn wakers() -> &'static WakerTable<Noting> {
        static WAKERS: WakerTable<Noting> = WakerTable::new();
        &WAKERS
    }

    fn ready(task: TaskRef<Noting>) {
        READY.with(|ready| ready.push(task));
    }

    fn post(_: Home, _: Woken<Noting>) {}

    fn ended(_: &TaskRef<Noting>) {}
}

struct Never;

impl Body<Noting> for Never {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &TaskRef<Noting>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }

    fn abandon(self: Pin<&mut Self>, _: &TaskRef<Noting>) {}

    fn last_look((): (), _: &Noting, _: Home, _: u16) {}
}

fn queued() -> OutputRef<(), Noting> {
    let task = crate::spawn(super::own_home(), Noting, Never);
    task.wake();
    task
}

fn pop() -> Option<TaskRef<Noting>> {
    READY.with(TaskQueue::pop)
}

#[test]
fn a_panic_while_a_note_is_made_leaves_the_task_in_its_queue() {
    let task = queued();
    MAKING.set(Making::Panics);
    assert!(catch_unwind(AssertUnwindSafe(pop)).is_err());
    assert_eq!(task.note(), None, "it is in the queue");
    assert!(pop().is_some_and(|popped| popped.is(&task)));
    assert_eq!((task.note(), READY.with(TaskQueue::len)), (Some(Note("new")), 0));
}

#[test]
fn what_is_popped_while_a_note_is_made_is_popped_once() {
    let tasks = [(); 2].map(|()| queued());
    MAKING.set(Making::Pops);
    assert!(pop().is_some_and(|popped| popped.is(&tasks[1])));
    MAKING.set(Making::Pops);
    (*tasks[1]).clone().run();
    tasks[1].wake();
    assert!(pop().is_none(), "the last one was popped meanwhile");
    let popped = POPPED.take();
    assert!(popped.len() == 2 && popped[0].is(&tasks[0]) && popped[1].is(&tasks[1]));
    assert_eq!(READY.with(TaskQueue::len), 0);
}
