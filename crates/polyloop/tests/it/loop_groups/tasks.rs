use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use polyloop::{Backend, ErrorKind, Loop, LoopGroup, sleep, yield_now};

use super::{PATIENCE, group, reporting};

fn thread_name() -> String {
    std::thread::current().name().unwrap().to_owned()
}

#[test]
fn a_closure_runs_on_the_loop_that_is_named_and_its_result_comes_back() {
    let group = LoopGroup::builder().loops(3).name("worker").build().unwrap();
    for index in 0..3 {
        let task = group.spawn_on(index, || async {
            let local = Rc::new(Cell::new(thread_name()));
            yield_now().await;
            local.take()
        });
        assert_eq!(task.unwrap().wait().unwrap(), format!("worker-{index}"));
    }
    let mut in_turn: Vec<String> =
        (0..3).map(|_| group.spawn(|| async { thread_name() }).unwrap().wait().unwrap()).collect();
    in_turn.sort();
    assert_eq!(in_turn, ["worker-0", "worker-1", "worker-2"]);
    group.stop(PATIENCE).unwrap();
}

#[test]
fn a_result_is_awaited_on_another_loop() {
    let group = Arc::new(group(2));
    let inner = group.clone();
    let sum = group.spawn_on(0, move || async move {
        let one = inner.spawn_on(1, || async {
            sleep(Duration::from_millis(5)).await;
            20
        });
        let two = inner.spawn_on(1, || async { 22 });
        one.unwrap().await.unwrap() + two.unwrap().await.unwrap()
    });
    assert_eq!(sum.unwrap().wait_timeout(PATIENCE).unwrap().unwrap(), 42);
    group.stop(PATIENCE).unwrap();
}

#[test]
fn a_panic_is_the_result_and_the_loop_goes_on() {
    let group = group(2);
    let bad = group.spawn_on(1, || async { panic!("over there") }).unwrap();
    let error = bad.wait().unwrap_err();
    assert!(error.is_panic() && error.message().unwrap().contains("over there"), "{error}");
    // In the function, before there is a future, it is no different.
    let bad = group.spawn_on(1, || -> std::future::Ready<()> { panic!("before") }).unwrap();
    assert!(bad.wait().unwrap_err().message().unwrap().contains("before"));
    assert_eq!(group.spawn_on(1, || async { 7 }).unwrap().wait().unwrap(), 7);
    group.stop(PATIENCE).unwrap();
}

#[test]
fn a_panic_that_nobody_asks_for_is_reported_by_its_loop() {
    let (builder, reports) = reporting(2);
    let group = builder.build().unwrap();
    // Nobody asks from the beginning.
    let (go, gone) = channel::<()>();
    drop(group.spawn_on(1, move || async move {
        gone.recv().unwrap();
        panic!("unasked")
    }));
    go.send(()).unwrap();
    let report = reports.recv_timeout(PATIENCE).unwrap();
    assert!(report.starts_with("1: ") && report.contains("unasked"), "{report}");
    assert!(report.contains("tasks.rs"), "{report}");
    // It has happened, and then nobody asks.
    let task = group.spawn_on(0, || async { panic!("too late") }).unwrap();
    super::until("the task has ended", || task.done());
    drop(task);
    let report = reports.recv_timeout(PATIENCE).unwrap();
    assert!(report.starts_with("0: ") && report.contains("too late"), "{report}");
    // Who has asked has been told.
    let asked = group.spawn_on(0, || async { panic!("asked") }).unwrap();
    assert!(asked.wait().unwrap_err().is_panic());
    group.stop(PATIENCE).unwrap();
    assert_eq!(reports.try_iter().collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn a_loop_that_is_not_there_is_refused_by_number() {
    let group = group(1);
    let error = group.spawn_on(1, || async {}).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("loop 1 of a group of 1"), "{error}");
    assert!(group.handle(1).is_err() && group.backend_info(7).is_err());
    assert!(group.metrics(1).is_err());
    let error = LoopGroup::builder().loops(0).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    group.stop(PATIENCE).unwrap();
    let error = group.spawn_on(0, || async {}).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LoopClosed);
    assert!(error.to_string().contains("hand a task to loop 0"), "{error}");
}

#[test]
fn backends_mix_in_one_group() {
    let here: Vec<Backend> =
        Backend::BUILT_IN.into_iter().filter(|backend| backend.probe().is_ok()).collect();
    let backends = here.clone();
    let group = LoopGroup::builder()
        .loops(here.len())
        .each_loop(move |index, builder| builder.backend(backends[index].clone()))
        .build()
        .unwrap();
    for (index, backend) in here.iter().enumerate() {
        assert_eq!(group.backend_info(index).unwrap().name(), backend.name());
        let name = group.spawn_on(index, || async { polyloop::backend_info().name().to_owned() });
        assert_eq!(name.unwrap().wait().unwrap(), backend.name());
    }
    group.stop(PATIENCE).unwrap();
}

#[test]
fn each_loop_has_metrics_of_its_own() {
    let group = LoopGroup::builder()
        .loops(2)
        .each_loop(|index, builder| builder.metrics(index == 1))
        .build()
        .unwrap();
    let busy = group.spawn_on(1, || async {
        for _ in 0..1_000 {
            yield_now().await;
        }
    });
    busy.unwrap().wait().unwrap();
    let metrics = |index| group.metrics(index).unwrap().wait().unwrap();
    assert!(metrics(1).iterations >= 1_000, "{}", metrics(1));
    assert!(metrics(0).iterations < 500, "{}", metrics(0));
    assert!(metrics(1).lag.is_some());
    assert!(metrics(0).lag.is_none());
    group.stop(PATIENCE).unwrap();
}

#[test]
fn the_handle_of_a_loop_reaches_it() {
    let group = group(2);
    let (tell, told) = channel();
    group
        .handle(1)
        .unwrap()
        .call_soon_threadsafe(move || tell.send(thread_name()).unwrap())
        .unwrap();
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), "loop-1");
    assert!(format!("{group:?}").contains("loop-1"));
    group.stop(PATIENCE).unwrap();
}

#[test]
fn what_runs_first_on_a_loop_runs_inside_it() {
    let (tell, told) = channel();
    let builder = LoopGroup::builder().loops(2);
    let group = builder.on_start(move |index| {
        Loop::current().unwrap();
        tell.send((index, thread_name())).unwrap();
    });
    group.build().unwrap().stop(PATIENCE).unwrap();
    let mut started: Vec<_> = told.try_iter().collect();
    started.sort();
    assert_eq!(started, [(0, "loop-0".to_owned()), (1, "loop-1".to_owned())]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_pinned_loop_stays_on_one_processor() {
    let group = LoopGroup::builder().loops(2).pin_to_cpus(true).build().unwrap();
    let allowed = |index| {
        let status = group.spawn_on(index, || async {
            std::fs::read_to_string("/proc/thread-self/status").unwrap()
        });
        let status = status.unwrap().wait().unwrap();
        let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap();
        list.trim().parse::<usize>().unwrap()
    };
    let cpus = std::thread::available_parallelism().unwrap().get();
    assert_eq!(allowed(0) == allowed(1), cpus == 1);
    group.stop(PATIENCE).unwrap();
}
