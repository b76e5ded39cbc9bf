//! The conformance suite, on the example's own backend.

use polyloop_core::{EventLoop, FnFactory, LoopConfig, LoopFactory};

#[path = "../../custom_backend/poll_loop/mod.rs"]
mod poll_loop;

pub(crate) fn factory() -> impl LoopFactory {
    FnFactory::new("poll", |config: &LoopConfig| {
        Ok(Box::new(poll_loop::PollLoop::new(config)?) as Box<dyn EventLoop>)
    })
}

mod suite {
    polyloop_conformance::suite!(super::factory());
}
