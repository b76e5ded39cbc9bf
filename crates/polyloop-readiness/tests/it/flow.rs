//! Which attempts reach the kernel. A reader that is told *would block* without asking finds bytes
//! when it tries again: so the tests see the difference.

use std::io::Write;
use std::net::TcpStream;

use polyloop_core::{EventLoop, Interest, Key, Op, Output};
use polyloop_readiness::{Event, ReadinessLoop, Tag, Trigger};

use crate::scripted::{Script, Scripted, stream, submit_queued, turn};

/// A watched stream whose reader has been told *readable* of what the peer sent.
fn told(bytes: &[u8], closed: bool) -> (Script, ReadinessLoop<Scripted>, Key, Tag, TcpStream) {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (key, mut peer) = stream(&mut events);
    submit_queued(&mut events, Op::RecvMulti { key }, 1);
    let tag = script.registered();
    send(&mut peer, bytes);
    script.answer(Ok(vec![Event { tag, ready: Interest::READABLE, closed }]));
    let completions = turn(&mut events);
    assert!(matches!(completions[0].result, Ok(Output::Readable)));
    (script, events, key, tag, peer)
}

/// Sends, and waits until a loopback connection has it at the other end.
fn send(peer: &mut TcpStream, bytes: &[u8]) {
    peer.set_nodelay(true).unwrap();
    peer.write_all(bytes).unwrap();
}

/// Reads until *would block*, with a second look, because the kernel may take its time.
fn read(events: &mut ReadinessLoop<Scripted>, key: Key, buf: &mut [u8]) -> usize {
    loop {
        match events.try_recv(key, buf) {
            Ok(len) => return len,
            Err(error) => assert!(error.is_would_block(), "{error}"),
        }
    }
}

#[test]
fn a_short_read_is_taken_to_have_emptied_the_stream_once() {
    let (_script, mut events, key, _tag, mut peer) = told(b"abc", false);
    assert_eq!(read(&mut events, key, &mut [0; 16]), 3);
    send(&mut peer, b"def");
    assert!(events.try_recv(key, &mut [0; 16]).unwrap_err().is_would_block(), "not asked");
    assert_eq!(read(&mut events, key, &mut [0; 16]), 3);
}

#[test]
fn after_an_end_was_reported_a_short_read_says_nothing() {
    let (_script, mut events, key, _tag, peer) = told(b"abc", true);
    assert_eq!(read(&mut events, key, &mut [0; 16]), 3);
    drop(peer);
    // The end came with the bytes, and no second edge will tell: the kernel is asked at once.
    let first = events.try_recv(key, &mut [0; 16]);
    assert!(matches!(first, Ok(0)) || read(&mut events, key, &mut [0; 16]) == 0);
}

#[test]
fn readable_is_told_again_only_after_would_block() {
    let (script, mut events, key, tag, _peer) = told(b"abc", false);
    script.ready(tag, Interest::READABLE);
    assert!(turn(&mut events).is_empty(), "told already");
    assert_eq!(read(&mut events, key, &mut [0; 16]), 3);
    script.ready(tag, Interest::READABLE);
    assert!(turn(&mut events).is_empty(), "the reader has not met would block");
    assert!(events.try_recv(key, &mut [0; 16]).unwrap_err().is_would_block());
    script.ready(tag, Interest::READABLE);
    assert_eq!(turn(&mut events).len(), 1);
}

#[test]
fn an_event_of_the_other_direction_does_not_tell_readable() {
    let (script, mut events, key, tag, _peer) = told(b"abc", false);
    assert_eq!(read(&mut events, key, &mut [0; 16]), 3);
    assert!(events.try_recv(key, &mut [0; 16]).unwrap_err().is_would_block());
    script.ready(tag, Interest::WRITABLE);
    assert!(turn(&mut events).is_empty());
}

#[test]
fn a_huge_send_to_a_fast_peer_yields_to_the_others() {
    use std::io::Read;

    let script = Script::new(Trigger::OneShot);
    let mut events = script.build();
    let (key, mut peer) = stream(&mut events);
    let reader = std::thread::spawn(move || {
        let (mut buf, mut total) = (vec![0; 1 << 16], 0);
        while let Ok(len @ 1..) = peer.read(&mut buf) {
            total += len;
        }
        total
    });
    let whole = 64 << 20;
    let op = Op::Send { key, buffer: vec![0; whole].into() };
    submit_queued(&mut events, op, 1);
    let tag = script.registered();
    let completion = loop {
        script.ready(tag, Interest::WRITABLE);
        if let Some(completion) = turn(&mut events).pop() {
            break completion;
        }
    };
    assert!(matches!(completion.result, Ok(Output::Transferred(len)) if len == whole));
    drop(events);
    assert_eq!(reader.join().unwrap(), whole);
}
