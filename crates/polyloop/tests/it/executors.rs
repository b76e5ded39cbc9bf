//! Closures on threads: `to_thread`, `run_in_executor`, `Executor`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use polyloop::{
    ErrorKind, Executor, Loop, create_task, new_event_loop, sleep, timeout, to_thread, yield_now,
};

use crate::run;

const MS: Duration = Duration::from_millis(1);

/// Occupies a thread until the sender is dropped or used.
fn occupy() -> (impl FnOnce() + Send + 'static, mpsc::Sender<()>) {
    let (release, released) = mpsc::channel();
    let wait = move || {
        // An error is the sender dropped, which is as good.
        let _ = released.recv();
    };
    (wait, release)
}

#[test]
fn a_closure_runs_on_another_thread_while_the_loop_goes_on() {
    run(async {
        let (wait, release) = occupy();
        let home = std::thread::current().id();
        let task = create_task(to_thread(move || {
            wait();
            std::thread::current().id()
        }));
        for _ in 0..5 {
            sleep(MS).await;
        }
        assert!(!task.done());
        release.send(()).unwrap();
        assert_ne!(task.await.unwrap().unwrap(), home);
    });
}

#[test]
fn a_panic_is_the_awaiters_error_and_the_thread_lives() {
    run(async {
        let executor = Executor::new("panics", 1).unwrap();
        let error = executor.submit(|| panic!("on the thread")).await.unwrap_err();
        assert!(error.is_panic());
        assert_eq!(error.message().as_deref(), Some("on the thread"));
        assert_eq!(executor.submit(|| 2).await.unwrap(), 2);
        assert_eq!(executor.threads(), 1);
    });
}

#[test]
fn no_thread_is_made_before_the_first_use_nor_beyond_the_bound() {
    run(async {
        let executor = Executor::new("bounded", 2).unwrap();
        assert_eq!((executor.name(), executor.threads_max()), ("bounded", 2));
        assert_eq!(executor.threads(), 0);
        let name = executor.submit(|| std::thread::current().name().map(str::to_owned));
        assert_eq!(name.await.unwrap().as_deref(), Some("bounded-0"));
        let most = Arc::new(AtomicUsize::new(0));
        let now = Arc::new(AtomicUsize::new(0));
        let jobs = (0..20).map(|_| {
            let (most, now) = (most.clone(), now.clone());
            executor.submit(move || {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(MS);
                now.fetch_sub(1, Ordering::SeqCst);
            })
        });
        let jobs: Vec<_> = jobs.collect();
        for job in jobs {
            job.await.unwrap();
        }
        assert!((1..=2).contains(&most.load(Ordering::SeqCst)));
        assert!(executor.threads() <= 2);
    });
}

#[test]
fn a_dropped_await_takes_a_queued_closure_back_but_not_a_running_one() {
    run(async {
        let executor = Executor::new("dropped", 1).unwrap();
        let (wait, release) = occupy();
        let ran = Arc::new(AtomicUsize::new(0));
        let mark = |by: usize| {
            let ran = ran.clone();
            move || {
                ran.fetch_add(by, Ordering::SeqCst);
            }
        };
        let running_mark = mark(1);
        let running = executor.submit(move || {
            wait();
            running_mark();
        });
        while executor.queued() > 0 {
            yield_now().await;
        }
        let queued = executor.submit(mark(10));
        let cancelled = executor.submit(mark(100));
        let detached = executor.submit(mark(1000));
        assert_eq!(executor.queued(), 3);
        assert!(!running.cancel(), "a thread has begun it");
        assert!(timeout(MS, running).await.is_err());
        drop(queued);
        assert!(cancelled.cancel() && cancelled.done());
        assert!(!cancelled.cancel());
        detached.detach();
        assert_eq!(executor.queued(), 1);
        let error = cancelled.await.unwrap_err();
        assert!(error.is_cancelled() && error.message().unwrap().contains("taken back"));
        release.send(()).unwrap();
        executor.shutdown(None).await.unwrap();
        assert_eq!(ran.load(Ordering::SeqCst), 1001);
    });
}

