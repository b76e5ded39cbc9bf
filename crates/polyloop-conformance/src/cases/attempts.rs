use std::io::IoSlice;
use std::time::Duration;

use polyloop_core::{ErrorKind, LoopConfig, Op};

use crate::harness::Harness;
use crate::parts::{Ended, payload};
use crate::rig::Rig;

/// With nothing there an attempt would block; with something it gives that.
pub(crate) fn try_recv_gives_what_is_there(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    assert_eq!(rig.drain(pair.server), (Vec::new(), Ended::WouldBlock));
    rig.send(pair.client, b"abcdef");
    rig.readable(pair.server);
    let mut buf = [0; 4];
    assert_eq!(rig.events.try_recv(pair.server, &mut buf).expect("there are bytes"), 4);
    assert_eq!(&buf, b"abcd");
    assert_eq!(rig.drain(pair.server), (b"ef".to_vec(), Ended::WouldBlock));
}

/// The end of a stream is zero, again and again, after all bytes.
pub(crate) fn try_recv_finds_the_end_after_the_bytes(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    rig.send(pair.client, b"bye");
    rig.close(pair.client);
    let mut bytes = Vec::new();
    rig.wait("the end of the stream", |rig| {
        let (part, ended) = rig.drain(pair.server);
        bytes.extend(part);
        (ended == Ended::Eof).then_some(())
    });
    assert_eq!(bytes, b"bye");
    assert_eq!(rig.drain(pair.server), (Vec::new(), Ended::Eof), "the end stays");
}

/// An attempt does not overtake receives that were submitted earlier.
pub(crate) fn try_recv_would_block_behind_a_waiting_receive(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    // Two, so that one still waits after the first has been done.
    let first = rig.submit_recv(pair.server, 3);
    let second = rig.submit_recv(pair.server, 64);
    rig.send(pair.client, b"abc");
    assert_eq!(&rig.transferred(first).1[..], b"abc");
    let error = rig.events.try_recv(pair.server, &mut [0; 8]).expect_err("a receive waits");
    assert!(error.is_would_block(), "expected would block, not {error}");
    let error = rig.events.try_recv_chunk(pair.server).expect_err("a receive waits");
    assert!(error.is_would_block(), "expected would block, not {error}");
    rig.send(pair.client, b"def");
    assert_eq!(&rig.transferred(second).1[..], b"def", "the bytes went to the earlier receive");
}

/// Even bytes that are there already belong to the receive that was submitted first.
pub(crate) fn try_recv_does_not_overtake_a_receive_of_the_same_turn(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    rig.send(pair.client, b"first");
    rig.readable(pair.server);
    let recv = rig.submit_recv(pair.server, 5);
    let stolen = rig.drain(pair.server).0;
    assert_eq!(stolen, b"", "an attempt overtook a receive that was submitted earlier");
    assert_eq!(&rig.transferred(recv).1[..], b"first");
}

/// An attempt to send does not overtake sends that wait.
pub(crate) fn try_send_would_block_behind_a_waiting_send(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let bytes = vec![1; 32 << 20];
    let send = rig.submit(Op::Send { key: pair.client, buffer: bytes.into() });
    rig.linger(Duration::from_millis(5));
    let error = rig.events.try_send(pair.client, &[IoSlice::new(b"x")]);
    let error = error.expect_err("a send waits");
    assert!(error.is_would_block(), "expected would block, not {error}");
    // Even where the kernel has room again.
    rig.recv(pair.server, 100_000);
    let error = rig.events.try_send(pair.client, &[IoSlice::new(b"x")]);
    assert!(error.expect_err("a send still waits").is_would_block());
    rig.cancel(send);
    rig.finish(send);
}

/// An attempt sends several slices in order, and blocks when the stream is full.
pub(crate) fn try_send_takes_what_fits_and_then_would_block(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let bytes = payload(1 << 18);
    let mut sent = 0;
    let mut expected = Vec::new();
    loop {
        let (front, back) = bytes.split_at(1000);
        let bufs = [IoSlice::new(front), IoSlice::new(&[]), IoSlice::new(back)];
        match rig.events.try_send(pair.client, &bufs) {
            Ok(count) => {
                assert!(count > 0 && count <= bytes.len(), "sent {count} bytes");
                expected.extend_from_slice(&bytes[..count]);
                sent += count;
            }
            Err(error) => {
                assert!(error.is_would_block(), "expected would block, not {error}");
                break;
            }
        }
        assert!(sent < 64 << 20, "a stream that nobody reads took {sent} bytes");
    }
    assert!(rig.recv(pair.server, sent) == expected, "the bytes arrive in order");
}

/// A chunk holds what was there, and can be consumed in parts.
pub(crate) fn try_recv_chunk_gives_a_chunk(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let error = rig.events.try_recv_chunk(pair.server).expect_err("nothing is there");
    assert!(error.is_would_block(), "expected would block, not {error}");
    rig.send(pair.client, b"in a chunk");
    rig.readable(pair.server);
    let mut chunk = rig.events.try_recv_chunk(pair.server).expect("bytes").expect("no end yet");
    assert_eq!(&chunk[..], b"in a chunk");
    chunk.consume(5);
    assert_eq!(&chunk[..], b"chunk");
    rig.close(pair.client);
    let end = rig.wait("the end of the stream", |rig| rig.events.try_recv_chunk(pair.server).ok());
    assert!(end.is_none(), "the end is none, not {end:?}");
}

