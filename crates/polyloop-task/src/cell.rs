//! The memory of a task, and everything that is done with it by its address.

use std::cell::{Cell, UnsafeCell};
use std::mem::{ManuallyDrop, MaybeUninit};
use std::pin::Pin;
use std::ptr::{self, NonNull};
use std::task::{Context, Poll};

use crate::memory::{Memory, Post};
use crate::state::State;
use crate::thread::ThreadId;
use crate::{Body, Record, TaskRef};

/// What every task begins with, whatever its body is.
///
/// Any thread that keeps the memory may have a reference to it: `table`, `thread` and `home` never
/// change, `memory` and `post` are atomic. The others belong to the task's thread, and no other
/// looks at them.
///
/// `strong` counts the `TaskRef`s; while there are any, the record and the stage are there. `local` counts the
/// `LocalWaker`s, and one for all `TaskRef`s; while it is not zero, the thread is a keeper in `memory`.
#[repr(C)]
pub(crate) struct Header<R: Record> {
    table: &'static Table<R>,
    thread: ThreadId,
    pub(crate) home: R::Home,
    pub(crate) memory: Memory,
    strong: Cell<u32>,
    local: Cell<u32>,
    pub(crate) post: Post,
    pub(crate) state: State,
    record: UnsafeCell<ManuallyDrop<R>>,
}

/// A whole task; `stage` is touched by who runs it, and read by anybody on its thread once it has ended.
#[repr(C)]
struct TaskCell<B: Body<R>, R: Record> {
    header: Header<R>,
    stage: UnsafeCell<Stage<B, B::Output>>,
}

enum Stage<B, O> {
    Body(B),
    Output(O),
}

/// What is done with a task by who does not know its body. Each takes the address of a whole task of
/// the right type, on its thread, whose contents are there (for `free`: are gone).
struct Table<R: Record> {
    /// Polls the body; true if the output has taken its place. Nobody else touches the stage.
    poll: unsafe fn(Raw<R>, &TaskRef<R>, &mut Context<'_>) -> bool,
    /// Puts the output in the place of the body. Nobody else touches the stage.
    abandon: unsafe fn(Raw<R>, &TaskRef<R>),
    /// Gives the address of the output, or null. Nobody changes the stage.
    output: unsafe fn(Raw<R>) -> *const (),
    /// Drops the stage and the record, which nobody uses any more.
    drop_contents: unsafe fn(Raw<R>),
    /// Frees the memory, on any thread, which nobody uses any more.
    free: unsafe fn(Raw<R>),
}

/// The address of a task. It keeps nothing by itself.
pub(crate) struct Raw<R: Record>(NonNull<Header<R>>);

impl<R: Record> Clone for Raw<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: Record> Copy for Raw<R> {}

impl<R: Record> PartialEq for Raw<R> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

/// Makes a task with one `TaskRef`, which the caller gets the duty for.
pub(crate) fn allocate<B: Body<R>, R: Record>(home: R::Home, record: R, body: B) -> Raw<R> {
    let cell = Box::new(TaskCell {
        header: Header {
            table: const {
                &Table {
                    poll: poll::<B, R>,
                    abandon: abandon::<B, R>,
                    output: output::<B, R>,
                    drop_contents: drop_contents::<B, R>,
                    free: free::<B, R>,
                }
            },
            thread: ThreadId::current(),
            home,
            memory: Memory::new(),
            strong: Cell::new(1),
            local: Cell::new(1),
            post: Post::new(),
            state: State::new(),
            record: UnsafeCell::new(ManuallyDrop::new(record)),
        },
        stage: UnsafeCell::new(Stage::Body(body)),
    });
    // The address is that of the whole allocation, and may be used for all of it.
    Raw(NonNull::from(Box::leak(cell)).cast())
}

impl<R: Record> Raw<R> {
    /// Gives the address for a waker.
    pub(crate) fn as_data(self) -> *const () {
        self.0.as_ptr().cast_const().cast()
    }

    /// Takes the address back out of a waker.
    ///
    /// # Safety
    ///
    /// It is from [`Raw::as_data`] of the same `R`.
    pub(crate) unsafe fn from_data(data: *const ()) -> Raw<R> {
        // SAFETY: the caller says that it was made from an address, which is not null.
        Raw(unsafe { NonNull::new_unchecked(data.cast_mut().cast()) })
    }

    /// Gives what every task has.
    ///
    /// # Safety
    ///
    /// Somebody keeps the memory for as long as the reference is used.
    #[inline]
    pub(crate) unsafe fn header<'a>(self) -> &'a Header<R> {
        // SAFETY: the memory is there by the caller's word, a header is at its beginning, and what
        // of it changes is behind a cell or atomic.
        unsafe { self.0.as_ref() }
    }

