//! A whole task, and what is done with it by who knows its body.

use std::cell::UnsafeCell;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::cell::{Header, Raw, Table};
use crate::state::Inside;
use crate::{Body, Home, Record, TaskRef, spare};

/// `stage` is touched by who runs the task, and read by anybody on its thread once it has ended.
#[repr(C)]
struct TaskCell<B: Body<R>, R: Record> {
    header: Header<R>,
    stage: UnsafeCell<Stage<B, B::Output>>,
}

/// `State` says which of them it is, if any. Both begin where it does.
#[repr(C)]
union Stage<B, O> {
    body: ManuallyDrop<B>,
    output: ManuallyDrop<O>,
}

/// Makes a task with one `TaskRef`, which the caller gets the duty for.
#[inline]
pub(crate) fn allocate<B: Body<R>, R: Record>(home: Home, record: R, body: B) -> Raw<R> {
    assert!(home.is_here(), "tasks are made on the thread of their home");
    let table = const {
        &Table {
            poll: poll::<B, R>,
            abandon: abandon::<B, R>,
            stage: stage::<B, R>,
            drop_contents: drop_contents::<B, R>,
            free: free::<B, R>,
        }
    };
    // The user's code, which may panic: before there is memory that would be leaked.
    let note = R::Note::default();
    let cell = spare::allocate::<TaskCell<B, R>>();
    let task = TaskCell {
        header: Header::new(table, home, record, note),
        stage: UnsafeCell::new(Stage { body: ManuallyDrop::new(body) }),
    };
    // SAFETY: the memory is for this, and nobody else's.
    unsafe { cell.write(task) }
    // The address is that of the whole allocation, and may be used for all of it.
    Raw(cell.cast())
}

/// Gives the address of the stage of a task whose body is a `B`: that of the body, or of the output.
///
/// # Safety
///
/// The address is that of such a task, whose memory somebody keeps.
#[inline]
unsafe fn stage<B: Body<R>, R: Record>(raw: Raw<R>) -> *mut () {
    let cell = raw.0.cast::<TaskCell<B, R>>().as_ptr();
    // SAFETY: the memory is there, and of this type.
    let stage = unsafe { &raw const (*cell).stage };
    UnsafeCell::raw_get(stage).cast()
}

/// Gives the body of a task.
///
/// # Safety
///
/// The address is that of a task with this body, whose memory somebody keeps, and `State::begin` has let the caller in.
#[inline]
unsafe fn body<'a, B: Body<R>, R: Record>(raw: Raw<R>) -> Pin<&'a mut B> {
    // SAFETY: the caller says so.
    let body = unsafe { stage::<B, R>(raw) }.cast::<B>();
    // SAFETY: who was let in finds the body, and nobody else touches it.
    let body = unsafe { &mut *body };
    // SAFETY: the body stays where it is until it is dropped there.
    unsafe { Pin::new_unchecked(body) }
}

/// Drops the body and puts the output in its place.
///
/// # Safety
///
/// As for [`body`], which is not borrowed any more.
#[inline]
unsafe fn settle<B: Body<R>, R: Record>(raw: Raw<R>, output: B::Output) {
    // SAFETY: the caller says so.
    let stage = unsafe { stage::<B, R>(raw) };
    // SAFETY: and here.
    let state = &unsafe { raw.header() }.state;
    // Should the destructor panic, there is neither.
    state.set_inside(Inside::Nothing);
    // SAFETY: the body is there, and dropped once.
    unsafe { stage.cast::<B>().drop_in_place() }
    // SAFETY: nobody else touches the stage, in which there is nothing.
    unsafe { stage.cast::<B::Output>().write(output) }
    state.set_inside(Inside::Output);
}

unsafe fn poll<B: Body<R>, R: Record>(
    raw: Raw<R>,
    task: &TaskRef<R>,
    cx: &mut Context<'_>,
) -> bool {
    // SAFETY: the table is only that of tasks with this body, and the caller was let in.
    let body = unsafe { body::<B, R>(raw) };
    match body.poll(task, cx) {
        Poll::Pending => false,
        Poll::Ready(output) => {
            // SAFETY: as above, and the body is not borrowed any more.
            unsafe { settle::<B, R>(raw, output) }
            true
        }
    }
}

unsafe fn abandon<B: Body<R>, R: Record>(raw: Raw<R>, task: &TaskRef<R>) {
    // SAFETY: the table is only that of tasks with this body, and the caller was let in.
    let output = unsafe { body::<B, R>(raw) }.abandon(task);
    // SAFETY: as above, and the body is not borrowed any more.
    unsafe { settle::<B, R>(raw, output) }
}

unsafe fn drop_contents<B: Body<R>, R: Record>(raw: Raw<R>) {
    // SAFETY: the table is only that of tasks with this body.
    let stage = unsafe { stage::<B, R>(raw) };
    // SAFETY: the memory is kept by the part of the `TaskRef`s, of which the last goes now.
    let header = unsafe { raw.header() };
    let record = header.record.get();
    let inside = header.state.inside();
    header.state.set_inside(Inside::Nothing);
    match inside {
        Inside::Nothing => {}
        // SAFETY: nobody uses the stage any more, by the caller's word, and the body is dropped once.
        Inside::Body => unsafe { stage.cast::<B>().drop_in_place() },
        Inside::Output => {
            // SAFETY: nobody uses the stage any more, and the output is taken once.
            let output = unsafe { stage.cast::<B::Output>().read() };
            // SAFETY: the record is still there, and nobody changes it.
            let record = unsafe { &*record };
            B::last_look(output, record, header.home, header.marks.get());
        }
    }
    // SAFETY: nobody uses the record any more.
    let record = unsafe { &mut *record };
    // SAFETY: and it is dropped once.
    unsafe { ManuallyDrop::drop(record) }
}

unsafe fn free<B: Body<R>, R: Record>(raw: Raw<R>) {
    let cell = raw.0.cast::<TaskCell<B, R>>();
    // SAFETY: the memory is there until here.
    let home = unsafe { raw.header() }.home;
    if home.is_running() {
        // SAFETY: `allocate` has it from there for this type, and the contents are gone.
        unsafe { spare::keep(cell) }
    } else {
        // SAFETY: as above.
        unsafe { spare::free(cell) }
    }
}
