//! What each task waits for, and who waits for whom.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::mpsc;
use std::task::{Poll, Waker};
use std::time::Duration;

use polyloop::sync::{Barrier, Condition, Event, Lock, Semaphore};
use polyloop::{
    Executor, Loop, OpKind, Queue, ReturnWhen, StreamReader, StreamWriter, Task, TaskGroup,
    TaskInfo, TaskState, WaitsFor, capture_call_graph, create_eager_task, create_future,
    create_named_task, create_task, format_call_graph, new_event_loop, scope, sleep, time, timeout,
    to_thread, wait, yield_now,
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

/// Lets a task run until it waits, and tells for what.
async fn awaited<T: 'static>(future: impl Future<Output = T> + 'static) -> (Task<T>, WaitsFor) {
    let task = create_task(future);
    settle().await;
    let waits_for = task.info().waits_for().expect("it waits");
    (task, waits_for)
}

#[test]
fn what_is_awaited_has_its_name() {
    run(async {
        let mut seen = Vec::new();
        let mut tasks = Vec::new();
        macro_rules! look {
            ($future:expr) => {{
                let (task, waits_for) = awaited(async move {
                    let _ = $future.await;
                })
                .await;
                tasks.push(task);
                seen.push(waits_for);
            }};
        }
        let lock = Rc::new(Lock::new(()));
        let held = lock.clone().lock_owned().await;
        let (waiter, condition_lock) = (lock.clone(), Rc::new(Lock::new(())));
        look!(waiter.lock());
        look!(Semaphore::new(0).acquire());
        look!(Event::new().wait());
        let (condition, guarded) = (Condition::new(), condition_lock.clone());
        look!(condition.wait(guarded.lock().await));
        look!(Barrier::new(2).unwrap().wait());
        look!(Queue::<u32>::new(0).get());
        let full = Queue::new(1);
        full.put_nowait(1).unwrap();
        look!(full.put(2));
        let unfinished = Queue::new(0);
        unfinished.put_nowait(1).unwrap();
        look!(unfinished.join());
        let (future, line) = (create_future::<u32>(), line!());
        look!(future);
        assert_eq!(
            seen[..8],
            [
                WaitsFor::Lock,
                WaitsFor::Permit,
                WaitsFor::Event,
                WaitsFor::Notification,
                WaitsFor::Barrier,
                WaitsFor::QueueItem,
                WaitsFor::QueuePlace,
                WaitsFor::QueueJoin,
            ]
        );
        let Some(WaitsFor::Future { created_at }) = seen.get(8) else { panic!("{seen:?}") };
        assert_eq!(created_at.line(), line);
        let texts: Vec<String> = seen.iter().map(ToString::to_string).collect();
        assert_eq!(texts[0], "a lock");
        assert_eq!(texts[5], "a queue's item");
        let table = Loop::current().unwrap().format_tasks();
        for text in texts {
            assert!(table.contains(&format!("waiting  {text} ")), "{text}: {table}");
        }
        drop(held);
    });
}

#[test]
fn closures_on_threads_have_their_name() {
    run(async {
        let (release, released) = mpsc::channel::<()>();
        let (closure, waits_for) =
            awaited(to_thread(move || released.recv_timeout(LONG).unwrap())).await;
        assert_eq!(waits_for, WaitsFor::Thread);
        let (let_go, gate) = mpsc::channel::<()>();
        let executor = Executor::new("awaited", 1);
        executor.submit(move || gate.recv_timeout(LONG).unwrap()).detach();
        for limit in [None, Some(LONG)] {
            let executor = executor.clone();
            let (_, waits_for) = awaited(async move { executor.shutdown(limit).await }).await;
            assert_eq!(waits_for, WaitsFor::Shutdown);
        }
        release.send(()).unwrap();
        let_go.send(()).unwrap();
        closure.await.unwrap().unwrap();
        executor.shutdown(LONG).await.unwrap();
    });
}

#[test]
fn a_task_of_another_loop_has_its_name() {
    run(async {
        let other = new_event_loop().unwrap();
        let posted = other.handle().run_coroutine_threadsafe(std::future::pending::<()>).unwrap();
        let (task, waits_for) = awaited(posted).await;
        assert_eq!(waits_for, WaitsFor::OtherLoop);
        other.close();
        assert!(task.await.unwrap().unwrap_err().is_cancelled());
    });
}

