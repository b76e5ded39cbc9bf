//! The cases, by what they are about. The registry says which clause each belongs to.

pub(crate) mod attempts;
pub(crate) mod cancelling;
pub(crate) mod closing;
pub(crate) mod listeners;
pub(crate) mod polls;
pub(crate) mod streams;
pub(crate) mod submission;
pub(crate) mod turns;
pub(crate) mod wakers;
pub(crate) mod watching;