/// A chunk may outlive the loop that gave it.
pub(crate) fn a_chunk_outlives_its_loop(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    rig.send(pair.client, b"long lived");
    rig.readable(pair.server);
    let chunk = rig.events.try_recv_chunk(pair.server).expect("bytes").expect("no end yet");
    drop(rig);
    let content = std::thread::spawn(move || chunk.to_vec()).join().expect("no panic");
    assert_eq!(content, b"long lived");
}

/// Chunks count while they are held, and no longer.
pub(crate) fn the_census_counts_chunks_that_are_held(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let before = rig.events.census().chunks;
    rig.send(pair.client, b"counted");
    rig.readable(pair.server);
    let chunk = rig.events.try_recv_chunk(pair.server).expect("bytes").expect("no end yet");
    assert_eq!(rig.events.census().chunks, before + 1, "a held chunk counts");
    drop(chunk);
    assert_eq!(rig.events.census().chunks, before, "a dropped chunk does not");
}

/// With every chunk held by one reader another still reads.
pub(crate) fn an_empty_pool_does_not_stop_a_reader(harness: &Harness) {
    let mut config = LoopConfig::default();
    config.chunks_max = 2;
    config.chunk_size = 4096;
    let mut rig = harness.rig_with(&config);
    let (hoarder, other) = (rig.pair(), rig.pair());
    let mut held = Vec::new();
    for _ in 0..4 {
        rig.send(hoarder.client, b"hoarded");
        rig.readable(hoarder.server);
        held.push(rig.events.try_recv_chunk(hoarder.server).expect("bytes").expect("no end yet"));
    }
    rig.send(other.client, b"not starved");
    rig.readable(other.server);
    let chunk = rig.events.try_recv_chunk(other.server).expect("a reader does not starve");
    assert_eq!(&chunk.expect("no end yet")[..], b"not starved");
    assert!(held.iter().all(|chunk| chunk[..] == *b"hoarded"), "held chunks are left alone");
}

/// What is put back is read first, in front of everything.
pub(crate) fn what_is_unread_comes_first(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    rig.send(pair.client, b"cdef");
    rig.readable(pair.server);
    rig.events.unread(pair.server, b"b").expect("a stream takes bytes back");
    rig.events.unread(pair.server, b"a").expect("a stream takes bytes back");
    assert_eq!(rig.drain(pair.server).0, b"abcdef", "the last that was put back is first");
    rig.events.unread(pair.server, b"xyz").expect("a stream takes bytes back");
    let recv = rig.submit_recv(pair.server, 2);
    assert_eq!(&rig.transferred(recv).1[..], b"xy", "a receive finds them too");
    let chunk = rig.events.try_recv_chunk(pair.server).expect("bytes").expect("no end yet");
    assert_eq!(&chunk[..], b"z", "and a chunk");
}

/// What is put back after the end of a stream is read before it.
pub(crate) fn what_is_unread_comes_before_the_end(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    rig.close(pair.client);
    rig.wait("the end", |rig| (rig.drain(pair.server).1 == Ended::Eof).then_some(()));
    rig.events.unread(pair.server, b"once more").expect("a stream takes bytes back");
    assert_eq!(rig.drain(pair.server), (b"once more".to_vec(), Ended::Eof));
}

/// An attempt to read into no memory is invalid: zero bytes would look like the end.
pub(crate) fn an_attempt_to_read_into_nothing_is_invalid(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let attempt = |rig: &mut Rig| {
        let error = rig.events.try_recv(pair.server, &mut []).expect_err("there is no room");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    };
    attempt(&mut rig);
    rig.send(pair.client, b"kept");
    rig.readable(pair.server);
    attempt(&mut rig);
    assert_eq!(rig.drain(pair.server).0, b"kept", "nothing was taken");
    let recv = rig.submit_recv(pair.server, 8);
    attempt(&mut rig);
    rig.send(pair.client, b"later");
    assert_eq!(&rig.transferred(recv).1[..], b"later");
}

/// Attempts at what they do not fit are invalid; at what is closed, stale.
pub(crate) fn an_attempt_on_the_wrong_resource_is_an_error(harness: &Harness) {
    let mut rig = harness.rig();
    let (listener, _) = rig.listen();
    let slices = [IoSlice::new(b"x")];
    let wrong = [
        rig.events.try_recv(listener, &mut [0; 4]).map(drop),
        rig.events.try_recv_chunk(listener).map(drop),
        rig.events.try_send(listener, &slices).map(drop),
        rig.events.try_recv_from(listener, &mut [0; 4]).map(drop),
        rig.events.unread(listener, b"x"),
    ];
    for result in wrong {
        assert_eq!(result.expect_err("a listener has no bytes").kind(), ErrorKind::InvalidInput);
    }
    rig.close(listener);
    let stale = [
        rig.events.try_recv(listener, &mut [0; 4]).map(drop),
        rig.events.try_recv_chunk(listener).map(drop),
        rig.events.try_send(listener, &slices).map(drop),
        rig.events.unread(listener, b"x"),
        rig.events.local_address(listener).map(drop),
        rig.events.peer_address(listener).map(drop),
    ];
    for result in stale {
        assert_eq!(result.expect_err("the key is stale").kind(), ErrorKind::StaleKey);
    }
}
