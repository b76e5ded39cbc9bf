//! What user code may do at the worst moment: panic in wakers and destructors, turn a loop inside
//! itself, leave a thread without closing its loop.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use polyloop::{Backend, ErrorKind, Guest, Loop, Runner, create_task, sleep, timeout, yield_now};

use crate::run;
use crate::streams::pair;

const MS: Duration = Duration::from_millis(1);

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a destructor went off");
    }
}

struct PanickingWaker;

impl Wake for PanickingWaker {
    fn wake(self: Arc<Self>) {
        panic!("a waker went off");
    }
}

#[test]
fn a_result_whose_destructor_panics_costs_only_itself() {
    run(async {
        create_task(async { Bomb }).detach();
        let kept = create_task(async { 1 });
        sleep(MS).await;
        assert_eq!(kept.await.unwrap(), 1);
    });
}

#[test]
fn a_waker_that_panics_leaves_the_loop_usable() {
    let runner = Runner::new().unwrap();
    let events = runner.event_loop().clone();
    let waker = Waker::from(Arc::new(PanickingWaker));
    let mut slow = Box::pin(sleep(MS));
    let mut task = Box::pin(events.create_task(sleep(MS * 2)));
    runner
        .run(async move {
            let mut cx = Context::from_waker(&waker);
            assert!(slow.as_mut().poll(&mut cx).is_pending());
            assert!(task.as_mut().poll(&mut cx).is_pending());
            sleep(MS * 10).await;
        })
        .unwrap();
    assert!(!events.is_running());
    assert_eq!(runner.run(async { 1 }).unwrap(), 1);
    drop(runner);
    assert!(events.is_closed());
}

#[test]
fn a_thread_that_ends_without_closing_its_loop_closes_it() {
    let (handle, task) = std::thread::spawn(|| {
        let events = Loop::new(&Backend::Auto).unwrap();
        let handle = events.handle();
        let task = handle.run_coroutine_threadsafe(std::future::pending::<()>).unwrap();
        (handle, task)
    })
    .join()
    .unwrap();
    assert!(handle.is_closed());
    assert_eq!(handle.call_soon_threadsafe(|| ()).unwrap_err().kind(), ErrorKind::LoopClosed);
    assert!(task.wait().unwrap_err().is_cancelled());
}

#[test]
fn the_tasks_of_a_loop_that_its_thread_did_not_close_end_with_it() {
    let dropped = Arc::new(AtomicBool::new(false));
    let drops = Dropped(dropped.clone());
    let task = std::thread::spawn(move || {
        let events = Loop::new(&Backend::Auto).unwrap();
        let waits = move || async move {
            let _drops = drops;
            std::future::pending::<()>().await
        };
        let task = events.handle().run_coroutine_threadsafe(waits).unwrap();
        events.run_until_complete(yield_now()).unwrap();
        assert_eq!(events.all_tasks().len(), 1);
        task
    })
    .join()
    .unwrap();
    let result = task.wait_timeout(Duration::from_secs(30)).expect("its end is learnt");
    assert!(result.unwrap_err().is_cancelled());
    assert!(dropped.load(Ordering::Relaxed), "its future was dropped");
}

/// Says when it is dropped.
struct Dropped(Arc<AtomicBool>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_runner_in_a_thread_local_ends_with_its_thread() {
    thread_local! {
        static HELD: RefCell<Option<Runner>> = const { RefCell::new(None) };
    }
    let thread = std::thread::spawn(|| {
        HELD.with(|held| {
            let runner = Runner::new().unwrap();
            runner.run(async { create_task(sleep(MS * 1000)).detach() }).unwrap();
            *held.borrow_mut() = Some(runner);
        });
    });
    thread.join().unwrap();
}

/// What the thread's end destroys first depends on what the thread looked at first.
#[test]
fn a_runner_in_a_thread_local_that_is_older_than_the_first_loop_ends_with_its_thread() {
    thread_local! {
        static HELD: RefCell<Option<Runner>> = const { RefCell::new(None) };
    }
    let dropped = Arc::new(AtomicBool::new(false));
    let says = dropped.clone();
    let thread = std::thread::spawn(move || {
        assert!(Loop::current().is_err());
        HELD.with_borrow_mut(|held| {
            let runner = held.insert(Runner::new().unwrap());
            let says = Dropped(says);
            let waits = async move {
                sleep(MS * 1000).await;
                drop(says);
            };
            runner.run(async { create_task(waits).detach() }).unwrap();
        });
    });
    thread.join().unwrap();
    assert!(dropped.load(Ordering::Relaxed));
}

#[test]
fn a_loop_turned_inside_itself_says_so_and_lives() {
    run(async {
        let events = Loop::current().unwrap();
        let inner = catch_unwind(AssertUnwindSafe(|| Guest::new(&events).turn()));
        assert!(inner.is_err());
        assert!(events.is_running());
        sleep(MS).await;
    });
}

#[test]
fn a_guests_stream_is_read_from_a_task_of_its_host() {
    let guest = Loop::new(&Backend::Auto).unwrap();
    let made = guest.create_task(pair());
    let turns = Guest::new(&guest);
    while !made.done() {
        turns.prepare();
        turns.turn();
    }
    let (mut client, mut server) = made.into_result().unwrap().unwrap();
    run(async move {
        let read = async move {
            for n in 0..500u32 {
                let writing = guest.create_task(async move {
                    client.write_all(&n.to_le_bytes()).await.unwrap();
                    client
                });
                let mut buf = [0; 4];
                loop {
                    turns.turn();
                    match timeout(MS, server.read(&mut buf)).await {
                        Ok(count) => break assert_eq!(count.unwrap(), 4),
                        Err(_) => continue,
                    }
                }
                while !writing.done() {
                    turns.turn();
                    yield_now().await;
                }
                client = writing.into_result().unwrap().unwrap();
            }
            drop((client, server));
            guest.close();
        };
        timeout(Duration::from_secs(20), read).await.unwrap();
    });
}
