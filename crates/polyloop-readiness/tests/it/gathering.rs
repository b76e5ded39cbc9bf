//! What a stream is given after its first bytes of a turn: it goes with the next turn, all at once.

use std::io::{ErrorKind, IoSlice, Read};
use std::net::TcpStream;
use std::time::Duration;

use polyloop_core::{CloseMode, EventLoop, Interest, Key, Op, Output, limits};
use polyloop_readiness::{Event, ReadinessLoop, Tag, Trigger};

use crate::scripted::{Script, Scripted, stream, submit_done, submit_queued, turn};

/// A watched stream.
struct Watched {
    script: Script,
    events: ReadinessLoop<Scripted>,
    key: Key,
    tag: Tag,
    peer: TcpStream,
}

impl Watched {
    fn new() -> Watched {
        let script = Script::new(Trigger::Edge);
        let mut events = script.build();
        let (key, peer) = stream(&mut events);
        submit_queued(&mut events, Op::RecvMulti { key }, 1);
        let tag = script.registered();
        turn(&mut events);
        Watched { script, events, key, tag, peer }
    }

    fn write(&mut self, bytes: &[u8]) {
        let count = self.events.try_send_soon(self.key, &[IoSlice::new(bytes)]).unwrap();
        assert_eq!(count, bytes.len());
    }

    /// Tells what has come to the peer so far.
    fn come(&mut self) -> Vec<u8> {
        // What a system call has sent over the loopback is there; what is not to come is not waited for.
        self.peer.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let (mut bytes, mut buf) = (Vec::new(), [0; 4096]);
        loop {
            match self.peer.read(&mut buf) {
                Ok(0) => return bytes,
                Ok(count) => bytes.extend_from_slice(&buf[..count]),
                Err(error) => {
                    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
                    return bytes;
                }
            }
        }
    }
}

#[test]
fn the_first_write_of_a_turn_goes_at_once_and_the_others_with_the_next() {
    let mut watched = Watched::new();
    for _ in 0..2 {
        for part in [&b"a"[..], b"bc", b"def"] {
            watched.write(part);
        }
        assert_eq!(watched.come(), b"a");
        assert_eq!(watched.events.census().ops, 1, "the loop's own sends are not counted");
        turn(&mut watched.events);
        assert_eq!(watched.come(), b"bcdef");
    }
}

#[test]
fn what_is_gathered_goes_before_a_host_waits() {
    let mut watched = Watched::new();
    watched.write(b"a");
    watched.write(b"b");
    watched.events.prepare();
    assert_eq!(watched.come(), b"ab");
}

#[test]
fn what_comes_after_the_gathered_bytes_comes_behind_them() {
    let mut watched = Watched::new();
    let key = watched.key;
    watched.write(b"a");
    watched.write(b"b");
    assert_eq!(watched.events.try_send(key, &[IoSlice::new(b"c")]).unwrap(), 1);
    watched.write(b"d");
    submit_queued(&mut watched.events, Op::Send { key, buffer: b"e"[..].into() }, 2);
    let error = watched.events.try_send_soon(key, &[IoSlice::new(b"f")]).unwrap_err();
    assert!(error.is_would_block(), "a send waits, but {error}");
    let sent = turn(&mut watched.events);
    assert!(matches!(sent[0].result, Ok(Output::Transferred(1))), "{sent:?}");
    assert_eq!(watched.come(), b"abcde");
    watched.write(b"g");
    watched.write(&[7; limits::GATHERED_WRITE_MAX + 1]);
    assert_eq!(watched.come().len(), limits::GATHERED_WRITE_MAX + 2, "a large one is not gathered");
}

#[test]
fn closing_sends_what_was_gathered() {
    let mut watched = Watched::new();
    watched.write(b"a");
    watched.write(b"b");
    let close = Op::Close { key: watched.key, mode: CloseMode::Flush };
    let _ = watched.events.submit(close, Default::default());
    assert_eq!(watched.come(), b"ab");
}

#[test]
fn closing_the_loop_sends_what_was_gathered() {
    let mut watched = Watched::new();
    watched.write(b"a");
    watched.write(b"b");
    watched.events.close(Duration::ZERO);
    assert_eq!(watched.come(), b"ab");
}

#[test]
fn more_than_is_gathered_goes_without_a_turn() {
    let mut watched = Watched::new();
    watched.write(b"a");
    let piece = [7; limits::GATHERED_WRITE_MAX];
    let mut given = 1;
    while given <= 2 * limits::GATHERED_MAX {
        given += watched.events.try_send_soon(watched.key, &[IoSlice::new(&piece)]).unwrap();
    }
    let come = watched.come().len();
    assert!(come > limits::GATHERED_MAX && come < given, "{come} of {given}");
    turn(&mut watched.events);
    assert_eq!(come + watched.come().len(), given);
}

#[test]
fn who_writes_next_is_told_that_gathered_bytes_could_not_be_sent() {
    let reset = polyloop_core::ErrorKind::Io(ErrorKind::ConnectionReset);
    for submits in [false, true] {
        let mut watched = Watched::new();
        let key = watched.key;
        watched.write(b"a");
        watched.write(b"b");
        // What it has not read makes its end a reset.
        let (_, other) = stream(&mut watched.events);
        drop(std::mem::replace(&mut watched.peer, other));
        turn(&mut watched.events);
        let error = if submits {
            let send = Op::Send { key, buffer: b"c"[..].into() };
            submit_done(&mut watched.events, send).result.unwrap_err()
        } else {
            watched.events.try_send_soon(key, &[IoSlice::new(b"c")]).unwrap_err()
        };
        assert_eq!(error.kind(), reset, "the kernel tells of it only once");
    }
}

#[test]
fn a_stream_that_nothing_watches_gathers_nothing() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (key, peer) = stream(&mut events);
    let mut watched = Watched { script, events, key, tag: Tag::RESERVED, peer };
    watched.write(b"a");
    watched.write(b"b");
    assert_eq!(watched.come(), b"ab");
}

#[test]
fn after_an_end_was_reported_nothing_is_gathered() {
    let mut watched = Watched::new();
    let event = Event { tag: watched.tag, ready: Interest::BOTH, closed: true };
    watched.script.answer(Ok(vec![event]));
    turn(&mut watched.events);
    watched.write(b"a");
    watched.write(b"b");
    assert_eq!(watched.come(), b"ab");
}