    /// Gives the record.
    ///
    /// # Safety
    ///
    /// This is the task's thread, and there is a `TaskRef` for as long as the reference is used.
    #[inline]
    pub(crate) unsafe fn record<'a>(self) -> &'a R {
        // SAFETY: a `TaskRef` keeps the memory.
        let record = unsafe { self.header() }.record.get();
        // SAFETY: and the record in it, which is only ever shared until the last of them goes.
        unsafe { &*record }
    }

    /// Gives up being a keeper of the memory.
    ///
    /// # Safety
    ///
    /// The caller is one, and uses the task no more.
    #[inline]
    pub(crate) unsafe fn release(self) {
        let free = {
            // SAFETY: the caller is a keeper until now.
            let header = unsafe { self.header() };
            let free = header.table.free;
            // Only the count is borrowed while another thread may already free the memory: its
            // bytes are atomic, so that a reference to them may dangle.
            if !header.memory.release() {
                return;
            }
            free
        };
        // SAFETY: it was the last keeper; the contents went before the thread gave its part up.
        unsafe { free(self) }
    }

    /// Counts another `TaskRef`.
    ///
    /// # Safety
    ///
    /// This is the task's thread, and there is a `TaskRef`.
    #[inline]
    pub(crate) unsafe fn add_strong(self) {
        // SAFETY: a `TaskRef` keeps the memory.
        let strong = &unsafe { self.header() }.strong;
        strong.set(strong.get().checked_add(1).expect("a task has fewer than 2^32 references"));
    }

    /// Gives up a `TaskRef`; the last takes the contents along.
    ///
    /// # Safety
    ///
    /// This is the task's thread, and the caller has a `TaskRef`, which is used no more.
    #[inline]
    pub(crate) unsafe fn drop_strong(self) {
        // SAFETY: a `TaskRef` keeps the memory.
        let header = unsafe { self.header() };
        let left = header.strong.get() - 1;
        header.strong.set(left);
        if left == 0 {
            // SAFETY: nobody has a `TaskRef` any more and nobody gets one (`is_alive`), so nobody
            // uses the contents. They are dropped here, on the task's thread, and only once. Should that
            // panic, the memory is leaked.
            unsafe { (header.table.drop_contents)(self) }
            // SAFETY: the part of all `TaskRef`s in `local` ends with the last of them.
            unsafe { self.drop_local() }
        }
    }

    /// Counts another `LocalWaker`.
    ///
    /// # Safety
    ///
    /// This is the task's thread, and there is a `LocalWaker` or `TaskRef`.
    #[inline]
    pub(crate) unsafe fn add_local(self) {
        // SAFETY: either keeps the memory.
        let local = &unsafe { self.header() }.local;
        local.set(local.get().checked_add(1).expect("a task has fewer than 2^32 wakers"));
    }

    /// Gives up a `LocalWaker`, or the part of all `TaskRef`s.
    ///
    /// # Safety
    ///
    /// This is the task's thread, and the caller has that, which is used no more.
    #[inline]
    pub(crate) unsafe fn drop_local(self) {
        // SAFETY: what the caller has keeps the memory.
        let header = unsafe { self.header() };
        let left = header.local.get() - 1;
        header.local.set(left);
        if left == 0 {
            // SAFETY: with the last of these the thread's own part in the memory ends.
            unsafe { self.release() }
        }
    }

    /// Polls the body; true if the task has its output now.
    ///
    /// # Safety
    ///
    /// This is the task's thread, `task` is the task, and `State::begin` has just let the caller in.
    #[inline]
    pub(crate) unsafe fn poll(self, task: &TaskRef<R>, cx: &mut Context<'_>) -> bool {
        // SAFETY: `task` keeps the memory.
        let poll = unsafe { self.header() }.table.poll;
        // SAFETY: the table is that of this task's type; `State` lets nobody else to the stage.
        unsafe { poll(self, task, cx) }
    }

    /// Ends the body without polling it.
    ///
    /// # Safety
    ///
    /// As for [`Raw::poll`].
    pub(crate) unsafe fn abandon(self, task: &TaskRef<R>) {
        // SAFETY: `task` keeps the memory.
        let abandon = unsafe { self.header() }.table.abandon;
        // SAFETY: as for `poll`.
        unsafe { abandon(self, task) }
    }

