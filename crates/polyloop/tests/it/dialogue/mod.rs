//! The same dialogue on every backend that runs here: the same bytes, the same events in the same
//! order for each connection and direction, the same kinds of errors. Over TCP, Unix sockets, UDP, and
//! (from `tls::dialogue`) over TLS.

pub(crate) mod streams;
mod udp;

use std::cell::RefCell;
use std::fmt::Debug;
use std::rc::Rc;
use std::time::Duration;

use polyloop::{Backend, Runner, timeout};

/// What happened at one end in one direction; data that comes in several pieces is one entry.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(crate) struct Events(Vec<String>);

impl Events {
    fn data(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        match self.0.last_mut() {
            Some(last) if last.starts_with("data ") => last.push_str(&text),
            _ => self.0.push(format!("data {text}")),
        }
    }

    fn note(&mut self, what: impl Into<String>) {
        self.0.push(what.into());
    }
}

pub(crate) type Shared = Rc<RefCell<Events>>;

/// Plays the same on every backend that runs here; what was seen has to be the same. It is given.
fn on_every_backend<F, S>(play: impl Fn() -> F) -> Vec<S>
where
    F: Future<Output = Vec<S>> + 'static,
    S: PartialEq + Debug + 'static,
{
    let play_on = |backend: Backend| {
        let runner = Runner::builder().backend(backend).build().ok()?;
        let played = runner.run(timeout(Duration::from_secs(60), play()));
        Some(played.unwrap().expect("in time"))
    };
    let mut played: Vec<Vec<S>> = Backend::BUILT_IN.into_iter().filter_map(play_on).collect();
    let reference = played.swap_remove(0);
    for other in played {
        for (number, (one, two)) in reference.iter().zip(&other).enumerate() {
            assert_eq!(one, two, "dialogue {number}");
        }
        assert_eq!(reference.len(), other.len());
    }
    reference
}
