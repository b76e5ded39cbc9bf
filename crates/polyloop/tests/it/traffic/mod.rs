//! Much at once, in pieces of any size: everything arrives in order, and then the right end. Each test
//! is for every kind of stream; those over TLS are run from `tls::traffic`.

pub(crate) mod accepts;
pub(crate) mod ends;
pub(crate) mod exchange;
pub(crate) mod given_up;
mod payload;
#[cfg(unix)]
mod pipes;
pub(crate) mod resets;
mod stream_calls;
pub(crate) mod transports;

use std::time::Duration;

use polyloop::{Loop, sleep, timeout};

pub(crate) use payload::Random;

/// What goes each way.
const TOTAL: usize = 64 << 20;

fn run<F: Future + 'static>(future: F) -> F::Output {
    polyloop::run(timeout(Duration::from_secs(120), future)).unwrap().expect("a test ends in time")
}

/// Waits until the loop holds what it held before.
async fn until_nothing_is_left(before: &polyloop::Census, what: &str) {
    let census = || Loop::current().unwrap().census();
    let nothing_is_left = async {
        while census() != *before {
            sleep(Duration::from_millis(1)).await;
        }
    };
    let left = timeout(Duration::from_secs(20), nothing_is_left).await;
    assert!(left.is_ok(), "{what}: {:?} is left, {before:?} was before", census());
}
