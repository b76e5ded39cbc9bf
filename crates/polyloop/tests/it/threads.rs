use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use polyloop::{ErrorKind, Loop, Runner, sleep};

use crate::run;

const MS: Duration = Duration::from_millis(1);

fn handle() -> polyloop::LoopHandle {
    Loop::current().unwrap().handle()
}

#[test]
fn call_soon_threadsafe_wakes_a_waiting_loop() {
    run(async {
        let handle = handle();
        let count = Arc::new(AtomicUsize::new(0));
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (handle, count) = (handle.clone(), count.clone());
                std::thread::spawn(move || {
                    for _ in 0..500 {
                        let count = count.clone();
                        let call = move || {
                            count.fetch_add(1, Ordering::Relaxed);
                        };
                        handle.call_soon_threadsafe(call).unwrap();
                    }
                })
            })
            .collect();
        while count.load(Ordering::Relaxed) < 4_000 {
            sleep(MS).await;
        }
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(handle.posts(), 4_000);
    });
}

#[test]
fn a_coroutine_runs_on_the_loop_and_its_result_comes_back() {
    run(async {
        let handle = handle();
        let home = std::thread::current().id();
        let thread = std::thread::spawn(move || {
            let task = handle.run_coroutine_threadsafe(|| async move {
                sleep(MS).await;
                std::thread::current().id()
            });
            let not_send = handle.run_coroutine_threadsafe(|| async {
                let local = Rc::new(Cell::new(1));
                sleep(MS).await;
                local.get()
            });
            (task.unwrap().wait().unwrap(), not_send.unwrap().wait().unwrap())
        });
        while !thread.is_finished() {
            sleep(MS).await;
        }
        assert_eq!(thread.join().unwrap(), (home, 1));
    });
}

#[test]
fn a_panic_and_a_timeout_cross_threads() {
    run(async {
        let handle = handle();
        let thread = std::thread::spawn(move || {
            let bad = handle.run_coroutine_threadsafe(|| async { panic!("there") }).unwrap();
            let error = bad.wait().unwrap_err();
            let slow = handle.run_coroutine_threadsafe(std::future::pending::<()>).unwrap();
            (error.is_panic(), slow.wait_timeout(MS * 5).is_err(), slow.done())
        });
        while !thread.is_finished() {
            sleep(MS).await;
        }
        assert_eq!(thread.join().unwrap(), (true, true, false));
    });
}

#[test]
fn a_task_of_one_loop_can_be_awaited_in_another() {
    let (send, receive) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        polyloop::run(async move {
            let (ended, end) = std::sync::mpsc::channel::<()>();
            send.send((handle(), ended)).unwrap();
            while end.try_recv().is_err() {
                sleep(MS).await;
            }
        })
    });
    let (other, ended) = receive.recv().unwrap();
    let value = run(async move {
        let task = other.run_coroutine_threadsafe(|| async {
            sleep(MS * 2).await;
            5
        });
        task.unwrap().await.unwrap()
    });
    ended.send(()).unwrap();
    thread.join().unwrap().unwrap();
    assert_eq!(value, 5);
}

#[test]
fn a_closed_loop_refuses_from_other_threads() {
    let runner = Runner::new().unwrap();
    let handle = runner.event_loop().handle();
    let pending = handle.run_coroutine_threadsafe(std::future::pending::<()>).unwrap();
    runner.run(async {}).unwrap();
    runner.close();
    assert!(handle.is_closed());
    assert!(pending.wait().unwrap_err().is_cancelled());
    let error = handle.call_soon_threadsafe(|| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LoopClosed);
    handle.wake();
}

#[test]
fn a_call_that_was_posted_to_a_loop_that_never_ran_ends_with_it() {
    let runner = Runner::new().unwrap();
    let handle = runner.event_loop().handle();
    let here = handle.run_coroutine_threadsafe(std::future::pending::<()>).unwrap();
    let posts = move || handle.run_coroutine_threadsafe(std::future::pending::<()>).unwrap();
    let there = std::thread::spawn(posts).join().unwrap();
    runner.close();
    for task in [here, there] {
        let result = task.wait_timeout(Duration::from_secs(30)).expect("its end is learnt");
        assert!(result.unwrap_err().is_cancelled());
    }
}

#[test]
fn a_waker_that_outlives_its_loop_does_nothing() {
    let waker = Arc::new(std::sync::Mutex::new(None));
    let kept = waker.clone();
    run(async move {
        polyloop::create_task(std::future::poll_fn(move |cx| {
            *kept.lock().unwrap() = Some(cx.waker().clone());
            std::task::Poll::<()>::Pending
        }))
        .detach();
        polyloop::yield_now().await;
    });
    let waker = waker.lock().unwrap().take().unwrap();
    std::thread::spawn(move || waker.wake()).join().unwrap();
}
