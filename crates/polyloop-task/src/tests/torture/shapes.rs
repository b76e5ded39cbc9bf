//! Bodies and outputs of all sizes and alignments, that act when they are dropped.

use super::act;

pub(super) trait Check {
    fn check(&self);
}

/// A body or an output with a shape, and with something on the heap.
pub(super) struct Thing<S>(S, Box<u32>);

const HEAPED: u32 = 0x5eed;

impl<S> Thing<S> {
    pub(super) fn new(shape: S) -> Thing<S> {
        Thing(shape, Box::new(HEAPED))
    }
}

impl<S> Check for Thing<S> {
    fn check(&self) {
        assert_eq!(*self.1, HEAPED);
        assert!((&raw const self.0).is_aligned());
    }
}

impl<S> Drop for Thing<S> {
    fn drop(&mut self) {
        self.check();
        act(true);
        self.check();
    }
}

/// Nothing at all, though it is dropped.
pub(super) struct Empty;

impl Check for Empty {
    fn check(&self) {}
}

impl Drop for Empty {
    fn drop(&mut self) {
        act(true);
    }
}

#[derive(Clone, Copy)]
#[repr(align(16))]
pub(super) struct A16(#[expect(dead_code, reason = "it is there")] pub(super) u8);

#[derive(Clone, Copy)]
#[repr(align(128))]
pub(super) struct A128(#[expect(dead_code, reason = "it is there")] pub(super) u8);
