//! The cases, by what they are about. The registry says which clause each belongs to.

pub(crate) mod attaching;
pub(crate) mod attempts;
pub(crate) mod bounds;
pub(crate) mod cancelling;
pub(crate) mod closing;
pub(crate) mod datagrams;
pub(crate) mod ending;
pub(crate) mod exits;
pub(crate) mod files;
pub(crate) mod guest;
pub(crate) mod handles;
pub(crate) mod listeners;
pub(crate) mod looking;
pub(crate) mod options;
pub(crate) mod paths;
pub(crate) mod pipes;
pub(crate) mod polls;
pub(crate) mod random_ops;
pub(crate) mod routes;
pub(crate) mod sending_files;
pub(crate) mod streams;
pub(crate) mod submission;
pub(crate) mod turns;
pub(crate) mod unix_sockets;
pub(crate) mod wakers;
pub(crate) mod watching;
