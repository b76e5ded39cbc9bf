//! The conformance suite on this backend, and what is its own: costs, and what only a real kernel
//! runs out of.

#[cfg(target_os = "linux")]
mod deadlines;
#[cfg(unix)]
mod exhaustion;
#[cfg(unix)]
mod steady_state;

mod conformance {
    polyloop_conformance::suite!(polyloop_mio::factory());
}

/// The model can neither attach nor be a guest: broken loops of those are seen here.
#[test]
#[cfg(unix)]
fn the_suite_sees_what_is_broken_in_attaching_and_guest_mode() {
    let factory = std::sync::Arc::new(polyloop_mio::factory());
    polyloop_conformance::mutants::gated_faults_are_caught(factory);
}
