use std::fs::File;
use std::io::{IoSlice, Read};

use polyloop_core::{ErrorKind, Key, Op, PairKind, ReceivedHandles};

use crate::harness::{Harness, skip};
use crate::parts::Scratch;
use crate::rig::Rig;

/// Makes a file with something in it.
fn file(scratch: &Scratch, content: &[u8]) -> File {
    std::fs::write(scratch.path(), content).expect("a file can be written");
    File::open(scratch.path()).expect("it is there")
}

fn send(rig: &mut Rig, key: Key, bytes: &[u8], handles: &[File]) {
    match rig.events.try_send_handles(key, &[IoSlice::new(bytes)], handles) {
        Ok(len) => assert_eq!(len, bytes.len(), "a few bytes go at once"),
        Err(error) if error.kind() == ErrorKind::Unsupported => skip("handles stay here"),
        Err(error) => panic!("handles could not be sent: {error}"),
    }
}

fn receive(rig: &mut Rig, key: Key, handles_max: usize) -> ReceivedHandles {
    let mut buf = [0; 16];
    rig.wait("bytes with handles", |rig| {
        match rig.events.try_recv_handles(key, &mut buf, handles_max) {
            Err(error) if error.is_would_block() => None,
            received => Some(received.unwrap_or_else(|error| panic!("receiving: {error}"))),
        }
    })
}

/// Handles arrive with the bytes that they were sent with, and are the receiver's own.
pub(crate) fn handles_travel_with_bytes(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    for kind in [PairKind::Stream, PairKind::Datagram] {
        let (first, second) = rig.socket_pair(kind);
        let sent = [file(&scratch, b"content"), file(&scratch, b"content")];
        send(&mut rig, first, b"two", &sent);
        drop(sent);
        send(&mut rig, first, b"none", &[]);
        let received = receive(&mut rig, second, 8);
        assert_eq!((received.len, received.handles.len()), (3, 2), "{kind:?}");
        assert!(!received.truncated, "nothing was left out");
        let mut text = String::new();
        let mut handle = &received.handles[0];
        handle.read_to_string(&mut text).expect("it is open for reading");
        assert_eq!(text, "content");
        let received = receive(&mut rig, second, 8);
        assert_eq!((received.len, received.handles.len()), (4, 0), "{kind:?}");
    }
}

/// Handles for which there was no room are closed, and that is told.
pub(crate) fn handles_that_do_not_fit_are_told(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let (first, second) = rig.socket_pair(PairKind::Stream);
    for room in [1, 0, 2] {
        let sent = [(); 3].map(|()| file(&scratch, b"x"));
        send(&mut rig, first, b"three", &sent);
        let received = receive(&mut rig, second, room);
        assert_eq!((received.len, received.handles.len()), (5, room));
        assert!(received.truncated, "one of three was left out");
    }
}

/// A stream that is received ahead gives no handles, and says so.
pub(crate) fn handles_of_a_watched_stream_are_busy(harness: &Harness) {
    let mut rig = harness.rig();
    let (first, second) = rig.socket_pair(PairKind::Stream);
    send(&mut rig, first, b"x", &[]);
    let watch = rig.submit(Op::RecvMulti { key: second });
    let error = rig.events.try_recv_handles(second, &mut [0; 4], 1).expect_err("it is watched");
    assert_eq!(error.kind(), ErrorKind::Busy, "{error}");
    rig.cancel(watch);
    rig.finish(watch);
    // What was received ahead is there, by this way too.
    assert_eq!(receive(&mut rig, second, 1).len, 1);
}

/// On a stream a handle needs a byte to go with, and only Unix sockets carry any.
pub(crate) fn handles_need_a_byte_and_a_unix_socket(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let (first, _second) = rig.socket_pair(PairKind::Stream);
    send(&mut rig, first, b"x", &[]);
    let handle = [file(&scratch, b"x")];
    let tcp = rig.pair();
    for (key, bytes) in [(first, &b""[..]), (tcp.client, b"x")] {
        let error = rig
            .events
            .try_send_handles(key, &[IoSlice::new(bytes)], &handle)
            .expect_err("it cannot carry a handle");
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    let error = rig.events.try_recv_handles(tcp.server, &mut [0; 4], 1).expect_err("TCP");
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
}
