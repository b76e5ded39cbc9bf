//! Views of tasks, eager tasks, and the hook that sees new ones.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use polyloop::{
    Loop, Outcome, TaskStart, TaskState, all_tasks, call_soon, create_eager_task,
    create_named_task, create_task, current_task, sleep, yield_now,
};

use crate::{Log, run};

#[test]
fn an_eager_task_that_ends_at_once_never_enters_the_queue() {
    run(async {
        let log = Log::default();
        let (soon, inside) = (log.clone(), log.clone());
        call_soon(move || soon.push("queued"));
        let task = create_eager_task(async move {
            inside.push("eager");
            3
        });
        assert!(task.done());
        assert_eq!(task.await.unwrap(), 3);
        assert_eq!(log.take(), ["eager"]);
    });
}

#[test]
fn an_eager_task_is_current_while_it_starts_and_its_maker_after() {
    run(async {
        let own = current_task().unwrap();
        let task = create_eager_task(async {
            let nested = create_eager_task(async { current_task().unwrap() });
            let found = nested.await.unwrap();
            (current_task().unwrap(), found)
        });
        assert_eq!(current_task().unwrap(), own);
        let info = task.info();
        let (eager, nested) = task.await.unwrap();
        assert_eq!(eager, info);
        assert_ne!(eager, nested);
        assert_ne!(eager, own);
    });
}

#[test]
fn an_eager_task_that_waits_goes_on_like_any_other() {
    run(async {
        let task = create_eager_task(async {
            sleep(Duration::from_millis(1)).await;
            current_task().unwrap().name()
        });
        assert!(!task.done());
        task.set_name("waits");
        assert_eq!(task.await.unwrap(), "waits");
        let cancelled = create_eager_task(std::future::pending::<()>());
        cancelled.cancel();
        assert!(cancelled.await.unwrap_err().is_cancelled());
    });
}

#[test]
fn an_eager_task_that_panics_panics_alone() {
    run(async {
        let task = create_eager_task(async { panic!("at once") });
        let error: polyloop::TaskError = task.await.unwrap_err();
        assert_eq!(error.message().as_deref(), Some("at once"));
    });
}

#[test]
fn a_callback_has_no_current_task_and_makes_eager_tasks() {
    run(async {
        let seen = Rc::new(RefCell::new(Vec::new()));
        let told = seen.clone();
        call_soon(move || {
            told.borrow_mut().push(current_task().is_none());
            told.borrow_mut().push(create_eager_task(async {}).done());
        });
        yield_now().await;
        assert_eq!(seen.take(), [true, true]);
    });
}

#[test]
fn outside_the_loop_an_eager_task_waits_for_it() {
    let runner = polyloop::Runner::new().unwrap();
    let task = runner.event_loop().create_eager_task(async { 1 });
    assert!(!task.done());
    assert!(current_task().is_none());
    assert_eq!(runner.run(task).unwrap().unwrap(), 1);
}

#[test]
fn all_tasks_are_told_in_their_order_with_their_states() {
    run(async {
        let tasks =
            ["a", "b", "c"].map(|name| create_named_task(name, std::future::pending::<()>()));
        tasks[1].cancel();
        yield_now().await;
        let again = create_named_task("d", async {});
        let found = all_tasks();
        let names: Vec<String> = found.iter().map(|task| task.name()).collect();
        assert_eq!(names, ["main", "a", "c", "d"]);
        assert_eq!(found[0].state(), TaskState::Running);
        assert_eq!(found[1].state(), TaskState::Waiting);
        assert_eq!(tasks[1].info().state(), TaskState::Ended(Outcome::Cancelled));
        assert!(found[1].created_at().file().ends_with("eager.rs"));
        assert!(found[1].cancel_with("by its view"));
        let info = found[1].clone();
        assert!(!info.done());
        yield_now().await;
        assert!(info.done() && !info.cancel());
        again.await.unwrap();
    });
}

#[test]
fn a_result_can_be_looked_at_and_taken_later() {
    run(async {
        let task = create_task(async { String::from("kept") });
        assert!(task.try_result().is_none());
        let task = task.into_result().unwrap_err();
        yield_now().await;
        assert_eq!(task.try_result().unwrap().as_ref().unwrap(), "kept");
        assert_eq!(task.into_result().unwrap().unwrap(), "kept");
    });
}

#[test]
fn a_panic_that_was_looked_at_is_not_reported() {
    run(async {
        let seen = Rc::new(RefCell::new(Vec::new()));
        let told = seen.clone();
        Loop::current().unwrap().set_exception_handler(move |context| {
            told.borrow_mut().push(context.panic.clone());
        });
        let [looked_at, ignored] = ["seen", "ignored"].map(|text| {
            create_task(async move {
                panic!("{text}");
            })
        });
        yield_now().await;
        let looked = looked_at
            .try_result()
            .map(|result: &Result<(), _>| result.as_ref().unwrap_err().is_panic());
        assert_eq!(looked, Some(true));
        assert!(ignored.done());
        drop((looked_at, ignored));
        assert_eq!(seen.take(), ["ignored"]);
    });
}

#[test]
fn a_task_that_awaits_itself_panics() {
    run(async {
        let slot: Rc<RefCell<Option<polyloop::Task<()>>>> = Rc::default();
        let own = slot.clone();
        let task = create_task(async move {
            let own = own.take().unwrap();
            own.await.unwrap();
        });
        let info = task.info();
        slot.replace(Some(task));
        yield_now().await;
        assert_eq!(info.state(), TaskState::Ended(Outcome::Panicked));
    });
}

#[test]
fn a_hook_sees_every_task_and_a_hook_that_panics_harms_none() {
    run(async {
        let events = Loop::current().unwrap();
        let log = Log::default();
        let told = log.clone();
        events.set_task_hook(move |task| {
            told.push(task.name());
            task.set_name(format!("seen {}", task.name()));
            TaskStart::Soon
        });
        let task = create_named_task("one", async { current_task().unwrap().name() });
        assert!(!task.done());
        assert_eq!(task.await.unwrap(), "seen one");
        assert!(create_eager_task(async {}).done(), "who asks for an eager start gets one");
        events.set_exception_handler(|_| ());
        events.set_task_hook(|_| panic!("the hook"));
        assert_eq!(create_task(async { 2 }).await.unwrap(), 2);
        events.clear_task_hook();
        assert_eq!(log.take().len(), 2);
    });
}