#[test]
fn a_scope_waits_for_its_children() {
    run(async {
        let body = scope(async |scope| {
            let first = scope.spawn(sleep(LONG));
            scope.spawn(sleep(LONG));
            first.await;
        });
        let (_, waits_for) = awaited(body).await;
        assert_eq!(waits_for, WaitsFor::Children(2));
        assert_eq!(waits_for.to_string(), "2 children of a scope");
        let (_, waits_for) = awaited(scope(async |_| sleep(LONG).await)).await;
        assert!(matches!(waits_for, WaitsFor::Timer { .. }), "{waits_for}");
    });
}

#[test]
fn a_task_that_another_thread_made_ready_is_ready() {
    run(async {
        let waker = Rc::new(RefCell::new(None::<Waker>));
        let slot = waker.clone();
        let task = create_task(poll_fn(move |cx| match slot.replace(Some(cx.waker().clone())) {
            None => Poll::Pending,
            Some(_) => Poll::Ready(()),
        }));
        settle().await;
        assert_eq!(task.info().state(), TaskState::Waiting);
        let waker = waker.borrow().clone().unwrap();
        std::thread::spawn(move || waker.wake()).join().unwrap();
        assert_eq!(task.info().state(), TaskState::Ready);
        assert_eq!(task.info().waits_for(), None);
        let table = Loop::current().unwrap().format_tasks();
        let row = table.lines().find(|line| line.starts_with(&task.info().name())).unwrap();
        assert!(row.contains("  ready  "), "{table}");
        task.await.unwrap();
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
        let graph = capture_call_graph(&info).unwrap();
        assert_eq!(graph.awaited_by[0].awaited_by[0].task, outer.info());
        assert!(graph.awaited_by[0].awaited_by[0].awaited_by.is_empty());
        let text = format_call_graph(&info);
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
        let graph = capture_call_graph(&info).unwrap();
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

#[test]
fn servers_and_streams_have_their_names() {
    run(async {
        let server = Rc::new(
            polyloop::start_server(
                |mut reader: StreamReader, _writer: StreamWriter| async move {
                    let _ = reader.read_to_end().await;
                },
                "127.0.0.1:0",
            )
            .await
            .unwrap(),
        );
        let (forever, closed) = (server.clone(), server.clone());
        let (forever, waits_for) = awaited(async move { forever.serve_forever().await }).await;
        assert_eq!(waits_for, WaitsFor::Server);
        assert_eq!(waits_for.to_string(), "the end of a server");
        let (_closed, waits_for) = awaited(async move { closed.wait_closed().await }).await;
        assert_eq!(waits_for, WaitsFor::Server);
        drop(forever);

        // Nobody reads here, so much waits to be sent.
        let listener = polyloop::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (_reader, writer) =
            polyloop::open_connection(listener.local_addr().unwrap()).await.unwrap();
        writer.write(&vec![0; 32 << 20]);
        let writer = Rc::new(writer);
        let (draining, closing) = (writer.clone(), writer.clone());
        let (_draining, waits_for) = awaited(async move { draining.drain().await }).await;
        assert_eq!(waits_for, WaitsFor::Drain);
        let (_closing, waits_for) = awaited(async move { closing.wait_closed().await }).await;
        assert_eq!(waits_for, WaitsFor::Close);
        writer.abort();
    });
}

#[cfg(unix)]
#[test]
fn processes_and_signals_have_their_names() {
    use polyloop::process::Command;
    use polyloop::signal::{SignalKind, signals};

    run(async {
        let sleeper = Command::shell("exec sleep 60").kill_on_drop(true).await.unwrap();
        let pid = sleeper.pid();
        let (process, waits_for) = awaited(async move { sleeper.wait().await }).await;
        assert_eq!(waits_for, WaitsFor::Process { pid });
        assert_eq!(waits_for.to_string(), format!("the end of process {pid}"));
        drop(process);
        let mut hangups = signals([SignalKind::HANGUP]).unwrap();
        let (_signal, waits_for) = awaited(async move { hangups.recv().await }).await;
        assert_eq!(waits_for, WaitsFor::Signal);
        assert_eq!(waits_for.to_string(), "a signal");
    });
}
