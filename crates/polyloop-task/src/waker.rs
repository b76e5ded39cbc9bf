//! Wakers that may go to any thread.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::ptr;
use std::task::{RawWaker, RawWakerVTable, Waker};

use crate::cell::Raw;
use crate::local_waker;
use crate::{Record, Woken};

/// Makes a waker, which is a keeper of the memory.
///
/// # Safety
///
/// A keeper was counted for it; or it is not dropped, and not used once the memory may be gone.
#[inline]
pub(crate) unsafe fn counted<R: Record>(raw: Raw<R>) -> Waker {
    let waker = RawWaker::new(raw.as_data(), &R::wakers().functions);
    // SAFETY: the functions below keep the contract of wakers, on any thread, given a keeper.
    unsafe { Waker::from_raw(waker) }
}

/// What the wakers of the tasks with an `R` do: to be a `static` of who has the `R`.
///
/// Wakers are compared by the address of this, and only a `static` has but one.
///
/// It is of one record, and none that the compiler would take for it:
///
/// ```compile_fail,E0308
/// # use polyloop_task::WakerTable;
/// type Of<R> = &'static WakerTable<R>;
///
/// fn of_another(table: Of<fn(&'static u8)>) -> Of<for<'a> fn(&'a u8)> {
///     table
/// }
/// ```
pub struct WakerTable<R> {
    functions: RawWakerVTable,
    #[expect(dead_code, reason = "tables that were the same bytes could be put at one address")]
    record: TypeId,
    /// Of this very type: no subtype or supertype of it is the record of the same tasks.
    of: PhantomData<fn(R) -> R>,
}

impl<R: Record> WakerTable<R> {
    /// Makes the table.
    #[expect(clippy::new_without_default, reason = "it is for statics")]
    pub const fn new() -> WakerTable<R> {
        let functions = RawWakerVTable::new(clone::<R>, wake::<R>, wake_by_ref::<R>, release::<R>);
        WakerTable { functions, record: TypeId::of::<R>(), of: PhantomData }
    }
}

impl<R> fmt::Debug for WakerTable<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WakerTable").field(&self.functions).finish()
    }
}

/// Gives the task that a waker wakes, if its record is an `R`. The waker keeps its memory.
#[inline]
pub(crate) fn task_of<R: Record>(waker: &Waker) -> Option<Raw<R>> {
    if !ptr::eq(waker.vtable(), &R::wakers().functions) {
        return None;
    }
    // SAFETY: its functions lie in a table at the address of this one. Two values that are there at once
    // have one address only if the compiler puts equal constants together, and the tables of two types
    // of record differ in `record`. So it is a table for an `R`, and only `counted` makes wakers of it.
    Some(unsafe { Raw::from_data(waker.data()) })
}

unsafe fn clone<R: Record>(data: *const ()) -> RawWaker {
    // SAFETY: only `counted` makes wakers with these functions, of the same `R`.
    let raw = unsafe { Raw::<R>::from_data(data) };
    // SAFETY: the waker that is cloned keeps the memory.
    unsafe { raw.header() }.memory.keep();
    RawWaker::new(data, &R::wakers().functions)
}

unsafe fn wake<R: Record>(data: *const ()) {
    // SAFETY: it is a waker's data, and this is one call of it.
    unsafe { wake_by_ref::<R>(data) }
    // SAFETY: the waker ends here.
    unsafe { release::<R>(data) }
}

unsafe fn wake_by_ref<R: Record>(data: *const ()) {
    // SAFETY: only `counted` makes wakers with these functions, of the same `R`.
    let raw = unsafe { Raw::<R>::from_data(data) };
    // SAFETY: the waker keeps the memory.
    let header = unsafe { raw.header() };
    if header.is_here() {
        // SAFETY: this is the task's thread, and the waker keeps the memory.
        unsafe { local_waker::wake(raw) }
    } else if header.post.send() {
        header.memory.keep();
        // SAFETY: it was counted just now.
        R::post(header.home, unsafe { Woken::counted(raw) });
    }
}

unsafe fn release<R: Record>(data: *const ()) {
    // SAFETY: only `counted` makes wakers with these functions, of the same `R`.
    let raw = unsafe { Raw::<R>::from_data(data) };
    // SAFETY: the waker is a keeper, and ends here.
    unsafe { raw.release() }
}
