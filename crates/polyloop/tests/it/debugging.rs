//! Debug mode and the exception handler.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use polyloop::{
    ExceptionContext, Loop, Runner, call_later, call_soon, create_named_task, create_task,
    new_event_loop, yield_now,
};

use crate::{Log, run};

/// Has what is reported go to a log: the task's name, if it is one, and the message.
fn log_reports(events: &Loop) -> Log {
    let log = Log::default();
    let told = log.clone();
    events.set_exception_handler(move |context| {
        told.push(format!("{:?} {}", context.task, context.message));
    });
    log
}

fn block() {
    std::thread::sleep(Duration::from_millis(15));
}

/// Runs a slow task, callback and timer, beside quick ones, and gives what was reported.
fn reports(debug: Option<bool>, slow: Duration) -> Vec<String> {
    let builder = Runner::builder();
    let builder = if let Some(on) = debug { builder.debug(on) } else { builder };
    let runner = builder.build().unwrap();
    let events = runner.event_loop();
    events.set_slow_callback_duration(slow);
    assert_eq!(events.slow_callback_duration(), slow);
    let log = log_reports(events);
    let main = async {
        let task = create_named_task("busy", async { block() });
        create_task(async {}).detach();
        call_soon(block);
        call_soon(|| ());
        task.await.unwrap();
        call_later(Duration::ZERO, block);
        polyloop::sleep(Duration::from_millis(1)).await;
    };
    runner.run(main).unwrap();
    log.take()
}

#[test]
fn what_keeps_the_loop_busy_is_reported_with_its_name_and_place() {
    let reports = reports(Some(true), Duration::from_millis(10));
    // A loaded machine may stop any callback for that long, so others may be there too.
    let busy: Vec<_> = reports.iter().filter(|report| report.contains("Some(\"busy\")")).collect();
    assert_eq!(busy.len(), 1, "{reports:?}");
    assert!(busy[0].contains("a task (created at ") && busy[0].contains("debugging.rs:"));
    let callbacks = reports.iter().filter(|report| report.contains("a callback (created at "));
    assert!(callbacks.filter(|report| report.contains("debugging.rs:")).count() >= 2);
    assert!(reports.iter().all(|report| report.contains("kept the loop busy for")));
}

#[test]
fn without_debug_mode_nothing_is_watched() {
    assert!(reports(Some(false), Duration::ZERO).is_empty());
}

#[test]
fn zero_reports_everything_and_an_endless_limit_nothing() {
    assert!(reports(Some(true), Duration::ZERO).len() >= 6);
    assert!(reports(Some(true), Duration::MAX).is_empty());
}

const CHILD: &str = "POLYLOOP_TEST_DEBUG_CHILD";

/// What the child of the next test does; a test that passes at once when it is not the child.
#[test]
fn child() {
    let Ok(expected) = std::env::var(CHILD) else { return };
    let events = new_event_loop().unwrap();
    assert_eq!(events.is_debug().to_string(), expected);
    assert_eq!(events.slow_callback_duration(), Duration::from_millis(100));
    events.set_debug(!events.is_debug());
    assert_ne!(events.is_debug().to_string(), expected);
    events.close();
}

#[test]
fn the_environment_turns_debug_mode_on() {
    for (value, expected) in [("1", "true"), ("", "false"), ("0", "false")] {
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["debugging::child", "--exact"])
            .env("POLYLOOP_DEBUG", value)
            .env(CHILD, expected)
            .stdout(std::process::Stdio::null())
            .status();
        assert!(status.unwrap().success(), "POLYLOOP_DEBUG={value:?}");
    }
}

#[test]
fn handlers_can_be_asked_for_wrapped_and_cleared() {
    run(async {
        let events = Loop::current().unwrap();
        assert!(events.exception_handler().is_none());
        let log = log_reports(&events);
        let inner = events.exception_handler().unwrap();
        let count = Rc::new(Cell::new(0));
        let counted = count.clone();
        events.set_exception_handler(move |context| {
            counted.set(counted.get() + 1);
            inner(context);
        });
        let mut context = ExceptionContext::new("it went wrong");
        context.task = Some("mine".to_owned());
        events.call_exception_handler(&context);
        assert_eq!(log.take(), ["Some(\"mine\") it went wrong"]);
        assert_eq!(count.get(), 1);
        events.clear_exception_handler();
        assert!(events.exception_handler().is_none());
        events.call_exception_handler(&ExceptionContext::new("a line on standard error"));
        events.default_exception_handler(&ExceptionContext::new("another line"));
        assert_eq!(count.get(), 1);
    });
}

#[test]
fn a_handler_that_panics_or_replaces_itself_stops_nothing() {
    run(async {
        let events = Loop::current().unwrap();
        let (inner, calls) = (events.clone(), Rc::new(RefCell::new(Vec::new())));
        let log = calls.clone();
        events.set_exception_handler(move |context| {
            log.borrow_mut().push(context.panic.clone());
            let next = log.clone();
            inner.set_exception_handler(move |context| {
                next.borrow_mut().push(format!("next: {}", context.panic));
            });
            panic!("the handler");
        });
        call_soon(|| panic!("one"));
        call_soon(|| panic!("two"));
        yield_now().await;
        assert_eq!(calls.take(), ["one", "next: two"]);
    });
}

/// Makes itself a task again whenever its task is dropped.
struct Phoenix(Loop);

impl Drop for Phoenix {
    fn drop(&mut self) {
        let next = Phoenix(self.0.clone());
        let task = async move {
            let _next = next;
            std::future::pending::<()>().await;
        };
        if !self.0.is_closed() {
            self.0.create_named_task("phoenix", task).detach();
        } else {
            std::mem::forget(task);
        }
    }
}

#[test]
fn a_task_that_even_closing_does_not_end_is_reported() {
    let events = new_event_loop().unwrap();
    let log = log_reports(&events);
    drop(Phoenix(events.clone()));
    events.close();
    let reports = log.take();
    assert_eq!(reports.len(), 1, "{reports:?}");
    assert!(reports[0].starts_with("Some(\"phoenix\") a task (created at "), "{reports:?}");
    assert!(reports[0].ends_with("was destroyed while it was pending"), "{reports:?}");
}
