//! What each task waits for, and who waits for whom.

use std::time::Duration;

use polyloop::{
    Loop, OpKind, ReturnWhen, TaskGroup, TaskInfo, TaskState, WaitsFor, capture_call_graph,
    create_eager_task, create_named_task, create_task, format_call_graph, sleep, time, timeout,
    wait, yield_now,
};

use crate::run;
use crate::streams::pair;

const LONG: Duration = Duration::from_secs(60);

/// Lets everything that is ready run until it waits.
async fn settle() {
    for _ in 0..10 {
        yield_now().await;
    }
}

#[test]
fn a_sleeper_waits_for_its_deadline() {
    run(async {
        let before = time();
        let task = create_task(sleep(LONG));
        assert_eq!(task.info().state(), TaskState::Ready);
        assert_eq!(task.info().waits_for(), None);
        yield_now().await;
        let Some(WaitsFor::Timer { deadline }) = task.info().waits_for() else { panic!() };
        assert!(deadline >= before + LONG && deadline <= time() + LONG);
        assert_eq!(task.info().state(), TaskState::Waiting);
    });
}

#[test]
fn a_timeout_shows_what_it_limits() {
    run(async {
        let inner = create_task(std::future::pending::<()>());
        let awaited = inner.info();
        let outer = create_task(timeout(LONG, inner));
        let limit = create_task(timeout(LONG, std::future::pending::<()>()));
        yield_now().await;
        assert_eq!(outer.info().waits_for(), Some(WaitsFor::Task(awaited)));
        assert!(matches!(limit.info().waits_for(), Some(WaitsFor::Timer { .. })));
    });
}

#[test]
fn a_reader_and_an_acceptor_wait_for_their_ops() {
    run(async {
        let (mut client, server) = pair().await;
        let reader = create_task(async move { client.read(&mut [0; 8]).await.unwrap() });
        let acceptor = create_task(async {
            let listener = polyloop::TcpListener::bind("127.0.0.1:0").await.unwrap();
            listener.accept().await.unwrap();
        });
        settle().await;
        let kind = |task: TaskInfo| match task.waits_for() {
            Some(WaitsFor::Op { kind, key: Some(_) }) => kind,
            other => panic!("{other:?}"),
        };
        assert_eq!(kind(reader.info()), OpKind::RecvMulti);
        assert_eq!(kind(acceptor.info()), OpKind::AcceptMulti);
        drop(server);
        assert_eq!(reader.await.unwrap(), 0);
    });
}

#[test]
fn a_note_belongs_to_the_task_that_left_it() {
    run(async {
        let outer = create_task(async {
            let sleeper = create_eager_task(sleep(LONG));
            std::future::pending::<()>().await;
            drop(sleeper);
        });
        yield_now().await;
        assert_eq!(outer.info().waits_for(), Some(WaitsFor::Other));
    });
}

#[test]
fn gathers_waits_and_groups_wait_for_their_tasks() {
    run(async {
        let gather = create_task(polyloop::gather([sleep(LONG), sleep(LONG)]));
        let group = create_task(TaskGroup::<polyloop::TaskError>::run(async |group| {
            group.create_task(async {
                sleep(LONG).await;
                Ok(())
            });
            Ok(())
        }));
        let one = create_task(sleep(LONG));
        let info = one.info();
        let waiter = create_task(async { wait([info], LONG, ReturnWhen::AllCompleted).await });
        settle().await;
        let count = |task: TaskInfo| match task.waits_for() {
            Some(WaitsFor::Tasks(tasks)) => tasks.len(),
            other => panic!("{other:?}"),
        };
        assert_eq!(count(gather.info()), 2);
        assert_eq!(count(group.info()), 1);
        assert_eq!(count(waiter.info()), 1);
    });
}

#[test]
fn a_call_graph_leads_from_a_task_to_who_waits_for_it() {
    run(async {
        let inner = create_named_task("inner", sleep(LONG));
        let info = inner.info();
        let middle = create_named_task("middle", async { inner.await.unwrap() });
        let outer = create_named_task("outer", async { middle.await.unwrap() });
        settle().await;
        let graph = capture_call_graph(Some(&info)).unwrap();
        assert_eq!(graph.awaited_by[0].awaited_by[0].task, outer.info());
        assert!(graph.awaited_by[0].awaited_by[0].awaited_by.is_empty());
        let text = format_call_graph(Some(&info));
        assert!(text.contains("* inner") && text.contains("        + awaited by outer"), "{text}");
        assert_eq!(
            capture_call_graph(None).unwrap().task.name(),
            polyloop::current_task().unwrap().name()
        );
    });
}

#[test]
fn the_tree_has_those_at_the_top_that_nobody_waits_for() {
    run(async {
        let leaves = ["left", "right"].map(|name| create_named_task(name, sleep(LONG)));
        let root = create_named_task("root", polyloop::gather_tasks(leaves));
        settle().await;
        let tree = Loop::current().unwrap().format_task_tree();
        let lines: Vec<&str> = tree.lines().collect();
        let at = lines.iter().position(|line| line.starts_with("root: waits for 2 task")).unwrap();
        assert!(lines[at + 1].starts_with("├── left: waits for a timer, due in "), "{tree}");
        assert!(lines[at + 2].starts_with("└── right: "), "{tree}");
        assert!(!lines.iter().any(|line| line.starts_with("left")), "{tree}");
        drop(root);
    });
}

#[test]
fn a_cycle_is_shown_and_not_followed_for_ever() {
    run(async {
        let hole = std::rc::Rc::new(std::cell::RefCell::new(None::<TaskInfo>));
        let seen = hole.clone();
        let first = create_named_task("first", async move {
            yield_now().await;
            let second = seen.borrow().clone().unwrap();
            wait([second], None, ReturnWhen::AllCompleted).await;
        });
        let info = first.info();
        let second = create_named_task("second", first);
        hole.replace(Some(second.info()));
        settle().await;
        let tree = Loop::current().unwrap().format_task_tree();
        assert!(tree.contains("cycle:\nfirst: waits for 1 task"), "{tree}");
        assert!(tree.contains("└── first (again"), "{tree}");
        let graph = capture_call_graph(Some(&info)).unwrap();
        assert!(graph.awaited_by[0].awaited_by[0].is_repeated);
        info.cancel();
    });
}

#[test]
fn a_name_cannot_break_its_line() {
    run(async {
        let task = create_named_task("two\nlines\u{1b}[31m", sleep(LONG));
        yield_now().await;
        let table = Loop::current().unwrap().format_tasks();
        assert!(table.contains("two\u{fffd}lines\u{fffd}[31m"), "{table}");
        drop(task);
    });
}
