//! The suite of all backends, on the best ring and on those that older kernels give.

mod deferred {
    polyloop_conformance::suite!(polyloop_uring::factory());
}

mod plain {
    use polyloop_uring::{Setup, Step, UringFactory};

    polyloop_conformance::suite!(UringFactory::with_setup(Setup::at(Step::Plain)));
}

mod bare {
    use polyloop_uring::{Setup, Step, UringFactory};

    /// A cooperative ring without a buffer ring, without multishot accepts and polls, and without
    /// the entry that waits for exits.
    fn setup() -> Setup {
        let mut setup = Setup::at(Step::Cooperative);
        setup.buffer_ring = false;
        setup.multishot = false;
        setup.await_exit = false;
        setup
    }

    polyloop_conformance::suite!(UringFactory::with_setup(setup()));
}
