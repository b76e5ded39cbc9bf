//! The watchdog names what blocks the loop while it does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use polyloop::{
    Blockage, ErrorKind, Runner, Watchdog, call_soon, create_named_task, sleep, yield_now,
};

const MS: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_secs(30);

fn watched(after: Duration) -> (Runner, Receiver<Blockage>) {
    let (told, reports) = mpsc::channel();
    let told = std::sync::Mutex::new(told);
    let watchdog = Watchdog::after(after).report_to(move |blockage| {
        told.lock().unwrap().send(blockage.clone()).unwrap();
    });
    (Runner::builder().watchdog(watchdog).build().unwrap(), reports)
}

#[test]
fn a_blocking_task_is_named_while_it_blocks_and_when_it_has_ended() {
    let (runner, reports) = watched(MS * 10);
    runner
        .run(async move {
            let culprit = create_named_task("culprit", async move {
                let report = reports.recv_timeout(PATIENCE).unwrap();
                assert_eq!(report.task.as_deref(), Some("culprit"));
                assert!(report.created_at.unwrap().file().ends_with("watchdog.rs"));
                assert!(report.lasted >= MS * 10 && !report.ended);
                assert!(report.to_string().contains("the task culprit (made at "), "{report}");
                // It is told once, however long it lasts.
                std::thread::sleep(MS * 50);
                assert!(reports.try_recv().is_err());
                (reports, report)
            });
            let (reports, report) = culprit.await.unwrap();
            let ended = reports.recv_timeout(PATIENCE).unwrap();
            assert!(ended.ended && ended.task == report.task);
            assert!(ended.lasted >= report.lasted + MS * 50, "{ended}");
        })
        .unwrap();
}

/// Blocks until the watchdog has told of a callback that was scheduled on that line.
fn block_until_told_of(reports: &Receiver<Blockage>, line: u32) {
    let report = reports.recv_timeout(PATIENCE).unwrap();
    assert_eq!((report.task.as_ref(), report.created_at.unwrap().line()), (None, line));
    assert!(report.to_string().starts_with("a callback (made at "), "{report}");
}

#[test]
fn a_blocking_callback_is_told_of_with_the_place_where_it_was_scheduled() {
    let (runner, reports) = watched(MS * 10);
    let called = Arc::new(AtomicBool::new(false));
    let calls = called.clone();
    runner
        .run(async move {
            let line = line!() + 1;
            call_soon(move || {
                block_until_told_of(&reports, line);
                calls.store(true, Ordering::Relaxed);
            });
            yield_now().await;
            yield_now().await;
        })
        .unwrap();
    assert!(called.load(Ordering::Relaxed), "the callback panicked");
}

#[test]
fn a_blocking_call_of_another_thread_is_told_of_with_the_place_where_it_was_made() {
    let (runner, reports) = watched(MS * 10);
    let handle = runner.event_loop().handle();
    let called = Arc::new(AtomicBool::new(false));
    let calls = called.clone();
    let line = line!() + 2;
    let call = move || {
        let posted = handle.call_soon_threadsafe(move || {
            block_until_told_of(&reports, line);
            calls.store(true, Ordering::Relaxed);
        });
        posted.unwrap();
    };
    std::thread::spawn(call).join().unwrap();
    runner.run(sleep(MS)).unwrap();
    assert!(called.load(Ordering::Relaxed), "the callback panicked, or was not called");
}

#[test]
fn a_loop_that_waits_is_not_blocked() {
    // Longer than a busy machine takes the processor from a loop that has something to do.
    let (runner, reports) = watched(MS * 500);
    runner.run(sleep(MS * 1500)).unwrap();
    drop(runner);
    assert_eq!(reports.recv_timeout(PATIENCE), Err(mpsc::RecvTimeoutError::Disconnected));
}

#[test]
fn a_loop_has_one_watchdog() {
    let (runner, _reports) = watched(MS * 50);
    let error = runner.event_loop().start_watchdog(MS).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
