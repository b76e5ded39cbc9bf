//! The frontend's behaviour, on the backend that `POLYLOOP_BACKEND` names (else the first that
//! works). CI runs all of it once for each backend.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod allocations;
mod around;
mod asyncio;
mod asyncio_page;
#[cfg(feature = "macros")]
mod attributes;
mod auto_traits;
mod awaiting;
mod awkward_times;
mod backends;
mod bad_input;
mod buffered_protocols;
mod callback_layer;
mod callbacks;
mod cancellation;
mod composition;
mod contexts;
mod control;
mod datagrams;
mod debugging;
mod dialling;
mod dialogue;
mod eager;
mod error_texts;
mod executors;
mod fairness;
mod files;
mod futures;
mod futures_crate;
mod groups;
mod guest;
#[cfg(unix)]
mod handles;
mod hostile;
mod inspecting;
mod interrupt;
mod intervals;
mod last_words;
mod loop_groups;
mod metrics;
mod names;
mod nodelay;
mod order;
#[cfg(unix)]
mod pipes;
mod processes;
mod protocols;
mod queues;
mod scopes;
mod sending_files;
mod server_options;
mod servers;
mod signals;
mod sock_calls;
mod sockets;
#[cfg(unix)]
mod standard_streams;
mod stream_reader;
mod stream_writer;
mod streams;
mod sync;
mod tasks;
mod threads;
mod timeouts;
mod timers;
#[cfg(feature = "__tls-tests")]
mod tls;
mod tracing;
mod traffic;
mod udp;
#[cfg(unix)]
mod unix_sockets;
#[cfg(unix)]
mod unix_streams;
mod waiting;
mod watchdog;
#[cfg(unix)]
mod watchers;

use std::time::Duration;

/// Runs a test's future on a new loop, and fails the test if it takes longer than any should.
fn run<F: Future + 'static>(future: F) -> F::Output {
    polyloop::run(polyloop::timeout(Duration::from_secs(30), future))
        .expect("a loop can be made and run")
        .expect("a test ends in time")
}

/// Tries until it fails, and gives the error.
///
/// A process that another test starts holds every descriptor of this one until its program begins, so what
/// was closed may not be gone at once.
async fn until_it_fails<T>(attempt: impl AsyncFn() -> polyloop::Result<T>) -> polyloop::Error {
    for _ in 0..2000 {
        if let Err(error) = attempt().await {
            return error;
        }
        polyloop::sleep(Duration::from_millis(5)).await;
    }
    panic!("it goes on and on")
}

/// What happened, in order.
#[derive(Clone, Default)]
struct Log(std::rc::Rc<std::cell::RefCell<Vec<String>>>);

impl Log {
    fn push(&self, what: impl Into<String>) {
        self.0.borrow_mut().push(what.into());
    }

    fn take(&self) -> Vec<String> {
        self.0.take()
    }
}
