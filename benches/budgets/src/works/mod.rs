mod files;
mod ops;
mod sockets;
mod tasks;
mod timers;

use std::sync::Arc;

use polyloop::{Backend, Runner};
use polyloop_core::{LoopConfig, LoopFactory};

use crate::section::set_backend;
use crate::still_loop::StillFactory;

/// How often each section is counted; the least is what it costs, so that a connection whose bytes
/// the kernel was late to deliver does not show.
const PASSES: usize = 3;

/// Something to do in a loop.
type Work = (&'static str, fn(&Runner));

/// Does the works whose name has one of the parts in it; all without parts.
///
/// What the frontend does alone is done on one backend; what ends in a backend, on each.
pub(crate) fn run(parts: &[String]) {
    run_on("mio", polyloop_mio::factory(), parts, tasks::WORKS);
    run_on("mio", polyloop_mio::factory(), parts, timers::WORKS);
    run_all_on("mio", polyloop_mio::factory(), parts);
    run_all_on("io-uring", polyloop_uring::factory(), parts);
    run_all_on("polling", polyloop_polling::factory(), parts);
}

fn run_all_on(name: &'static str, factory: impl LoopFactory + Clone + 'static, parts: &[String]) {
    run_on(name, factory.clone(), parts, sockets::WORKS);
    run_on(name, factory.clone(), parts, files::WORKS);
    set_backend(name);
    match factory.build(&LoopConfig::default()) {
        Ok(mut events) => {
            for (_, work) in ops::WORKS.iter().filter(|(work, _)| is_wanted(work, parts)) {
                repeat(|| work(&mut *events));
            }
        }
        Err(error) => eprintln!("skipped: {error}"),
    }
}

fn run_on(
    name: &'static str,
    factory: impl LoopFactory + 'static,
    parts: &[String],
    works: &[Work],
) {
    set_backend(name);
    let backend = Backend::Custom(Arc::new(StillFactory(factory)));
    match Runner::builder().backend(backend).handle_interrupt(false).debug(false).build() {
        Ok(runner) => {
            for (_, work) in works.iter().filter(|(work, _)| is_wanted(work, parts)) {
                repeat(|| work(&runner));
            }
        }
        Err(error) => eprintln!("skipped: {error}"),
    }
}

fn is_wanted(work: &str, parts: &[String]) -> bool {
    parts.is_empty() || parts.iter().any(|part| work.contains(part.as_str()))
}

fn repeat(mut work: impl FnMut()) {
    for _ in 0..PASSES {
        work();
    }
}
