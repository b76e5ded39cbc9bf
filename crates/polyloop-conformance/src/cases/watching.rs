use std::time::Duration;

use polyloop_core::{ErrorKind, LoopConfig, Op, Output, limits};

use crate::harness::Harness;
use crate::parts::{Ended, payload};

/// Each time a stream goes from nothing to something to read there is one telling.
pub(crate) fn readable_is_told_each_time_there_newly_is_something(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let watch = rig.submit(Op::RecvMulti { key: pair.server });
    for round in 0..4_u8 {
        rig.send(pair.client, &[round; 10]);
        assert!(matches!(rig.more(watch), Output::Readable), "a stream tells readable");
        let mut bytes = Vec::new();
        rig.wait("ten bytes", |rig| {
            bytes.extend(rig.drain(pair.server).0);
            (bytes.len() == 10).then_some(())
        });
        assert_eq!(bytes, [round; 10]);
    }
}

/// What is there before the watch is told at once.
pub(crate) fn readable_is_told_at_once_for_what_is_there(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    rig.send(pair.client, b"early");
    rig.readable(pair.server);
    let watch = rig.submit(Op::RecvMulti { key: pair.server });
    assert!(matches!(rig.more(watch), Output::Readable));
    let mut bytes = Vec::new();
    rig.wait("what was there", |rig| {
        bytes.extend(rig.drain(pair.server).0);
        (bytes == b"early").then_some(())
    });
}

/// More bytes behind unread ones are no news.
pub(crate) fn readable_is_told_once_until_all_is_read(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let watch = rig.submit(Op::RecvMulti { key: pair.server });
    rig.send(pair.client, b"news");
    assert!(matches!(rig.more(watch), Output::Readable));
    rig.send(pair.client, b"old news");
    rig.silent(watch, Duration::from_millis(10));
    let mut bytes = Vec::new();
    rig.wait("both", |rig| {
        bytes.extend(rig.drain(pair.server).0);
        (bytes == b"newsold news").then_some(())
    });
}

/// The end is something to read; the op outlives it, and only a cancel ends it.
pub(crate) fn the_end_is_told_and_does_not_end_the_watch(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let watch = rig.submit(Op::RecvMulti { key: pair.server });
    rig.close(pair.client);
    assert!(matches!(rig.more(watch), Output::Readable));
    rig.wait("the end", |rig| (rig.drain(pair.server).1 == Ended::Eof).then_some(()));
    rig.linger(Duration::from_millis(5));
    while let Some(completion) = rig.take(watch) {
        assert!(completion.is_more(), "the end of the stream ended the op: {completion:?}");
    }
    rig.cancel(watch);
    let (error, _) = rig.fail(watch);
    assert!(error.is_canceled(), "expected cancelled, not {error}");
}

/// Bytes come before the end also where they were received ahead.
pub(crate) fn a_watched_stream_gives_its_bytes_before_its_end(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let watch = rig.submit(Op::RecvMulti { key: pair.server });
    let bytes = payload(200_000);
    let send = rig.submit_send(pair.client, &bytes);
    let close = rig.submit_close(pair.client, polyloop_core::CloseMode::Flush);
    assert!(matches!(rig.more(watch), Output::Readable));
    let mut received = Vec::new();
    rig.wait("the end", |rig| {
        let (part, ended) = rig.drain(pair.server);
        received.extend(part);
        (ended == Ended::Eof).then_some(())
    });
    assert!(received == bytes, "{} of {} bytes came", received.len(), bytes.len());
    rig.succeed(send);
    rig.succeed(close);
}

