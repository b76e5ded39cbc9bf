//! The conformance suite on this backend, and what is its own.

mod conformance {
    polyloop_conformance::suite!(polyloop_mio::factory());
}
