//! Task groups.

use std::time::Duration;

use polyloop::{ExceptionGroup, TaskError, TaskGroup, create_task, sleep, yield_now};

use super::script::{LONG, Log, MS, py_list, run};

/// A `ValueError` of Python's.
#[derive(Debug)]
struct ValueError(String);

impl From<TaskError> for ValueError {
    fn from(error: TaskError) -> ValueError {
        ValueError(error.to_string())
    }
}

type Ended<T = ()> = Result<T, ValueError>;

async fn ends(log: Log, name: impl Into<String>, delay: Duration) -> Ended<String> {
    let name = name.into();
    sleep(delay).await;
    log.push(format!("{name} ends"));
    Ok(name)
}

async fn slow(log: Log, name: &str) -> Ended {
    let _cleanup = log.finally(format!("{name} cleans up"));
    sleep(LONG).await;
    Ok(())
}

async fn bad(log: Log, name: &str, delay: Duration) -> Ended {
    sleep(delay).await;
    log.push(format!("{name} raises"));
    Err(ValueError(name.to_owned()))
}

fn log_errors(log: &Log, errors: ExceptionGroup<ValueError>) {
    let texts = errors.into_iter().map(|error| error.0);
    log.push(format!("errors: {}", py_list(texts)));
}

pub(super) fn task_group_joins(log: Log) {
    async fn work(log: Log, name: &'static str, delay: Duration) -> Ended<&'static str> {
        log.push(format!("{name} begins"));
        sleep(delay).await;
        log.push(format!("{name} ends"));
        Ok(name)
    }
    run(async move {
        let (one, two) = TaskGroup::run(async |group| {
            let one = group.create_task(work(log.clone(), "one", MS * 100));
            let two = group.create_task(work(log.clone(), "two", MS * 50));
            log.push("body ends");
            Ok((one, two))
        })
        .await
        .unwrap();
        log.push(format!("group ended: {}, {}", one.await.unwrap(), two.await.unwrap()));
    });
}

pub(super) fn task_group_first_error(log: Log) {
    run(async move {
        let result = TaskGroup::run(async |group| {
            group.create_task(slow(log.clone(), "one"));
            group.create_task(bad(log.clone(), "bad", MS * 50));
            group.create_task(slow(log.clone(), "two"));
            Ok(())
        });
        log_errors(&log, result.await.unwrap_err());
        log.push("end");
    });
}

pub(super) fn task_group_several_errors(log: Log) {
    run(async move {
        let result = TaskGroup::run(async |group| {
            group.create_task(bad(log.clone(), "a", Duration::ZERO));
            group.create_task(bad(log.clone(), "b", Duration::ZERO));
            Ok(())
        });
        log_errors(&log, result.await.unwrap_err());
    });
}

pub(super) fn task_group_body_fails(log: Log) {
    run(async move {
        let result = TaskGroup::run(async |group| {
            group.create_task(slow(log.clone(), "slow"));
            yield_now().await;
            log.push("body raises");
            Ended::<()>::Err(ValueError("body".to_owned()))
        });
        log_errors(&log, result.await.unwrap_err());
    });
}

pub(super) fn task_group_error_interrupts_the_body(log: Log) {
    run(async move {
        let result = TaskGroup::run(async |group| {
            group.create_task(bad(log.clone(), "bad", MS * 50));
            let _cleanup = log.finally("body cleans up");
            sleep(LONG).await;
            Ok(())
        });
        assert!(result.await.is_err());
        log.push("group failed");
    });
}

pub(super) fn task_group_child_is_cancelled(log: Log) {
    run(async move {
        TaskGroup::run(async |group| {
            let task = group.create_task(slow(log.clone(), "slow"));
            group.create_task(ends(log.clone(), "other", MS * 150));
            sleep(MS * 50).await;
            task.cancel();
            log.push("cancelled one");
            Ok(())
        })
        .await
        .unwrap();
        log.push("group ended");
    });
}

pub(super) fn task_group_is_cancelled(log: Log) {
    async fn owner(log: Log) {
        let _cleanup = log.finally("owner cleans up");
        let group = TaskGroup::run(async |group| {
            group.create_task(slow(log.clone(), "a"));
            group.create_task(slow(log.clone(), "b"));
            Ok(())
        });
        group.await.unwrap();
    }
    run(async move {
        let task = create_task(owner(log.clone()));
        sleep(MS * 50).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        log.push("awaiter told");
    });
}

pub(super) fn task_group_nested(log: Log) {
    async fn branch(log: Log, name: &str) -> Ended {
        TaskGroup::run(async |group| {
            group.create_task(ends(log.clone(), format!("{name}x"), MS * 100));
            group.create_task(ends(log.clone(), format!("{name}y"), MS * 50));
            Ok(())
        })
        .await
        .map_err(ExceptionGroup::into_first)?;
        log.push(format!("branch {name} ends"));
        Ok(())
    }
    run(async move {
        TaskGroup::run(async |group| {
            group.create_task(branch(log.clone(), "a"));
            group.create_task(ends(log.clone(), "b", MS * 200));
            Ok(())
        })
        .await
        .unwrap();
        log.push("end");
    });
}
