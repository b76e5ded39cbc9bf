//! Tasks: when they begin, when their awaiters and done callbacks run.

use std::cell::RefCell;
use std::rc::Rc;

use polyloop::{
    Loop, Task, TaskInfo, TaskStart, all_tasks, call_soon, create_named_task, create_task,
    current_task, yield_now,
};

use super::script::{LONG, Log, py, py_list, queue_ticks, run, yield_times};

pub(super) fn tasks_in_order_of_creation(log: Log) {
    run(async move {
        let tasks = ["a", "b", "c"].map(|name| {
            let log = log.clone();
            create_task(async move { log.push(format!("{name} runs")) })
        });
        log.push("made");
        for task in tasks.into_iter().rev() {
            task.await.unwrap();
        }
        log.push("end");
    });
}

pub(super) fn tasks_yield_in_turn(log: Log) {
    async fn count(log: Log, name: &str, steps: u32) {
        for n in 0..steps {
            log.push(format!("{name}{n}"));
            yield_now().await;
        }
        log.push(format!("{name} ends"));
    }
    run(async move {
        let tasks = [("a", 2), ("b", 3), ("c", 1)]
            .map(|(name, steps)| create_task(count(log.clone(), name, steps)));
        for task in tasks {
            task.await.unwrap();
            log.push("awaited");
        }
    });
}

pub(super) fn tasks_awaiter_is_an_iteration_later(log: Log) {
    run(async move {
        let inside = log.clone();
        let task = create_task(async move {
            inside.push("task begins");
            yield_now().await;
            inside.push("task ends");
        });
        queue_ticks(&log, 4);
        task.await.unwrap();
        log.push("awaiter");
        yield_times(2).await;
    });
}

pub(super) fn tasks_done_are_awaited_at_once(log: Log) {
    run(async move {
        let inside = log.clone();
        let task = create_task(async move {
            inside.push("task runs");
            1
        });
        yield_now().await;
        call_soon(log.line("soon"));
        log.push(format!("awaited: {}", task.await.unwrap()));
        yield_now().await;
        log.push("end");
    });
}

pub(super) fn tasks_done_callbacks(log: Log) {
    run(async move {
        let inside = log.clone();
        let task = create_task(async move {
            yield_times(2).await;
            inside.push("work ends");
        });
        // A callback and the awaiter both need the handle, so it is shared and awaited in place.
        let task = Rc::new(RefCell::new(task));
        task.borrow().add_done_callback(log.done_line("before the awaiter"));
        let (shared, behind) = (task.clone(), log.done_line("behind the awaiter"));
        call_soon(move || {
            shared.borrow().add_done_callback(behind);
        });
        join(&task).await;
        log.push("awaiter");
        task.borrow().add_done_callback(log.done_line("late"));
        log.push("added late");
        yield_now().await;
        log.push("end");
    });
}

pub(super) fn tasks_done_callbacks_removed(log: Log) {
    run(async move {
        let inside = log.clone();
        let task = create_task(async move { inside.push("work ends") });
        task.add_done_callback(log.done_line("first"));
        let id = task.add_done_callback(log.done_line("never"));
        task.add_done_callback(log.done_line("second"));
        log.push(format!("removed: {}", u8::from(task.remove_done_callback(id))));
        log.push(format!("removed again: {}", u8::from(task.remove_done_callback(id))));
        task.await.unwrap();
        log.push("awaiter");
    });
}

pub(super) fn tasks_names(log: Log) {
    run(async move {
        let named = create_named_task("fetch", async {});
        let (first, second) = (create_task(async {}), create_task(async {}));
        for task in [&named, &first, &second] {
            log.push(task.name());
        }
        second.set_name("renamed");
        let told = log.clone();
        second.add_done_callback(move |report| told.push(format!("done: {}", report.name)));
        second.await.unwrap();
        yield_now().await;
    });
}

pub(super) fn tasks_that_raise(log: Log) {
    run(async move {
        let inside = log.clone();
        let bad = create_task(async move {
            inside.push("bad runs");
            Err::<(), _>("bad")
        });
        let inside = log.clone();
        let good = create_task(async move {
            inside.push("good runs");
            yield_now().await;
            inside.push("good ends");
            "fine"
        });
        bad.add_done_callback(log.done_line("callback: bad"));
        if let Err(error) = bad.await.unwrap() {
            log.push(format!("awaiter: {error}"));
        }
        log.push(good.await.unwrap());
    });
}

pub(super) fn tasks_made_by_tasks(log: Log) {
    async fn work(log: Log, name: String, depth: u32) {
        log.push(format!("{name} begins"));
        if depth > 0 {
            let child = create_task(Box::pin(work(log.clone(), format!("{name}'"), depth - 1)));
            log.push(format!("{name} made a child"));
            child.await.unwrap();
        }
        log.push(format!("{name} ends"));
    }
    run(async move {
        let one = create_task(work(log.clone(), "a".to_owned(), 2));
        let two = create_task(work(log.clone(), "b".to_owned(), 1));
        one.await.unwrap();
        two.await.unwrap();
    });
}

pub(super) fn tasks_left_at_the_end(log: Log) {
    run(async move {
        let inside = log.clone();
        let task = create_task(async move {
            let _cleanup = inside.finally("left cleans up");
            inside.push("left begins");
            polyloop::sleep(LONG).await;
        });
        let told = log.clone();
        task.add_done_callback(move |report| {
            let cancelled = report.outcome == polyloop::Outcome::Cancelled;
            told.push(format!("callback: cancelled {}", py(cancelled)));
        });
        yield_now().await;
        log.push("main ends");
    });
}

pub(super) fn tasks_sleep_of_zero_yields_once(log: Log) {
    run(async move {
        queue_ticks(&log, 3);
        for n in 0..3 {
            yield_now().await;
            log.push(format!("step {n}"));
        }
    });
}

/// Awaits a task whose handle others use meanwhile.
async fn join<T>(task: &RefCell<Task<T>>) {
    std::future::poll_fn(|cx| std::pin::Pin::new(&mut *task.borrow_mut()).poll(cx)).await.unwrap();
}

pub(super) fn tasks_current(log: Log) {
    fn show(log: &Log) {
        log.push(format!("current: {}", current_task().unwrap().name()));
        let mut all: Vec<String> = all_tasks().iter().map(TaskInfo::name).collect();
        all.sort();
        log.push(format!("all: {}", py_list(all)));
    }
    run(async move {
        current_task().unwrap().set_name("root");
        let inside = log.clone();
        create_named_task("worker", async move { show(&inside) }).await.unwrap();
        show(&log);
    });
}

pub(super) fn tasks_eager(log: Log) {
    run(async move {
        Loop::current().unwrap().set_task_hook(|_| TaskStart::Eager);
        let inside = log.clone();
        let one = create_task(async move {
            inside.push("quick runs");
            "quick"
        });
        log.push(format!("quick made, done: {}", py(one.done())));
        let inside = log.clone();
        let two = create_task(async move {
            inside.push("slow begins");
            yield_now().await;
            inside.push("slow ends");
            "slow"
        });
        log.push(format!("slow made, done: {}", py(two.done())));
        log.push(one.await.unwrap());
        log.push(two.await.unwrap());
    });
}
