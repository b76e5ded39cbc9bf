//! What the parts that cross threads are made of: locks and atomics of the standard library's, or,
//! with `cfg(loom)`, those of a model checker that tries every order of what threads do. `.ci/run`
//! runs the models (`loom_models.rs` beside each part).

#[cfg(loom)]
pub(crate) use loom::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    sync::{Condvar, Mutex, MutexGuard},
    thread,
};
#[cfg(not(loom))]
pub(crate) use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    sync::{Condvar, Mutex, MutexGuard},
    thread,
};
