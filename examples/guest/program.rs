use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use polyloop::{Backend, Error, ErrorKind, Guest, Loop, Result};
use polyloop_examples::{Arguments, available_backends};

use crate::host::{Counts, Host};
use crate::story::{self, Progress, ROUND_TRIPS, SLEEPS};

const USAGE: &str = "guest [--backend mio|io-uring|polling] [--self-test]";

/// How often the host's own timer fires, and how often another thread calls the guest.
const TICKS: u32 = 100;
const PERIOD: Duration = Duration::from_millis(2);
const POSTS: u64 = 100;

/// Calls into the guest from outside: one of the host at each tick, and those of the thread.
const CALLS: u64 = TICKS as u64 + POSTS;

/// Turns that the guest may need, of each thing that happens to it: one, and for one in ten
/// another, because what woke the host was seen to already. The rest is for starting and ending.
const fn turns_max(events: u64) -> u64 {
    events + events / 10 + 100
}

/// How long the guest does nothing, and how often that may wake the host: once for the guest's
/// last deadline, and for what was still under way.
const REST: Duration = Duration::from_millis(200);
const WAKEUPS_AT_REST: u64 = 10;

pub(crate) fn run() -> Result<()> {
    let mut arguments = Arguments::of_process();
    let backend: Option<Backend> = arguments.value("--backend")?;
    let self_test = arguments.flag("--self-test");
    arguments.finish(USAGE)?;

    let backends = backend.map_or_else(available_backends, |backend| vec![backend]);
    for backend in backends {
        let violations = host(&backend)?;
        for violation in &violations {
            eprintln!("{backend}: {violation}");
        }
        if self_test && !violations.is_empty() {
            let what = format!("keep the promises of a guest on {backend}");
            return Err(Error::new(ErrorKind::Io(std::io::ErrorKind::Other)).attempting(what));
        }
    }
    Ok(())
}

/// Has one backend tell its story as a guest, and gives what was not as it should be.
fn host(backend: &Backend) -> Result<Vec<String>> {
    let events = Loop::new(backend)?;
    let guest = Guest::new(&events);
    let progress = Progress::default();

    // Another thread may call into a guest as into any loop; the host hears of it.
    let calls = Arc::new(AtomicU64::new(0));
    let (handle, called) = (events.handle(), calls.clone());
    let thread = std::thread::spawn(move || {
        (0..POSTS).try_for_each(|_| {
            std::thread::sleep(PERIOD);
            let called = called.clone();
            handle.call_soon_threadsafe(move || count(&called))
        })
    });
    let told = events.create_task(story::tell(progress.clone()));
    let mut host = Host::new(TICKS, PERIOD);
    let finished = || told.done() && calls.load(Ordering::Relaxed) == CALLS;
    // So may the host itself, between turns.
    host.run(&guest, finished, || {
        let called = calls.clone();
        events.call_soon(move || count(&called));
    })?;
    thread.join().expect("the other thread does not panic")?;
    let busy = host.counts;

    // A guest that only sleeps leaves the host alone.
    let mut host = Host::new(0, PERIOD);
    let rest = events.create_task(polyloop::sleep(REST));
    let began = Instant::now();
    host.run(&guest, || rest.done(), || {})?;
    let rested = began.elapsed();
    events.close();

    let calls = calls.load(Ordering::Relaxed);
    report(backend, &progress, calls, busy, host.counts);
    Ok(violations(&progress, calls, busy, host.counts, rested))
}

/// Only the guest's thread counts; the order of anything else does not hang on it.
fn count(calls: &AtomicU64) {
    calls.fetch_add(1, Ordering::Relaxed);
}

fn report(backend: &Backend, progress: &Progress, calls: u64, busy: Counts, rest: Counts) {
    println!(
        "{backend}: {} round trips, {} sleeps, {calls} calls from outside, {} ticks of the host: \
         {} wake-ups, {} turns; at rest for {REST:?}: {} wake-ups, {} turns",
        progress.round_trips.get(),
        progress.sleeps.get(),
        busy.ticks,
        busy.wakeups,
        busy.turns,
        rest.wakeups,
        rest.turns,
    );
}

fn violations(
    progress: &Progress,
    calls: u64,
    busy: Counts,
    rest: Counts,
    rested: Duration,
) -> Vec<String> {
    // A round trip is two receives.
    let turns_max = turns_max(2 * ROUND_TRIPS + SLEEPS + CALLS);
    let wakeups_max = turns_max + u64::from(TICKS);
    let mut violations = Vec::new();
    let mut check = |holds: bool, what: String| {
        if !holds {
            violations.push(what);
        }
    };
    let (trips, sleeps) = (progress.round_trips.get(), progress.sleeps.get());
    check(trips == ROUND_TRIPS, format!("{trips} of {ROUND_TRIPS} round trips came back"));
    check(sleeps == SLEEPS, format!("{sleeps} of {SLEEPS} sleeps ended"));
    check(calls == CALLS, format!("{calls} of {CALLS} calls were made"));
    check(busy.ticks == u64::from(TICKS), format!("{} of {TICKS} ticks came", busy.ticks));
    let early = progress.early.get() + busy.early;
    check(early == 0, format!("{early} timers were early"));
    check(busy.turns <= turns_max, format!("{} turns, over {turns_max}", busy.turns));
    check(busy.wakeups <= wakeups_max, format!("{} wake-ups, over {wakeups_max}", busy.wakeups));
    check(rested >= REST, format!("a sleep of {REST:?} took {rested:?}"));
    check(
        rest.wakeups <= WAKEUPS_AT_REST,
        format!("{} wake-ups at rest, over {WAKEUPS_AT_REST}", rest.wakeups),
    );
    violations
}
