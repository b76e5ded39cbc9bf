//! Opening what makes its opener wait.

use std::time::Duration;

use polyloop_core::{EventLoop, FileSpec, LoopConfig, Op, OpenSpec};
use polyloop_uring::Setup;

use crate::driver::{Driver, on_each_step};

#[test]
fn a_cancelled_open_of_a_fifo_is_cancelled() {
    let path = std::env::temp_dir().join(format!("polyloop-uring-{}.fifo", std::process::id()));
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0)
        .expect("a FIFO");
    on_each_step(&LoopConfig::default(), |mut driver| {
        for patience in [0, 1, 50] {
            // To write: one to read is opened by rings at once. With the flag that makes files, for
            // the kernel to leave it to a thread, which waits for a reader.
            let mut spec = FileSpec::read(&path);
            (spec.read, spec.write, spec.create) = (false, true, true);
            let (token, id) = driver.submit(Op::Open { spec: Box::new(OpenSpec::File(spec)) });
            // By then it waits, in a thread of the kernel's or on its way there.
            driver.turn(Duration::from_millis(patience));
            driver.events.cancel(id.expect("nobody reads"));
            let error = driver.wait(token).result.expect_err("cancelled");
            assert!(error.is_canceled(), "after {patience} ms: {error:?}");
        }
        assert_eq!(driver.events.census().resources, 0);
    });
    std::fs::remove_file(&path).expect("removed");
}

#[test]
fn a_thread_that_is_full_of_registered_rings_has_others_that_work() {
    let driver = || {
        let mut setup = Setup::default();
        setup.entries = 16;
        Driver::new(&LoopConfig::default(), setup)
    };
    let is_registered = |driver: &Driver| driver.events.setup().registered_ring;
    if !is_registered(&driver()) {
        return eprintln!("skipped: this kernel registers no rings");
    }
    for round in 0..2 {
        // The kernel has room for 16 of a thread.
        let mut drivers: Vec<_> = (0..17).map(|_| driver()).collect();
        let registered = drivers.iter().filter(|driver| is_registered(driver)).count();
        assert_eq!(registered, 16, "in round {round}: those that were dropped made room");
        for driver in &mut drivers {
            let (read, write) = driver.pipe();
            driver.send(write, b"through");
            assert_eq!(driver.recv(read, 64), b"through");
        }
    }
}
