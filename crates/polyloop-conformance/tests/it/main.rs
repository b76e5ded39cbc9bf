//! The suite, run on the loop that it comes with.

mod model {
    polyloop_conformance::suite!(polyloop_conformance::ModelLoop::factory());
}
