//! The watchdog names what blocks the loop while it does.

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

#[test]
fn a_blocking_callback_is_told_of_too() {
    let (runner, reports) = watched(MS * 10);
    runner
        .run(async move {
            call_soon(move || {
                let report = reports.recv_timeout(PATIENCE).unwrap();
                assert_eq!(report.task, None);
                assert!(report.to_string().starts_with("a callback blocks the loop"), "{report}");
            });
            yield_now().await;
            yield_now().await;
        })
        .unwrap();
}

#[test]
fn a_loop_that_waits_is_not_blocked() {
    let (runner, reports) = watched(MS * 50);
    runner.run(sleep(MS * 200)).unwrap();
    drop(runner);
    assert_eq!(reports.recv_timeout(PATIENCE), Err(mpsc::RecvTimeoutError::Disconnected));
}

#[test]
fn a_loop_has_one_watchdog() {
    let (runner, _reports) = watched(MS * 50);
    let error = runner.event_loop().start_watchdog(MS).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
