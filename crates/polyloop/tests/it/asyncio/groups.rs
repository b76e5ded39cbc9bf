//! Task groups: what ends what, and in which order.

use polyloop::{ExceptionGroup, TaskError, TaskGroup, create_task, sleep, yield_now};

use super::script::{LONG, Log, MS, py_list, run};

/// What a child raises.
#[derive(Debug)]
struct Raised(&'static str);

impl From<TaskError> for Raised {
    fn from(error: TaskError) -> Raised {
        panic!("a child's own error was expected: {error}")
    }
}

type Group = TaskGroup<Raised>;

async fn slow(log: Log, name: &'static str) -> Result<(), Raised> {
    let _cleanup = log.finally(format!("{name} cleans up"));
    sleep(LONG).await;
    Ok(())
}

async fn ends(log: Log, name: String, milliseconds: u32) -> Result<(), Raised> {
    sleep(MS * milliseconds).await;
    log.push(format!("{name} ends"));
    Ok(())
}

async fn bad(log: Log) -> Result<(), Raised> {
    sleep(MS * 50).await;
    log.push("bad raises");
    Err(Raised("bad"))
}

fn tell_errors(log: &Log, result: Result<(), ExceptionGroup<Raised>>) {
    if let Err(errors) = result {
        log.push(format!("errors: {}", py_list(errors.iter().map(|Raised(name)| name))));
    }
}

pub(super) fn task_group_joins(log: Log) {
    async fn work(log: Log, name: &str, milliseconds: u32) -> Result<&str, Raised> {
        log.push(format!("{name} begins"));
        sleep(MS * milliseconds).await;
        log.push(format!("{name} ends"));
        Ok(name)
    }
    run(async move {
        let tasks = Group::run(async |group| {
            let one = group.create_task(work(log.clone(), "one", 100));
            let two = group.create_task(work(log.clone(), "two", 50));
            log.push("body ends");
            Ok((one, two))
        });
        let (one, two) = tasks.await.unwrap();
        let (one, two) = (one.await.unwrap(), two.await.unwrap());
        log.push(format!("group ended: {one}, {two}"));
    });
}

pub(super) fn task_group_first_error(log: Log) {
    run(async move {
        let result = Group::run(async |group| {
            group.create_task(slow(log.clone(), "one"));
            group.create_task(bad(log.clone()));
            group.create_task(slow(log.clone(), "two"));
            Ok(())
        });
        tell_errors(&log, result.await);
        log.push("end");
    });
}

pub(super) fn task_group_several_errors(log: Log) {
    async fn raises(log: Log, name: &'static str) -> Result<(), Raised> {
        yield_now().await;
        log.push(format!("{name} raises"));
        Err(Raised(name))
    }
    run(async move {
        let result = Group::run(async |group| {
            for name in ["a", "b"] {
                group.create_task(raises(log.clone(), name));
            }
            Ok(())
        });
        tell_errors(&log, result.await);
    });
}

pub(super) fn task_group_body_fails(log: Log) {
    run(async move {
        let result = Group::run(async |group| {
            group.create_task(slow(log.clone(), "slow"));
            yield_now().await;
            log.push("body raises");
            Err(Raised("body"))
        });
        tell_errors(&log, result.await);
    });
}

pub(super) fn task_group_error_interrupts_the_body(log: Log) {
    run(async move {
        let result = Group::run(async |group| {
            group.create_task(bad(log.clone()));
            let _cleanup = log.finally("body cleans up");
            sleep(LONG).await;
            Ok(())
        });
        if result.await.is_err() {
            log.push("group failed");
        }
    });
}

pub(super) fn task_group_nested(log: Log) {
    async fn branch(log: Log, name: &str) -> Result<(), Raised> {
        let result = Group::run(async |group| {
            group.create_task(ends(log.clone(), format!("{name}x"), 100));
            group.create_task(ends(log.clone(), format!("{name}y"), 50));
            Ok(())
        });
        result.await.unwrap();
        log.push(format!("branch {name} ends"));
        Ok(())
    }
    run(async move {
        let result = Group::run(async |group| {
            group.create_task(branch(log.clone(), "a"));
            group.create_task(ends(log.clone(), "b".to_owned(), 200));
            Ok(())
        });
        result.await.unwrap();
        log.push("end");
    });
}

pub(super) fn task_group_child_is_cancelled(log: Log) {
    run(async move {
        let result = Group::run(async |group| {
            let task = group.create_task(slow(log.clone(), "slow"));
            group.create_task(ends(log.clone(), "other".to_owned(), 150));
            sleep(MS * 50).await;
            task.cancel();
            log.push("cancelled one");
            Ok(())
        });
        result.await.unwrap();
        log.push("group ended");
    });
}

pub(super) fn task_group_is_cancelled(log: Log) {
    async fn owner(log: Log) {
        let _cleanup = log.finally("owner cleans up");
        let result = Group::run(async |group| {
            group.create_task(slow(log.clone(), "a"));
            group.create_task(slow(log.clone(), "b"));
            Ok(())
        });
        let _ = result.await;
    }
    run(async move {
        let task = create_task(owner(log.clone()));
        sleep(MS * 50).await;
        task.cancel();
        if task.await.is_err() {
            log.push("awaiter told");
        }
    });
}
