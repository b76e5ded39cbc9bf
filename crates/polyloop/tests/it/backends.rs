use std::sync::Arc;

use polyloop::{Backend, ErrorKind, Loop, LoopConfig, Runner};
use polyloop_core::{FnFactory, LoopFactory};

#[test]
fn the_running_loop_tells_its_backend_and_routes() {
    crate::run(async {
        let info = polyloop::backend_info();
        if let Ok(wanted) = std::env::var("POLYLOOP_BACKEND")
            && wanted != "auto"
        {
            assert_eq!(info.name(), wanted);
            assert!(info.reason().contains("POLYLOOP_BACKEND"), "{info}");
        }
        assert_eq!(info.name(), info.capabilities().backend());
        assert!(info.routes().count() > 10);
    });
}

#[test]
fn an_explicit_choice_is_obeyed_or_refused_by_name() {
    for backend in Backend::BUILT_IN {
        match Runner::builder().backend(backend.clone()).build() {
            Ok(runner) => assert_eq!(runner.backend_info().name(), backend.name()),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Refused);
                assert!(error.to_string().contains(backend.name()), "{error}");
            }
        }
    }
}

#[test]
fn a_custom_loop_is_obeyed_or_refused() {
    let factory = FnFactory::new("borrowed", |_: &LoopConfig| {
        Err(polyloop::Error::new(ErrorKind::Refused).attempting("this one never works"))
    });
    let backend = Backend::Custom(Arc::new(factory));
    assert_eq!(backend.name(), "borrowed");
    let error = backend.probe().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    if cfg!(feature = "custom") {
        assert!(error.to_string().contains("this one never works"), "{error}");
    }
    assert!(error.to_string().contains("borrowed"), "{error}");
    let _: &dyn LoopFactory = &FnFactory::new("x", |_: &LoopConfig| Err(ErrorKind::Refused.into()));
}

#[test]
fn two_loops_live_side_by_side_on_one_thread() {
    let (first, second) = (Loop::new(&Backend::Auto), Loop::new(&Backend::Auto));
    let (first, second) = (first.unwrap(), second.unwrap());
    let (one, two) = (first.create_task(async { 1 }), second.create_task(async { 2 }));
    let guests = [polyloop::Guest::new(&first), polyloop::Guest::new(&second)];
    for _ in 0..10 {
        for guest in &guests {
            guest.turn();
        }
    }
    assert!(one.done() && two.done());
    first.close();
    assert!(first.is_closed() && !second.is_closed());
    second.close();
}

#[test]
fn a_runner_runs_more_than_once() {
    let runner = Runner::new().unwrap();
    let task = runner.event_loop().create_task(async { 5 });
    assert!(!task.done());
    runner.run(async {}).unwrap();
    assert_eq!(runner.run(task).unwrap().unwrap(), 5);
}

/// Reads a row of the table in docs/backends.md.
#[cfg(target_os = "linux")]
fn documented_route(op: &str, backend: &str) -> String {
    let page = include_str!("../../../../docs/backends.md");
    let header = page.lines().find(|line| line.starts_with("| op |")).unwrap();
    let column = header.split('|').position(|cell| cell.trim() == backend).unwrap();
    let row = page.lines().find(|line| {
        let name = line.split('|').nth(1).unwrap_or_default();
        name.split('(').next().unwrap_or_default().trim() == op
    });
    let row = row.unwrap_or_else(|| panic!("docs/backends.md has no row for {op:?}"));
    row.split('|').nth(column).unwrap().trim().to_owned()
}

#[test]
#[cfg(target_os = "linux")]
fn the_documented_routes_are_the_real_ones() {
    for backend in Backend::BUILT_IN {
        let Ok(info) = backend.probe() else { continue };
        for (kind, route) in info.routes() {
            let documented = documented_route(kind.name(), backend.name());
            assert_eq!(
                documented,
                format!("{route:?}").to_lowercase(),
                "{} on {backend}",
                kind.name()
            );
        }
    }
}
