use std::cell::{Cell, RefCell};
use std::rc::Rc;

use polyloop::{Loop, Outcome, TaskError, create_named_task, create_task, sleep, yield_now};

use crate::{Log, run};

#[test]
fn a_task_gives_what_its_future_gave() {
    run(async {
        let task = create_task(async { 6 * 7 });
        assert!(!task.done());
        assert_eq!(task.await.unwrap(), 42);
    });
}

#[test]
fn names_are_given_or_numbered() {
    run(async {
        let named = create_named_task("fetch", async {});
        let (first, second) = (create_task(async {}), create_task(async {}));
        assert_eq!(named.name(), "fetch");
        assert!(first.name().starts_with("Task-"), "{}", first.name());
        assert_ne!(first.name(), second.name());
        second.set_name("renamed");
        assert_eq!(second.name(), "renamed");
        assert!(named.created_at().file().ends_with("tasks.rs"));
    });
}

#[test]
fn a_task_says_where_in_the_program_it_was_made_by_whichever_call() {
    run(async {
        let pending = std::future::pending::<()>;
        let fails = std::future::pending::<Result<(), TaskError>>;
        let _gathers = (
            polyloop::gather([pending()]),
            polyloop::try_gather([fails()]),
            polyloop::gather_results([pending()]),
            polyloop::gather!(pending(), pending()),
            polyloop::as_completed([pending()]),
            polyloop::shield(pending()),
        );
        let handle = Loop::current().unwrap().handle();
        let _there = handle.run_coroutine_threadsafe(pending).unwrap();
        let _group = create_task(polyloop::TaskGroup::<TaskError>::run(async |group| {
            group.create_task(async { Ok(()) });
            group.create_eager_task(std::future::pending::<Result<(), TaskError>>());
            Ok(())
        }));
        yield_now().await;
        let tasks = polyloop::all_tasks();
        assert_eq!(tasks.len(), 12, "{tasks:?}");
        for task in &tasks {
            let file = task.created_at().file();
            assert!(file.ends_with("tasks.rs") || task.name() == "main", "{task:?}");
        }
        let set: std::collections::HashSet<_> = tasks.iter().cloned().collect();
        assert!(set.len() == tasks.len() && set.contains(&polyloop::current_task().unwrap()));
    });
}

#[test]
fn a_panic_is_the_tasks_result_and_the_others_live() {
    run(async {
        let bad = create_task(async { panic!("boom {}", 1) });
        let good = create_task(async {
            yield_now().await;
            1
        });
        let error: polyloop::TaskError = bad.await.unwrap_err();
        assert!(error.is_panic());
        assert_eq!(error.message().as_deref(), Some("boom 1"));
        assert_eq!(good.await.unwrap(), 1);
    });
}

#[test]
fn a_panic_of_the_main_future_goes_on_in_run() {
    let result = std::panic::catch_unwind(|| polyloop::run(async { panic!("out") }));
    assert_eq!(*result.unwrap_err().downcast_ref::<&str>().unwrap(), "out");
}

#[test]
fn a_panic_that_nobody_asks_for_reaches_the_exception_handler() {
    run(async {
        let seen = Rc::new(RefCell::new(Vec::new()));
        let log = seen.clone();
        polyloop::Loop::current().unwrap().set_exception_handler(move |context| {
            log.borrow_mut().push((context.task.clone(), context.panic.clone()));
        });
        create_named_task("lost", async { panic!("unheard") }).detach();
        yield_now().await;
        yield_now().await;
        assert_eq!(seen.take(), [(Some("lost".to_owned()), "unheard".to_owned())]);
    });
}

#[test]
fn cancelling_drops_the_future_in_its_place_and_callbacks_follow_a_turn_later() {
    struct Dropped(Log);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.push("dropped");
        }
    }
    run(async {
        let log = Log::default();
        let guard = Dropped(log.clone());
        let task = create_task(async move {
            let _guard = guard;
            std::future::pending::<()>().await;
        });
        let told = log.clone();
        task.add_done_callback(move |report| {
            assert_eq!(report.outcome, Outcome::Cancelled);
            told.push("callback");
        });
        yield_now().await;
        assert!(task.cancel_with("enough"));
        log.push("requested");
        let after = log.clone();
        polyloop::call_soon(move || after.push("same turn as the cancel"));
        let error = task.await.unwrap_err();
        assert!(error.is_cancelled());
        assert_eq!(error.message().as_deref(), Some("enough"));
        yield_now().await;
        assert_eq!(log.take(), ["requested", "dropped", "same turn as the cancel", "callback"]);
    });
}

#[test]
fn cancelling_a_finished_task_changes_nothing() {
    run(async {
        let task = create_task(async { 1 });
        yield_now().await;
        assert!(task.done());
        assert!(!task.cancel());
        assert!(!task.cancelled());
        assert_eq!(task.await.unwrap(), 1);
    });
}

#[test]
fn a_task_that_ends_in_the_poll_that_cancels_it_keeps_its_result() {
    run(async {
        let slot: Rc<RefCell<Option<polyloop::Task<u32>>>> = Rc::default();
        let own = slot.clone();
        let task = create_task(async move {
            assert!(own.borrow().as_ref().unwrap().cancel());
            7
        });
        slot.replace(Some(task));
        yield_now().await;
        let task = slot.take().unwrap();
        assert_eq!(task.await.unwrap(), 7);
    });
}

#[test]
fn a_dropped_handle_lets_the_task_run() {
    run(async {
        let ran = Rc::new(Cell::new(false));
        let flag = ran.clone();
        drop(create_task(async move { flag.set(true) }));
        yield_now().await;
        assert!(ran.get());
    });
}

#[test]
fn done_callbacks_can_be_removed_and_added_late() {
    run(async {
        let log = Log::default();
        let task = create_task(async {});
        let (kept, removed) = (log.clone(), log.clone());
        task.add_done_callback(move |_| kept.push("kept"));
        let id = task.add_done_callback(move |_| removed.push("removed"));
        assert!(task.remove_done_callback(id));
        assert!(!task.remove_done_callback(id));
        sleep(std::time::Duration::from_millis(1)).await;
        let late = log.clone();
        task.add_done_callback(move |_| late.push("late"));
        yield_now().await;
        assert_eq!(log.take(), ["kept", "late"]);
    });
}

#[test]
fn tasks_that_are_left_are_cancelled_when_run_ends() {
    struct Dropped(Rc<Cell<bool>>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let dropped = Rc::new(Cell::new(false));
    let guard = Dropped(dropped.clone());
    polyloop::run(async move {
        create_task(async move {
            let _guard = guard;
            std::future::pending::<()>().await;
        })
        .detach();
        yield_now().await;
    })
    .unwrap();
    assert!(dropped.get());
}

#[test]
fn run_inside_run_says_what_to_do() {
    run(async {
        let error = polyloop::run(async {}).unwrap_err();
        assert!(error.to_string().contains("await the future instead"), "{error}");
    });
}

#[test]
#[should_panic(expected = "inside polyloop::run")]
fn a_task_outside_a_loop_says_where_it_belongs() {
    drop(create_task(async {}));
}

#[test]
fn a_future_made_in_one_loop_and_polled_in_none_is_a_clear_panic() {
    let result = std::panic::catch_unwind(|| {
        let mut sleep = Box::pin(sleep(std::time::Duration::from_millis(1)));
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        let _ = sleep.as_mut().poll(&mut cx);
    });
    assert!(result.is_err());
}
