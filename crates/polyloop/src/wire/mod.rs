//! The wire: what streams and transports stand on, one read path and one write path for both.
//!
//! A [`Wire`] is a connection that several can hold: a resource of a loop, what is on its way out,
//! and perhaps a layer (TLS) between the bytes of the program and those of the connection. Reading
//! is by poll, for futures, or by an [`Observer`] that is called when there is something. Writing
//! never waits: what the kernel does not take at once is copied into sends that wait in the
//! backend, counted, and paused by water marks.

mod ending;
mod layer;
mod lingering;
mod marks;
mod observer;
mod outgoing;
mod reading;
mod wire_object;
mod writing;

#[cfg_attr(not(feature = "tls"), allow(unused_imports, reason = "TLS plugs in here"))]
pub(crate) use layer::Layer;
pub(crate) use marks::Marks;
pub(crate) use observer::Observer;
pub(crate) use wire_object::{Owner, Wire, WireKind};

#[cfg(test)]
mod tests;
