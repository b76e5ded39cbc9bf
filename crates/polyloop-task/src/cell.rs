//! What every task begins with, and everything that is done with a task by its address.

use std::cell::{Cell, UnsafeCell};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::task::Context;

use crate::memory::{Memory, Post};
use crate::state::State;
use crate::{Home, Record, TaskRef};

/// What every task begins with, whatever its body is.
///
/// Any thread that keeps the memory may have a reference to it: `table` and `home` never change, `memory` and `post`
/// are atomic. The others belong to the task's thread, and no other looks at them.
///
/// `strong` counts the `TaskRef`s; while there are any, the record and the stage are there. `local` counts the
/// `LocalWaker`s, and one for all `TaskRef`s; while it is not zero, the thread is a keeper in `memory`.
/// `link` is what `state` says.
#[repr(C)]
pub(crate) struct Header<R: Record> {
    table: &'static Table<R>,
    pub(crate) home: Home,
    pub(crate) memory: Memory,
    strong: Cell<u32>,
    local: Cell<u32>,
    /// The loop's own, in what would be padding; so are the marks.
    pub(crate) place: Cell<u32>,
    pub(crate) marks: Cell<u16>,
    pub(crate) post: Post,
    pub(crate) state: State,
    link: UnsafeCell<Link<R>>,
    pub(crate) record: UnsafeCell<ManuallyDrop<R>>,
}

/// What only a task that is in no queue has, and what only one that is in a queue has: `State` says which.
#[repr(C)]
union Link<R: Record> {
    note: R::Note,
    next: Next<R>,
}

/// The one behind a task in its queue.
type Next<R> = Option<Raw<R>>;

/// What is done with a task by who does not know its body. Each takes the address of a whole task of
/// the right type, on its thread, whose contents are there (for `free`: are gone).
pub(crate) struct Table<R: Record> {
    /// Polls the body; true if the output has taken its place. Nobody else touches the stage.
    pub(crate) poll: unsafe fn(Raw<R>, &TaskRef<R>, &mut Context<'_>) -> bool,
    /// Puts the output in the place of the body. Nobody else touches the stage.
    pub(crate) abandon: unsafe fn(Raw<R>, &TaskRef<R>),
    /// Gives the address of the stage.
    pub(crate) stage: unsafe fn(Raw<R>) -> *mut (),
    /// Drops the stage and the record, which nobody uses any more.
    pub(crate) drop_contents: unsafe fn(Raw<R>),
    /// Frees the memory, on any thread, which nobody uses any more.
    pub(crate) free: unsafe fn(Raw<R>),
}

/// The address of a task. It keeps nothing by itself.
pub(crate) struct Raw<R: Record>(pub(crate) NonNull<Header<R>>);

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

    /// Gives the address of the stage, which is that of the output, if there is one.
    ///
    /// # Safety
    ///
    /// Somebody keeps the memory.
    #[inline]
    pub(crate) unsafe fn stage(self) -> *mut () {
        // SAFETY: the memory is there, by the caller's word.
        let stage = unsafe { self.header() }.table.stage;
        // SAFETY: the table is that of this task's type.
        unsafe { stage(self) }
    }

    /// Gives the note of a task that is in no queue.
    ///
    /// # Safety
    ///
    /// This is the task's thread, and somebody keeps the memory.
    #[inline]
    pub(crate) unsafe fn note(self) -> Option<R::Note> {
        // SAFETY: the memory is there, by the caller's word.
        let header = unsafe { self.header() };
        if header.state.is_linked() {
            return None;
        }
        let note = header.link.get().cast::<R::Note>();
        // SAFETY: only this thread touches the link, and nobody has a reference to it. That of a task that is in no
        // queue is a note, and begins where the union does.
        Some(unsafe { note.read() })
    }

    /// Changes the note of a task that is in no queue.
    ///
    /// # Safety
    ///
    /// As for [`Raw::note`].
    #[inline]
    pub(crate) unsafe fn set_note(self, note: R::Note) {
        // SAFETY: the memory is there, by the caller's word.
        let header = unsafe { self.header() };
        if !header.state.is_linked() {
            // SAFETY: only this thread touches the link, and nobody has a reference to it.
            unsafe { header.link.get().write(Link { note }) }
        }
    }

    /// Links a task, which is in no queue, as the last of one.
    ///
    /// # Safety
    ///
    /// This is the task's thread, and somebody keeps the memory.
    #[inline]
    pub(crate) unsafe fn link(self) {
        // SAFETY: the memory is there, by the caller's word.
        let header = unsafe { self.header() };
        debug_assert!(!header.state.is_linked(), "a task is in one queue at a time");
        header.state.link();
        // SAFETY: only this thread touches the link, and nobody has a reference to it.
        unsafe { header.link.get().write(Link { next: None }) }
    }

    /// Changes which task is behind a linked one.
    ///
    /// # Safety
    ///
    /// As for [`Raw::link`], and the task is linked.
    #[inline]
    pub(crate) unsafe fn set_next(self, next: Raw<R>) {
        // SAFETY: the memory is there, by the caller's word.
        let header = unsafe { self.header() };
        debug_assert!(header.state.is_linked(), "only what is in a queue has a next");
        // SAFETY: only this thread touches the link, and nobody has a reference to it.
        unsafe { header.link.get().write(Link { next: Some(next) }) }
    }

    /// Takes a linked task out of its queue, where it is the first, and gives the one behind it. From now on it has
    /// the note.
    ///
    /// # Safety
    ///
    /// This is the task's thread, somebody keeps the memory, and the task is linked.
    #[inline]
    pub(crate) unsafe fn unlink(self, note: R::Note) -> Option<Raw<R>> {
        // SAFETY: the memory is there, by the caller's word.
        let header = unsafe { self.header() };
        debug_assert!(header.state.is_linked(), "only what is in a queue is taken out");
        let link = header.link.get();
        // SAFETY: only this thread touches the link, and nobody has a reference to it. That of a linked task is a
        // next, by the caller's word it is one, and it begins where the union does.
        let next = unsafe { link.cast::<Next<R>>().read() };
        header.state.unlink();
        // SAFETY: as above.
        unsafe { link.write(Link { note }) }
        next
    }
}

impl<R: Record> Header<R> {
    /// Begins a task that has one `TaskRef`.
    pub(crate) fn new(table: &'static Table<R>, home: Home, record: R, note: R::Note) -> Header<R> {
        Header {
            table,
            home,
            memory: Memory::new(),
            strong: Cell::new(1),
            local: Cell::new(1),
            place: Cell::new(0),
            marks: Cell::new(0),
            post: Post::new(),
            state: State::new(),
            link: UnsafeCell::new(Link { note }),
            record: UnsafeCell::new(ManuallyDrop::new(record)),
        }
    }

    /// Tells whether this is the task's thread.
    #[inline]
    pub(crate) fn is_here(&self) -> bool {
        self.home.is_here()
    }

    /// Tells whether there are `TaskRef`s, on the task's thread: from nothing none comes again. That it is there need not be
    /// what `is_here` says: a `LocalWaker` stays where it is when the home is closed.
    #[inline]
    pub(crate) fn is_alive(&self) -> bool {
        self.strong.get() != 0
    }
}
