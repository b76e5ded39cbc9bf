//! Counts the system calls of an echo server: sends of one turn share one, with the wait.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use polyloop_core::{Batch, Buffer, EventLoop, Key, LoopConfig, Op, Output, Submission, Token};
use polyloop_uring::{Setup, UringLoop};

use crate::driver::Driver;

const SIZE: usize = 1024;

/// Answers what has come for one connection; tells how many bytes that were.
fn echo(events: &mut UringLoop, key: Key, spare: &mut Vec<Buffer>) -> usize {
    let mut echoed = 0;
    loop {
        match events.try_recv_chunk(key) {
            Ok(Some(chunk)) => {
                let mut buffer = spare.pop().unwrap_or_else(|| Buffer::with_capacity(16 << 10));
                buffer.clear();
                echoed += buffer.append(&chunk);
                let submission = events.submit(Op::Send { key, buffer }, Token(u64::MAX));
                assert!(matches!(submission, Submission::Queued(_)));
            }
            Ok(None) => return echoed,
            Err(error) if error.is_would_block() => return echoed,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Runs so many rounds of a message on each connection; gives enters of the kernel a message.
fn enters_per_message(connections: usize, rounds: usize) -> f64 {
    let mut driver = Driver::new(&LoopConfig::default(), Setup::default());
    let (listener, address) = driver.listener();
    let mut clients: Vec<_> =
        (0..connections).map(|_| TcpStream::connect(address).expect("connected")).collect();
    let mut keys = Vec::new();
    for _ in 0..connections {
        let Ok(Output::Accepted(key)) = driver.result(Op::Accept { key: listener }) else {
            panic!("not accepted")
        };
        keys.push(key);
    }
    for (index, key) in keys.iter().enumerate() {
        let submission = driver.events.submit(Op::RecvMulti { key: *key }, Token(index as u64));
        assert!(matches!(submission, Submission::Queued(_)));
    }
    driver.turn(Duration::ZERO);
    let load = std::thread::spawn(move || {
        let mut buf = [0; SIZE];
        for _ in 0..rounds {
            clients.iter_mut().for_each(|client| client.write_all(&[1; SIZE]).expect("written"));
            clients.iter_mut().for_each(|client| client.read_exact(&mut buf).expect("read"));
        }
    });
    let Driver { mut events, .. } = driver;
    let (mut batch, mut spare) = (Batch::new(), Vec::new());
    let before = events.submitted().enters();
    let (mut echoed, total) = (0, connections * rounds * SIZE);
    while echoed < total {
        events.turn(events.now() + Duration::from_secs(5), &mut batch);
        for completion in batch.drain() {
            match (completion.result.expect("no failure"), completion.op) {
                (Output::Readable, None) => {
                    let key = keys[completion.token.0 as usize];
                    echoed += echo(&mut events, key, &mut spare);
                }
                (Output::Transferred(_), Some(Op::Send { buffer, .. })) => spare.push(buffer),
                other => panic!("{other:?}"),
            }
        }
    }
    events.turn(events.now(), &mut batch);
    load.join().expect("no panic");
    let enters = events.submitted().enters() - before;
    enters as f64 / (connections * rounds) as f64
}

#[test]
fn an_echo_costs_few_system_calls() {
    let (one, fifty) = (enters_per_message(1, 2000), enters_per_message(50, 200));
    println!("enters a message: {one:.2} with one connection, {fifty:.2} with fifty");
    assert!(one < 2.5, "{one} enters a message with one connection");
    assert!(fifty < 1.0, "{fifty} enters a message with fifty connections");
}
