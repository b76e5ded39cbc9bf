//! The loop as a guest: somebody else owns the thread and waits.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use polyloop::{Backend, ErrorKind, Guest, Loop, call_soon, create_task, sleep, yield_now};

/// Hosts a loop until `done`, by its waiter, and counts the waits.
fn host(events: &Loop, done: impl Fn() -> bool) -> Option<u32> {
    let guest = Guest::new(events);
    let waiter = match guest.waiter() {
        Ok(waiter) => waiter,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            println!("skipped: {} has no guest mode", events.backend_info().name());
            return None;
        }
    };
    let begin = Instant::now();
    let mut waits = 0;
    while !done() {
        assert!(begin.elapsed() < Duration::from_secs(20), "the guest made no progress");
        let at_most = guest.prepare().unwrap_or(Duration::from_secs(5));
        waiter.wait(Some(at_most)).unwrap();
        waits += 1;
        guest.turn();
    }
    Some(waits)
}

#[test]
fn round_trips_and_timers_run_under_a_host_without_spinning() {
    let events = Loop::new(&Backend::Auto).unwrap();
    let task = events.create_task(async {
        let (mut client, mut server) = crate::streams::pair().await;
        let echo = polyloop::create_task(async move {
            let mut buf = [0; 64];
            while let Ok(count @ 1..) = server.read(&mut buf).await {
                server.write_all(&buf[..count]).await.unwrap();
            }
        });
        for n in 0..300u32 {
            client.write_all(&n.to_le_bytes()).await.unwrap();
            let mut buf = [0; 4];
            assert_eq!(client.read(&mut buf).await.unwrap(), 4);
            assert_eq!(u32::from_le_bytes(buf), n);
            if n % 100 == 0 {
                sleep(Duration::from_millis(2)).await;
            }
        }
        drop(client);
        echo.await.unwrap();
    });
    let done = || task.done();
    if let Some(waits) = host(&events, done) {
        // A round trip is a handful of turns on any backend.
        assert!(waits < 300 * 12, "{waits} waits for 300 round trips");
    }
    events.close();
}

#[test]
fn an_idle_guest_lets_its_host_sleep() {
    let events = Loop::new(&Backend::Auto).unwrap();
    events.create_task(sleep(Duration::from_secs(60))).detach();
    let guest = Guest::new(&events);
    let Ok(waiter) = guest.waiter() else { return };
    while guest.turn() {}
    let mut ready = 0;
    for _ in 0..5 {
        assert!(guest.prepare().unwrap() > Duration::from_secs(50));
        if waiter.wait(Some(Duration::from_millis(10))).unwrap() {
            ready += 1;
            guest.turn();
        }
    }
    assert!(ready <= 1, "an idle guest asked for {ready} turns");
    events.close();
}

#[test]
fn what_the_host_schedules_and_what_threads_post_makes_the_guest_ready() {
    let events = Loop::new(&Backend::Auto).unwrap();
    let guest = Guest::new(&events);
    let Ok(waiter) = guest.waiter() else { return };
    while guest.turn() {}
    guest.prepare();
    let seen = Rc::new(Cell::new(0));
    let count = seen.clone();
    events.call_later(Duration::from_millis(1), move || count.set(count.get() + 1));
    assert!(waiter.wait(Some(Duration::from_secs(5))).unwrap(), "an earlier timer was not told");
    guest.turn();
    let handle = events.handle();
    guest.prepare();
    let (posted, post) = std::sync::mpsc::channel();
    std::thread::spawn(move || handle.call_soon_threadsafe(move || posted.send(()).unwrap()));
    let begin = Instant::now();
    let mut came = false;
    while !came || seen.get() == 0 {
        assert!(begin.elapsed() < Duration::from_secs(5), "a post or a timer was lost");
        let at_most = guest.prepare().unwrap_or(Duration::from_secs(1));
        waiter.wait(Some(at_most)).unwrap();
        guest.turn();
        came |= post.try_recv().is_ok();
    }
    events.close();
}

/// A task of the host turns the guest in the middle of a round: what is left of the round, what waits for the next, a
/// callback between tasks and what the guest's turn wakes all keep their places.
#[test]
fn a_turn_inside_of_a_task_leaves_the_hosts_round_as_it_was() {
    let guest_loop = Loop::new(&Backend::Auto).unwrap();
    let guest = Guest::new(&guest_loop);
    let log = Rc::new(RefCell::new(Vec::new()));
    let note = |what: &'static str| {
        let log = log.clone();
        move || log.borrow_mut().push(what)
    };
    for name in ["guest 1", "guest 2"] {
        guest_loop.create_task(twice(note(name))).detach();
    }
    let (first, third, last) = (note("host 1"), note("host 3"), note("host 4"));
    let (callback, late) = (note("callback"), note("late callback"));
    polyloop::run(async move {
        let before = create_task(twice(first));
        let turning = create_task(async move {
            call_soon(late);
            guest.turn();
            guest.turn();
        });
        let behind = create_task(twice(third));
        call_soon(callback);
        let end = create_task(twice(last));
        for task in [before, turning, behind, end] {
            task.await.unwrap();
        }
    })
    .unwrap();
    guest_loop.close();
    let both = ["guest 1", "guest 2"];
    let first_round = [&["host 1"], both.as_slice(), &both, &["host 3", "callback", "host 4"]];
    let second_round = ["host 1", "late callback", "host 3", "host 4"];
    let expected = [&first_round.concat()[..], &second_round].concat();
    assert_eq!(*log.borrow(), expected);
}

async fn twice(note: impl Fn()) {
    note();
    yield_now().await;
    note();
}