/// Cancelling a watch loses nothing of what was received ahead, and leaves the order alone.
pub(crate) fn a_cancelled_watch_loses_no_bytes(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    for round in 0..20_usize {
        let watch = rig.submit(Op::RecvMulti { key: pair.server });
        let bytes = payload(1000 + round);
        let send = rig.submit_send(pair.client, &bytes);
        // Now and then the bytes have arrived before the cancel.
        if round % 2 == 0 {
            rig.more(watch);
        }
        rig.cancel(watch);
        rig.fail(watch);
        rig.succeed(send);
        assert!(rig.recv(pair.server, bytes.len()) == bytes, "bytes were lost in round {round}");
    }
}

/// While a watch is active a receive is busy; after it receives work again.
pub(crate) fn a_receive_beside_a_watch_is_busy(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let watch = rig.submit(Op::RecvMulti { key: pair.server });
    let recv = rig.submit_recv(pair.server, 8);
    let (error, op) = rig.fail(recv);
    assert_eq!(error.kind(), ErrorKind::Busy, "{error}");
    assert_eq!(crate::rig::buffer_of(op).capacity(), 8, "the buffer comes back");
    let (error, _) = rig.err(Op::RecvMulti { key: pair.server });
    assert_eq!(error.kind(), ErrorKind::Busy, "a second watch: {error}");
    rig.cancel(watch);
    rig.fail(watch);
    rig.send(pair.client, b"again");
    assert_eq!(rig.recv(pair.server, 5), b"again");
}

/// Bytes that are put back are told to the watch.
pub(crate) fn what_is_unread_is_told(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let watch = rig.submit(Op::RecvMulti { key: pair.server });
    rig.send(pair.client, b"x");
    rig.more(watch);
    rig.wait("the byte", |rig| (rig.drain(pair.server).0 == b"x").then_some(()));
    rig.events.unread(pair.server, b"x").expect("a stream takes bytes back");
    assert!(matches!(rig.more(watch), Output::Readable), "the byte is there to read again");
    assert_eq!(rig.drain(pair.server).0, b"x");
}

/// An idle reader gets backpressure: chunks stay bounded, and in the end everything arrives.
pub(crate) fn an_idle_reader_bounds_what_is_received_ahead(harness: &Harness) {
    let mut config = LoopConfig::default();
    config.unread_chunks_max = 4;
    let mut rig = harness.rig_with(&config);
    let pair = rig.pair();
    let bytes = payload(8 << 20);
    let watch = rig.submit(Op::RecvMulti { key: pair.server });
    let send = rig.submit_send(pair.client, &bytes);
    rig.more(watch);
    let bound = 4 + usize::from(limits::PUBLISHED_CHUNKS);
    for _ in 0..20 {
        rig.turn(Duration::from_millis(1));
        let chunks = rig.events.census().chunks;
        assert!(chunks <= bound, "{chunks} chunks wait for an idle reader, at most {bound} may");
    }
    let mut received = Vec::with_capacity(bytes.len());
    let mut buf = vec![0; 100_000];
    rig.wait("every byte after the reader woke up", |rig| {
        while let Ok(count) = rig.events.try_recv(pair.server, &mut buf) {
            assert!(count > 0, "the stream ended after {} bytes", received.len());
            received.extend_from_slice(&buf[..count]);
        }
        (received.len() >= bytes.len()).then_some(())
    });
    assert!(received == bytes, "the bytes arrive in order and unharmed");
    rig.succeed(send);
}

/// Watching a connection that was not made is an error, not a wait.
pub(crate) fn a_pipe_can_be_watched(harness: &Harness) {
    let mut rig = harness.rig();
    let (read, write) = rig.pipe();
    let watch = rig.submit(Op::RecvMulti { key: read });
    rig.send(write, b"through the pipe");
    assert!(matches!(rig.more(watch), Output::Readable));
    let mut bytes = Vec::new();
    rig.wait("the bytes of a pipe", |rig| {
        bytes.extend(rig.drain(read).0);
        (bytes == b"through the pipe").then_some(())
    });
    rig.close(write);
    rig.more(watch);
    rig.wait("the end of a pipe", |rig| (rig.drain(read).1 == Ended::Eof).then_some(()));
}