#[test]
fn a_shutdown_runs_what_was_queued_and_refuses_what_comes_later() {
    run(async {
        let executor = Executor::new("ending", 1).unwrap();
        let tasks: Vec<_> = (0..10).map(|n| executor.submit(move || n)).collect();
        executor.shutdown(Duration::from_secs(10)).await.unwrap();
        assert_eq!(executor.threads(), 0);
        for (n, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.unwrap(), n);
        }
        let late = executor.submit(|| ());
        assert!(late.done() && !late.cancel());
        assert!(late.await.unwrap_err().message().unwrap().contains("shut down"));
        executor.shutdown(Duration::ZERO).await.unwrap();
    });
}

#[test]
fn a_shutdown_that_takes_too_long_cancels_what_is_queued() {
    run(async {
        let events = Loop::current().unwrap();
        events.set_default_executor(Executor::new("slow", 1).unwrap());
        let (wait, release) = occupy();
        let running = events.run_in_executor(None, wait);
        let queued = events.run_in_executor(None, || ());
        assert!(events.shutdown_default_executor(MS * 5).await.is_err());
        assert!(queued.await.unwrap_err().is_cancelled());
        drop(release);
        running.await.unwrap();
        events.shutdown_default_executor(None).await.unwrap();
        assert!(to_thread(|| ()).await.unwrap_err().is_cancelled());
        events.set_default_executor(Executor::new("next", 1).unwrap());
        assert_eq!(to_thread(|| 3).await.unwrap(), 3);
    });
}

#[test]
fn a_default_executor_that_was_never_used_shuts_down_too() {
    run(async {
        let events = Loop::current().unwrap();
        events.shutdown_default_executor(Duration::ZERO).await.unwrap();
        assert!(to_thread(|| ()).await.is_err());
    });
}

#[test]
fn closing_the_loop_waits_a_little_and_then_leaves_what_runs() {
    let events = new_event_loop().unwrap();
    let given = Executor::new("given", 1).unwrap();
    let (wait, release) = occupy();
    let (begun, begins) = mpsc::channel();
    let begun_too = begun.clone();
    let endless = events.run_in_executor(None, move || {
        begun.send(()).unwrap();
        wait();
    });
    let quick = events.run_in_executor(None, move || {
        begun_too.send(()).unwrap();
        std::thread::sleep(MS * 5);
    });
    begins.recv().unwrap();
    begins.recv().unwrap();
    let begin = Instant::now();
    events.close();
    assert!(begin.elapsed() < Duration::from_secs(10));
    assert!(quick.done() && !endless.done());
    drop(release);
    let late = catch_unwind(AssertUnwindSafe(|| drop(events.run_in_executor(None, || ()))));
    assert!(late.is_err());
    let other = new_event_loop().unwrap();
    other.set_default_executor(given.clone());
    other.close();
    assert_eq!(run(async move { given.submit(|| 1).await.unwrap() }), 1, "it is its maker's");
}

#[test]
fn a_closure_that_outlives_its_loop_harms_nobody() {
    let (wait, release) = occupy();
    let (tell, told) = mpsc::channel();
    let runner = polyloop::Runner::new().unwrap();
    let events = runner.event_loop().clone();
    let closure = move || {
        tell.send("begun").unwrap();
        wait();
        tell.send("ended").unwrap();
    };
    runner
        .run(async move {
            create_task(to_thread(closure)).detach();
            yield_now().await;
            assert_eq!(told.recv().unwrap(), "begun");
            told
        })
        .map(|told| {
            drop(runner);
            assert!(events.is_closed());
            release.send(()).unwrap();
            assert_eq!(told.recv().unwrap(), "ended");
        })
        .unwrap();
}

#[test]
fn bad_bounds_and_names_are_refused() {
    for (name, threads) in [("none", 0), ("a\0b", 1)] {
        let error = Executor::new(name, threads).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
}

#[test]
fn many_closures_from_many_tasks_all_come_back() {
    run(async {
        let tasks = (0..2_000u32).map(|n| to_thread(move || n));
        let results = polyloop::gather(tasks).await.unwrap();
        assert!(results.into_iter().map(Result::unwrap).eq(0..2_000));
    });
}
