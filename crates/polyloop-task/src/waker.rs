//! Wakers that may go to any thread.

use std::fmt;
use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::AtomicBool;
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
pub struct WakerTable<R> {
    functions: RawWakerVTable,
    /// Never touched: what may change can be no constant, of which the compiler may make one for the
    /// tables of two types that have the same functions.
    _unique: AtomicBool,
    of: PhantomData<fn(R)>,
}

impl<R: Record> WakerTable<R> {
    /// Makes the table.
    #[expect(clippy::new_without_default, reason = "it is for statics")]
    pub const fn new() -> WakerTable<R> {
        let functions = RawWakerVTable::new(clone::<R>, wake::<R>, wake_by_ref::<R>, release::<R>);
        WakerTable { functions, _unique: AtomicBool::new(false), of: PhantomData }
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
    // SAFETY: no other table is at the address of this one, whose type says that it is for an `R`; and
    // only `counted` makes wakers of such a table.
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
