//! The signals of the process, told to every loop that asked for them.
//!
//! One thread of the process, made at the first need, waits for them. It works on any backend, and
//! shares the signals with whoever else handles them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use polyloop_core::{Error, Result};
use signal_hook::iterator::{Handle, Signals};

use super::disposition::{self, Disposition};
use crate::engine::Shared;
use crate::signal::SignalKind;

static STATE: Mutex<State> =
    Mutex::new(State { delivery: None, former: BTreeMap::new(), listeners: Vec::new() });

/// Who listens, and to what.
///
/// `former` has every signal whose handler is installed, with what it did before; every listener's
/// signal is in it.
struct State {
    delivery: Option<Handle>,
    former: BTreeMap<SignalKind, Disposition>,
    listeners: Vec<Listener>,
}

#[derive(Clone)]
struct Listener {
    kind: SignalKind,
    purpose: Purpose,
    shared: Arc<Shared>,
}

/// What a loop is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// That the signal has arrived.
    Handle,
    /// To interrupt what it runs, unless it handles the signal.
    Interrupt,
}

/// Listens until it is dropped.
pub(crate) struct Watch {
    kind: SignalKind,
    purpose: Purpose,
    shared: Arc<Shared>,
}

/// Has a loop told of a signal.
pub(crate) fn watch(kind: SignalKind, purpose: Purpose, shared: &Arc<Shared>) -> Result<Watch> {
    kind.check_can_be_handled()?;
    let mut state = lock();
    state.install(kind).map_err(|error| {
        Error::from(error).attempting(format_args!("install a handler of {kind}"))
    })?;
    state.listeners.push(Listener { kind, purpose, shared: shared.clone() });
    Ok(Watch { kind, purpose, shared: shared.clone() })
}

/// Has Ctrl-C interrupt a loop, unless the process was started to ignore it. One that cannot have a
/// thread for signals goes without.
pub(crate) fn watch_interrupt(shared: &Arc<Shared>) -> Option<Watch> {
    let kind = SignalKind::INTERRUPT;
    let former = lock().former.get(&kind).copied();
    match former.unwrap_or_else(|| disposition::of(kind)) {
        Disposition::Ignored => None,
        _ => watch(kind, Purpose::Interrupt, shared).ok(),
    }
}

impl State {
    fn install(&mut self, kind: SignalKind) -> std::io::Result<()> {
        if self.former.contains_key(&kind) {
            return Ok(());
        }
        let former = disposition::of(kind);
        self.delivery()?.add_signal(kind.as_raw())?;
        self.former.insert(kind, former);
        Ok(())
    }

    fn delivery(&mut self) -> std::io::Result<&Handle> {
        if self.delivery.is_none() {
            let signals = Signals::new(None::<i32>)?;
            let handle = signals.handle();
            let thread = std::thread::Builder::new().name("polyloop-signals".to_owned());
            thread.spawn(move || tell(signals))?;
            self.delivery = Some(handle);
        }
        Ok(self.delivery.as_ref().expect("made above"))
    }
}

/// Tells the listeners of each signal; one that nobody takes does what it did before.
fn tell(mut signals: Signals) {
    for number in signals.forever() {
        let kind = SignalKind::from_raw(number);
        let state = lock();
        let former = state.former.get(&kind).copied();
        let listeners = state.listeners.iter().filter(|it| it.kind == kind);
        let listeners: Vec<Listener> = listeners.cloned().collect();
        drop(state);
        if !deliver(kind, &listeners) && former == Some(Disposition::Default) {
            // It fails for real-time signals, as the module `signal` says.
            let _ = signal_hook::low_level::emulate_default_handler(number);
        }
    }
}

/// Tells whether somebody took the signal, and nobody who was interrupted is interrupted again.
fn deliver(kind: SignalKind, listeners: &[Listener]) -> bool {
    let handles = |shared: &Arc<Shared>| {
        let mut handlers = listeners.iter().filter(|it| it.purpose == Purpose::Handle);
        handlers.any(|it| Arc::ptr_eq(&it.shared, shared))
    };
    let mut is_orderly = !listeners.is_empty();
    for listener in listeners {
        match listener.purpose {
            Purpose::Handle => listener.shared.tell_signal(kind.as_raw()),
            Purpose::Interrupt if handles(&listener.shared) => {}
            Purpose::Interrupt => is_orderly &= listener.shared.interrupt(),
        }
    }
    is_orderly
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut state = lock();
        let position = state.listeners.iter().position(|it| {
            it.kind == self.kind
                && it.purpose == self.purpose
                && Arc::ptr_eq(&it.shared, &self.shared)
        });
        if let Some(position) = position {
            state.listeners.remove(position);
        }
    }
}

/// A panic while the lock is held cannot leave these plain containers inconsistent.
fn lock() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}