    /// Gives the address of the output; null if there is none.
    ///
    /// # Safety
    ///
    /// This is the task's thread, there is a `TaskRef`, and the task has ended.
    #[inline]
    pub(crate) unsafe fn output(self) -> *const () {
        // SAFETY: a `TaskRef` keeps the memory.
        let output = unsafe { self.header() }.table.output;
        // SAFETY: the table is that of this task's type; after the end nobody changes the stage.
        unsafe { output(self) }
    }
}

impl<R: Record> Header<R> {
    /// Tells whether this is the task's thread.
    #[inline]
    pub(crate) fn is_here(&self) -> bool {
        self.thread == ThreadId::current()
    }

    /// Tells whether there are `TaskRef`s, on the task's thread: from nothing none comes again.
    #[inline]
    pub(crate) fn is_alive(&self) -> bool {
        debug_assert!(self.is_here(), "the counts belong to the task's thread");
        self.strong.get() != 0
    }
}

/// Gives the stage of a task whose body is a `B`.
///
/// # Safety
///
/// The address is that of such a task, whose memory somebody keeps.
unsafe fn stage<B: Body<R>, R: Record>(raw: Raw<R>) -> *mut Stage<B, B::Output> {
    let cell = raw.0.cast::<TaskCell<B, R>>().as_ptr();
    // SAFETY: the memory is there, and of this type.
    let stage = unsafe { &raw const (*cell).stage };
    UnsafeCell::raw_get(stage)
}

unsafe fn poll<B: Body<R>, R: Record>(
    raw: Raw<R>,
    task: &TaskRef<R>,
    cx: &mut Context<'_>,
) -> bool {
    // SAFETY: the table is only that of tasks with this body.
    let stage = unsafe { stage::<B, R>(raw) };
    // SAFETY: nobody else touches the stage, by the caller's word.
    let Stage::Body(body) = (unsafe { &mut *stage }) else { return true };
    // SAFETY: the body stays where it is until it is dropped there.
    let body = unsafe { Pin::new_unchecked(body) };
    match body.poll(task, cx) {
        Poll::Pending => false,
        Poll::Ready(output) => {
            // SAFETY: as above; the body, which this drops, is not borrowed any more.
            unsafe { *stage = Stage::Output(output) }
            true
        }
    }
}

unsafe fn abandon<B: Body<R>, R: Record>(raw: Raw<R>, task: &TaskRef<R>) {
    // SAFETY: the table is only that of tasks with this body.
    let stage = unsafe { stage::<B, R>(raw) };
    // SAFETY: nobody else touches the stage, by the caller's word.
    let Stage::Body(body) = (unsafe { &mut *stage }) else { return };
    // SAFETY: the body stays where it is until it is dropped there.
    let output = unsafe { Pin::new_unchecked(body) }.abandon(task);
    // SAFETY: as above; the body, which this drops, is not borrowed any more.
    unsafe { *stage = Stage::Output(output) }
}

unsafe fn output<B: Body<R>, R: Record>(raw: Raw<R>) -> *const () {
    // SAFETY: the table is only that of tasks with this body.
    let stage = unsafe { stage::<B, R>(raw) };
    // SAFETY: nobody changes the stage any more, by the caller's word, so it can be shared.
    match unsafe { &*stage } {
        Stage::Output(output) => ptr::from_ref(output).cast(),
        Stage::Body(_) => ptr::null(),
    }
}

unsafe fn drop_contents<B: Body<R>, R: Record>(raw: Raw<R>) {
    // SAFETY: the table is only that of tasks with this body.
    let stage = unsafe { stage::<B, R>(raw) };
    // SAFETY: the memory is kept by the part of the `TaskRef`s, of which the last goes now.
    let header = unsafe { raw.header() };
    let record = header.record.get();
    // SAFETY: nobody uses the stage any more, by the caller's word.
    if let Stage::Output(output) = unsafe { &mut *stage } {
        // SAFETY: nor the record, which is still there.
        B::last_look(output, unsafe { &*record }, header.home);
    }
    // SAFETY: it is dropped once, where it is.
    unsafe { stage.drop_in_place() }
    // SAFETY: nobody uses the record any more.
    let record = unsafe { &mut *record };
    // SAFETY: and it is dropped once.
    unsafe { ManuallyDrop::drop(record) }
}

unsafe fn free<B: Body<R>, R: Record>(raw: Raw<R>) {
    let cell = raw.0.cast::<MaybeUninit<TaskCell<B, R>>>();
    // SAFETY: `allocate` took it from a box of this layout, and the contents are gone.
    drop(unsafe { Box::from_raw(cell.as_ptr()) });
}
