//! Opening what makes its opener wait.

use std::time::Duration;

use polyloop_core::{EventLoop, FileSpec, LoopConfig, Op, OpenSpec};

use crate::driver::on_each_step;

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
