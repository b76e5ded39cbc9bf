//! The conformance suite on this backend, and what is its own: costs, and what only a real kernel
//! runs out of.

#[cfg(unix)]
mod exhaustion;
#[cfg(unix)]
mod steady_state;

mod conformance {
    polyloop_conformance::suite!(polyloop_mio::factory());
}
