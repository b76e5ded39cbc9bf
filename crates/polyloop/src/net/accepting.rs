//! The one way in which listeners give connections.

use std::rc::Rc;
use std::task::{Context, Poll, ready};

use polyloop_core::{Error, Result};

use super::resource::Resource;
use crate::engine::Engine;
use crate::wakers::{Waiter, Wakers};

/// Gives the next connection that the loop has taken, else watches for more, for everybody who is
/// `waiting`; `waiter` is one of them.
pub(super) fn poll_accept(
    listener: &Resource,
    waiting: &Rc<Wakers>,
    cx: &mut Context<'_>,
    waiter: &Waiter<'_>,
) -> Poll<Result<Resource>> {
    let engine = listener.engine()?;
    ready!(engine.poll_spend(cx));
    if let Some(wait) = listener.watch()
        && let Some(accepted) = engine.take_accepted(wait)
    {
        let accepted = accepted.map(|key| Resource::new(listener.home(), key));
        return Poll::Ready(accepted.map_err(|error| accepting(listener, error)));
    }
    waiter.add(cx.waker());
    let begin = |engine: &Engine| engine.begin_accepts(listener.key());
    let watched = listener.watch_waking(&engine, begin, waiting);
    watched.map_err(|error| accepting(listener, error))?;
    Poll::Pending
}

/// Takes no more connections ahead, until one is asked for.
pub(super) fn pause(listener: &Resource) {
    if let (Ok(engine), Some(wait)) = (listener.engine(), listener.watch()) {
        engine.cancel(wait);
    }
}

fn accepting(listener: &Resource, error: Error) -> Error {
    match listener.local_address() {
        Ok(address) => error.attempting(format_args!("accept a connection at {address}")),
        Err(_) => error.attempting("accept a connection"),
    }
}

/// The connections of a listener, one after the other, without an end: what its `incoming` gives.
///
/// An error is of the listener itself; asking again goes on where that is possible.
#[must_use = "streams do nothing unless polled"]
#[derive(Debug)]
pub struct Incoming<'a, L> {
    pub(super) listener: &'a L,
    pub(super) waiter: Waiter<'a>,
}

/// Gives a listener with a method `poll_next_connection` the stream of its connections.
macro_rules! impl_incoming {
    ($listener:ident gives $stream:ident) => {
        /// Dropping it, or what polls it, loses no connection.
        impl futures_core::Stream for $crate::net::Incoming<'_, $listener> {
            type Item = Result<$stream>;

            fn poll_next(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Option<Result<$stream>>> {
                let connection = self.listener.poll_connection(cx, &self.waiter);
                connection.map(|accepted| Some(accepted.map(|(stream, _)| stream)))
            }
        }
    };
}

pub(super) use impl_incoming;
