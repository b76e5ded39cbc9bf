//! `#[polyloop::main]` and `#[polyloop::test]`, as a program uses them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use polyloop::__macros::TestPlan;
use polyloop::{Backend, Error, ErrorKind, LoopConfig, backend_info, sleep, yield_now};
use polyloop_core::FnFactory;

fn refusing() -> Backend {
    Backend::Custom(Arc::new(FnFactory::new("refusing", |_: &LoopConfig| {
        Err(Error::new(ErrorKind::Refused).attempting("never works"))
    })))
}

/// Runs something that panics, and gives what the panic says.
fn panic_of(call: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(call)).expect_err("this panics");
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(other) => (*other.downcast::<&str>().expect("a panic is text")).to_owned(),
    }
}

#[test]
fn main_gives_what_its_function_gives() {
    #[polyloop::main]
    async fn plain() -> u32 {
        yield_now().await;
        40 + 2
    }
    #[polyloop::main]
    async fn nothing() {
        yield_now().await;
    }
    #[polyloop::main]
    async fn code() -> ExitCode {
        ExitCode::from(7)
    }
    #[polyloop::main]
    async fn parsed() -> Result<u32, Box<dyn std::error::Error>> {
        yield_now().await;
        Ok("twelve".parse::<u32>()?)
    }
    assert_eq!(plain(), 42);
    nothing();
    assert_eq!(code(), ExitCode::from(7));
    assert!(parsed().unwrap_err().to_string().contains("invalid digit"));
}

#[test]
fn main_converts_the_runners_failure_or_panics_with_it() {
    #[polyloop::main(backend = refusing())]
    async fn fallible() -> std::io::Result<()> {
        Ok(())
    }
    #[polyloop::main(backend = refusing())]
    async fn plain() {}
    assert_eq!(fallible().unwrap_err().kind(), std::io::ErrorKind::Unsupported);
    let message = panic_of(plain);
    assert!(message.starts_with("#[polyloop::main] cannot run: "), "{message}");
    assert!(message.contains("refusing"), "{message}");
}

#[test]
fn main_takes_names_of_backends_and_a_config() {
    fn one_op() -> LoopConfig {
        let mut config = LoopConfig::default();
        config.ops_max = 1;
        config
    }
    #[polyloop::main(backend = "polling", config = one_op())]
    async fn named() -> polyloop::Result<String> {
        Ok(backend_info().name().to_owned())
    }
    if let Ok(name) = named() {
        assert_eq!(name, "polling");
    }
}

#[test]
fn every_built_in_backend_has_the_name_that_the_attributes_know() {
    #[polyloop::main(backend = "io-uring")]
    async fn io_uring() -> polyloop::Result<String> {
        Ok(backend_info().name().to_owned())
    }
    #[polyloop::main(backend = "mio")]
    async fn mio() -> polyloop::Result<String> {
        Ok(backend_info().name().to_owned())
    }
    #[polyloop::main(backend = "auto")]
    async fn auto() -> polyloop::Result<String> {
        Ok(backend_info().name().to_owned())
    }
    assert_eq!(Backend::BUILT_IN.len(), 3, "the attributes know every name");
    for (name, ran) in [("io-uring", io_uring()), ("mio", mio())] {
        assert_eq!(ran.unwrap_or_else(|_| name.to_owned()), name);
    }
    assert!(auto().is_ok());
}

static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[polyloop::test]
async fn notes_where_it_runs() {
    SEEN.lock().unwrap().push(backend_info().name().to_owned());
}

#[test]
fn a_test_runs_once_on_each_backend() {
    let wanted: Vec<String> = match std::env::var("POLYLOOP_BACKEND") {
        Ok(name) if name != "auto" && !name.is_empty() => vec![name],
        _ => {
            let available = Backend::BUILT_IN.into_iter().filter(|one| one.probe().is_ok());
            available.map(|one| one.name().to_owned()).collect()
        }
    };
    // The harness runs the other test on its own too, before, after or meanwhile.
    TestPlan::new("on_each").run(|| async {
        SEEN.lock().unwrap().push(format!("each {}", backend_info().name()));
    });
    let seen = SEEN.lock().unwrap();
    let seen: Vec<&str> = seen.iter().filter_map(|name| name.strip_prefix("each ")).collect();
    assert_eq!(seen, wanted);
}

#[polyloop::test(timeout = 20)]
async fn a_result_is_awaited() -> Result<(), Box<dyn std::error::Error>> {
    sleep(Duration::from_millis("1".parse()?)).await;
    Ok(())
}

#[polyloop::test]
#[should_panic(expected = "as it should")]
async fn a_wanted_panic_is_wanted_on_each_backend() {
    yield_now().await;
    panic!("as it should");
}

#[polyloop::test(backend = "polling", timeout = "5 ms")]
#[should_panic(expected = "did not end within 5ms")]
async fn a_test_that_takes_too_long_fails() {
    std::future::pending::<()>().await;
}

#[polyloop::test]
#[should_panic(expected = "the test gave a failure")]
async fn an_error_fails_the_test() -> Result<(), &'static str> {
    Err("this is printed")
}

#[polyloop::test(backend = refusing())]
#[should_panic(expected = "expected to run on refusing: ")]
async fn a_backend_of_ones_own_is_never_skipped() {}

#[test]
fn a_wanted_panic_that_one_backend_lacks_is_missed() {
    // The standard harness then says that the test did not panic.
    TestPlan::new("silent").should_panic("").run(|| async {});
}

#[test]
fn a_wanted_panic_with_another_text_is_handed_on() {
    let plan = TestPlan::new("other").should_panic("expected text");
    assert_eq!(panic_of(|| plan.run(|| async { panic!("something else") })), "something else");
}
