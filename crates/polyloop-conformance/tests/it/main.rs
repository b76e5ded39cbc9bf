//! The suite, run on the loop that it comes with, and on every broken version of it.

mod lying;
mod mutants;
mod page;

mod model {
    polyloop_conformance::suite!(polyloop_conformance::ModelLoop::factory());
}
