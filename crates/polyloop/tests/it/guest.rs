//! The loop as a guest: somebody else owns the thread and waits.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use polyloop::{Backend, ErrorKind, Guest, Loop, sleep};

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
