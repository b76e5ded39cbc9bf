//! What the backend completes, among callbacks and timers. A reader callback of asyncio's is a task
//! here that waits for bytes: both run in the iteration that finds them.

use std::io::Write;

use polyloop::{TcpListener, call_later, call_soon, create_task, sleep};

use super::script::{Log, MS, block, run};

/// Starts a task that reads once and then calls `then`, and gives the other end.
async fn start_reader(log: &Log, then: impl FnOnce() + 'static) -> std::net::TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let theirs = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut ours, _) = listener.accept().await.unwrap();
    let log = log.clone();
    let reader = async move {
        let mut buf = [0; 100];
        let count = ours.read(&mut buf).await.unwrap();
        log.push(format!("read {}", std::str::from_utf8(&buf[..count]).unwrap()));
        then();
    };
    create_task(reader).detach();
    theirs
}

pub(super) fn io_before_timers(log: Log) {
    run(async move {
        let mut theirs = start_reader(&log, || ()).await;
        sleep(MS * 10).await;
        call_later(MS * 10, log.line("timer"));
        theirs.write_all(b"ping").unwrap();
        block(30);
        log.push("held up");
        sleep(MS * 20).await;
        log.push("end");
    });
}

pub(super) fn io_behind_what_is_ready(log: Log) {
    run(async move {
        let soon = log.line("soon of the reader");
        let mut theirs = start_reader(&log, || drop(call_soon(soon))).await;
        sleep(MS * 10).await;
        call_later(MS * 10, log.line("timer"));
        call_soon(log.line("soon"));
        theirs.write_all(b"ping").unwrap();
        block(30);
        log.push("held up");
        sleep(MS * 20).await;
        log.push("end");
    });
}
