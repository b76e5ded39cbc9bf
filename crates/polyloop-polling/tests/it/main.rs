//! The conformance suite on this backend, in both of its modes.

mod conformance {
    polyloop_conformance::suite!(polyloop_polling::factory());
}

mod one_shot {
    use polyloop_core::FnFactory;

    polyloop_conformance::suite!(FnFactory::new("polling", |config| {
        Ok(Box::new(polyloop_polling::build_one_shot(config)?))
    }));
}
