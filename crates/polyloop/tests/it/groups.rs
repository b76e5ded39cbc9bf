//! Task groups: every child ends with the group, and every error is told.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use polyloop::{
    ExceptionGroup, Loop, TaskError, TaskGroup, create_task, current_task, shield, sleep, timeout,
    yield_now,
};

use crate::{Log, run};

const MS: Duration = Duration::from_millis(1);

#[derive(Debug, PartialEq)]
enum Failure {
    Number(u32),
    Task(String),
}

impl From<TaskError> for Failure {
    fn from(error: TaskError) -> Failure {
        Failure::Task(error.message().unwrap_or_default())
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

/// Logs when it is dropped, or panics.
struct Guard(Log, &'static str, bool);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.push(self.1);
        assert!(!self.2, "{} failed", self.1);
    }
}

async fn forever(log: Log, name: &'static str, panics: bool) -> Result<(), Failure> {
    let _guard = Guard(log, name, panics);
    std::future::pending().await
}

fn tasks() -> usize {
    Loop::current().unwrap().task_count()
}

#[test]
fn an_empty_group_gives_its_bodys_value_at_once() {
    run(async {
        let mut iterations = create_task(yield_now());
        assert_eq!(TaskGroup::<Failure>::run(async |_| Ok(7)).await, Ok(7));
        assert!(!iterations.done());
        (&mut iterations).await.unwrap();
    });
}

#[test]
fn errors_of_body_and_children_are_all_told() {
    run(async {
        let errors = TaskGroup::run(async |group| {
            for n in 0..2 {
                group.create_task(async move { Err::<(), _>(Failure::Number(n)) });
            }
            yield_now().await;
            Err::<(), _>(Failure::Number(2))
        });
        // All in one iteration: nobody was told of another's error before.
        let errors = errors.await.unwrap_err();
        assert_eq!(errors.errors(), [0, 1, 2].map(Failure::Number));
        let errors = TaskGroup::run(async |group| {
            group.create_task(async {
                yield_now().await;
                Err::<(), _>(Failure::Number(0))
            });
            yield_now().await;
            Err::<(), _>(Failure::Number(2))
        });
        let errors = errors.await.unwrap_err();
        assert_eq!(errors.errors(), [Failure::Number(2)], "the child was cancelled before its end");
    });
}

#[test]
fn a_panic_cancels_the_siblings_and_is_an_error() {
    run(async {
        let log = Log::default();
        let errors = TaskGroup::run(async |group| {
            group.create_task(forever(log.clone(), "sibling", false));
            group.create_task(async { panic!("boom") as Result<(), Failure> });
            forever(log.clone(), "body", false).await
        });
        let errors = errors.await.unwrap_err();
        assert_eq!(errors.errors(), [Failure::Task("boom".to_owned())]);
        assert_eq!(log.take(), ["sibling", "body"]);
    });
}

#[test]
fn a_child_and_a_body_that_panic_while_they_are_cancelled_are_told() {
    run(async {
        let log = Log::default();
        let errors = TaskGroup::run(async |group| {
            group.create_task(forever(log.clone(), "child", true));
            group.create_task(async { Err::<(), _>(Failure::Number(1)) });
            forever(log.clone(), "body", true).await
        });
        let told: Vec<Failure> = errors.await.unwrap_err().into_iter().collect();
        let panics = ["child failed", "body failed"].map(|text| Failure::Task(text.to_owned()));
        let [child, body] = panics;
        assert_eq!(told, [Failure::Number(1), child, body]);
        assert_eq!(tasks(), 1);
    });
}

#[test]
fn dropping_a_group_drops_its_children_there_and_then() {
    run(async {
        let log = Log::default();
        let inner = log.clone();
        let group = TaskGroup::run(async move |group| {
            let log = inner.clone();
            group.create_task(async move {
                let nested = TaskGroup::<Failure>::run(async |nested| {
                    nested.create_task(forever(log.clone(), "grandchild", false));
                    forever(log.clone(), "child", false).await
                });
                nested.await.map_err(ExceptionGroup::into_first)
            });
            forever(inner, "body", false).await
        });
        assert!(timeout(MS * 5, group).await.is_err());
        assert_eq!(log.take(), ["body", "child", "grandchild"]);
        yield_now().await;
        assert_eq!(tasks(), 1);
    });
}

#[test]
fn a_child_that_panics_while_its_group_is_dropped_reaches_the_exception_handler() {
    run(async {
        let seen = Rc::new(RefCell::new(Vec::new()));
        let told = seen.clone();
        let handler = move |context: &polyloop::ExceptionContext| {
            told.borrow_mut().push(context.panic.clone());
        };
        Loop::current().unwrap().set_exception_handler(handler);
        let log = Log::default();
        let group = TaskGroup::<Failure>::run(async |group| {
            group.create_task(forever(log.clone(), "first", true));
            group.create_task(forever(log.clone(), "second", false));
            Ok(())
        });
        assert!(timeout(MS, group).await.is_err());
        assert_eq!(log.take(), ["first", "second"]);
        assert_eq!(seen.take(), ["first failed"]);
    });
}

#[test]
fn a_child_that_has_its_own_group_dropped_ends_at_its_next_await() {
    run(async {
        let log = Log::default();
        type Owner = std::pin::Pin<Box<dyn Future<Output = ()>>>;
        let slot: Rc<RefCell<Option<Owner>>> = Rc::default();
        let (own, inside) = (slot.clone(), log.clone());
        let group: Owner = Box::pin(async move {
            let result = TaskGroup::<Failure>::run(async move |group| {
                group.create_task(async move {
                    yield_now().await;
                    drop(own.take());
                    inside.push("dropped my group");
                    yield_now().await;
                    inside.push("never");
                    Ok(())
                });
                Ok(())
            });
            result.await.unwrap();
        });
        slot.replace(Some(group));
        let mut polled = slot.take().unwrap();
        std::future::poll_fn(|cx| {
            assert!(polled.as_mut().poll(cx).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
        slot.replace(Some(polled));
        sleep(MS * 5).await;
        assert_eq!(log.take(), ["dropped my group"]);
        assert_eq!(tasks(), 1);
    });
}

#[test]
fn children_make_children_and_all_are_joined() {
    async fn tree(group: TaskGroup<Failure>, depth: u32, leaves: Rc<Cell<u32>>) {
        if depth == 0 {
            yield_now().await;
            leaves.set(leaves.get() + 1);
            return;
        }
        for _ in 0..2 {
            let (inner, leaves) = (group.clone(), leaves.clone());
            group.create_task(async move {
                Box::pin(tree(inner, depth - 1, leaves)).await;
                Ok(())
            });
        }
    }
    run(async {
        let leaves = Rc::new(Cell::new(0));
        let result = TaskGroup::run(async |group| {
            tree(group, 5, leaves.clone()).await;
            Ok(())
        });
        assert_eq!(result.await, Ok(()));
        assert_eq!(leaves.get(), 32);
    });
}

#[test]
fn a_group_that_shuts_down_refuses_children_and_says_so() {
    run(async {
        let asked = Rc::new(RefCell::new(None));
        let result = Rc::new(RefCell::new(None));
        let (answer, late) = (asked.clone(), result.clone());
        let errors = TaskGroup::run(async |group| {
            let handle = group.clone();
            struct OnDrop<F: FnMut()>(F);
            impl<F: FnMut()> Drop for OnDrop<F> {
                fn drop(&mut self) {
                    (self.0)();
                }
            }
            group.create_task(async move {
                let _asks = OnDrop(|| {
                    let refused = handle.try_create_task(async { Ok::<u32, Failure>(5) });
                    answer.replace(refused.err());
                    late.replace(Some(handle.create_task(async { Ok(6) })));
                });
                std::future::pending::<Result<(), Failure>>().await
            });
            yield_now().await;
            Err::<(), _>(Failure::Number(1))
        });
        errors.await.unwrap_err();
        let closed = asked.take().unwrap();
        assert_eq!(closed.to_string(), "the task group is shutting down and takes no more tasks");
        assert_eq!(closed.into_future().await, Ok(5));
        let task: polyloop::Task<u32> = result.take().unwrap();
        assert!(task.done());
        let error = task.await.unwrap_err();
        assert!(error.is_cancelled() && error.message().unwrap().contains("shutting down"));
    });
}

#[test]
fn a_group_that_is_over_is_a_bug_to_use() {
    run(async {
        let group = TaskGroup::<Failure>::run(async |group| Ok(group)).await.unwrap();
        assert!(!group.is_open());
        assert!(group.try_create_task(async { Ok(()) }).unwrap_err().to_string().contains("over"));
        let late = create_task(async move { drop(group.create_task(async { Ok(()) })) });
        assert!(late.await.unwrap_err().message().unwrap().contains("is over"));
    });
}

#[test]
fn a_child_is_in_its_group_before_it_is_first_polled() {
    run(async {
        let errors = TaskGroup::run(async |group| {
            let eager = group.create_eager_task(async {
                assert!(current_task().is_some());
                Err::<(), _>(Failure::Number(1))
            });
            assert!(eager.done());
            forever(Log::default(), "body", false).await
        });
        assert_eq!(errors.await.unwrap_err().into_first(), Failure::Number(1));
        let log = Log::default();
        let group = TaskGroup::run(async |group| {
            group.create_task(forever(log.clone(), "never polled", false));
            Ok(())
        });
        let mut group = Box::pin(group);
        std::future::poll_fn(|cx| std::task::Poll::Ready(group.as_mut().poll(cx).is_pending()))
            .await;
        drop(group);
        yield_now().await;
        assert!(log.take().is_empty());
        assert_eq!(tasks(), 1);
    });
}

#[test]
fn who_awaits_a_child_that_failed_adds_no_error() {
    run(async {
        let errors = TaskGroup::run(async |group| {
            let bad = group.create_task(async {
                yield_now().await;
                Err::<(), _>(Failure::Number(1))
            });
            group.create_task(async move { Ok(bad.await?) });
            let other = group.create_task(async {
                yield_now().await;
                Err::<(), _>(Failure::Number(2))
            });
            Ok(other.await?)
        });
        let errors = errors.await.unwrap_err();
        assert_eq!(errors.errors(), [Failure::Number(1), Failure::Number(2)]);
    });
}

#[test]
fn a_shielded_group_survives_its_awaiter() {
    run(async {
        let ended = Rc::new(Cell::new(false));
        let flag = ended.clone();
        let owner = create_task(shield(async move {
            let group = TaskGroup::<Failure>::run(async |group| {
                group.create_task(async move {
                    sleep(MS * 5).await;
                    flag.set(true);
                    Ok(())
                });
                Ok(())
            });
            group.await
        }));
        yield_now().await;
        owner.cancel();
        assert!(owner.await.unwrap_err().is_cancelled());
        sleep(MS * 15).await;
        assert!(ended.get());
    });
}

#[test]
fn a_group_forgets_children_that_have_ended() {
    run(async {
        let witness = Rc::new(());
        let held = witness.clone();
        TaskGroup::<Failure>::run(async move |group| {
            for _ in 0..1000 {
                let held = held.clone();
                group
                    .create_task(async move {
                        let _held = held;
                        Ok(())
                    })
                    .await?;
            }
            assert_eq!(Rc::strong_count(&held), 2);
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(Rc::strong_count(&witness), 1);
    });
}

#[test]
fn an_exception_group_is_split_shown_and_an_error() {
    assert!(ExceptionGroup::<Failure>::new([]).is_none());
    let group = ExceptionGroup::new([1, 2, 3].map(Failure::Number)).unwrap();
    assert_eq!(group.to_string(), "3 errors: Number(1); Number(2); Number(3)");
    assert_eq!(group.first(), &Failure::Number(1));
    let (odd, even) = group.split(|error| matches!(error, Failure::Number(n) if n % 2 == 1));
    assert_eq!(odd.unwrap().errors(), [Failure::Number(1), Failure::Number(3)]);
    let (none, all) = even.unwrap().split(|_| false);
    assert!(none.is_none());
    let error: Box<dyn std::error::Error + Send + Sync> = all.unwrap().into();
    assert_eq!(error.to_string(), "Number(2)");
    assert!(std::io::Error::other(error).to_string().contains("Number(2)"));
}
