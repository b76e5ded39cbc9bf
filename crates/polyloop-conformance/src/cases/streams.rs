use std::io::{IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::time::Duration;

use polyloop_core::{Buffer, CloseMode, ErrorKind, Op, Output};

use crate::harness::Harness;
use crate::parts::{Ended, payload};

/// A receive that waits is done by bytes that come later, and gives its buffer back filled.
pub(crate) fn a_receive_fills_its_own_buffer(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let recv = rig.submit_recv(pair.server, 64);
    rig.silent(recv, Duration::from_millis(5));
    rig.send(pair.client, b"hello");
    let (count, buffer) = rig.transferred(recv);
    assert_eq!(count, buffer.len(), "the buffer's length is what was received");
    assert_eq!(buffer.capacity(), 64, "the storage is the one that was given");
    assert_eq!(&buffer[..], b"hello");
}

/// The length of a buffer before a receive does not matter: its whole storage is room.
pub(crate) fn a_receive_uses_the_whole_storage(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    rig.send(pair.client, b"fresh bytes");
    let mut buffer = Buffer::with_capacity(32);
    buffer.append(b"stale content of a buffer");
    let ticket = rig.submit(Op::Recv { key: pair.server, buffer });
    let (_, buffer) = rig.transferred(ticket);
    assert_eq!(&buffer[..], b"fresh bytes");
}

/// Receives of one stream are done, and complete, in the order of their submission.
pub(crate) fn receives_complete_in_order(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let tickets: Vec<_> = (0..4).map(|_| rig.submit_recv(pair.server, 1)).collect();
    rig.send(pair.client, b"abcd");
    let bytes: Vec<u8> = tickets
        .iter()
        .flat_map(|ticket| {
            let (_, buffer) = rig.transferred(*ticket);
            buffer.to_vec()
        })
        .collect();
    assert_eq!(bytes, b"abcd", "the first receive gets the first byte");
}

/// Terminal completions of one direction come out in the order of their submission.
pub(crate) fn completions_of_one_direction_come_in_order(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let sends: Vec<_> = (0..8).map(|n| rig.submit_send(pair.client, &[n; 100])).collect();
    assert_eq!(rig.order_of(&sends), (0..8).collect::<Vec<_>>(), "sends");
    let recvs: Vec<_> = (0..8).map(|_| rig.submit_recv(pair.server, 100)).collect();
    assert_eq!(rig.order_of(&recvs), (0..8).collect::<Vec<_>>(), "receives");
}

/// All bytes come before the end, and the end is zero, again and again.
pub(crate) fn the_end_comes_after_all_bytes(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    rig.send(pair.client, b"last words");
    rig.close(pair.client);
    assert_eq!(rig.recv(pair.server, 100), b"last words");
    for _ in 0..3 {
        let ticket = rig.submit_recv(pair.server, 8);
        let (count, buffer) = rig.transferred(ticket);
        assert_eq!((count, buffer.len()), (0, 0), "the end is zero bytes, again and again");
    }
}

/// A half-close ends one direction; the other goes on. The client closes its half first.
pub(crate) fn a_half_closed_stream_still_answers(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    rig.send(pair.client, b"question");
    rig.ok(Op::Shutdown { key: pair.client, how: Shutdown::Write });
    assert_eq!(rig.recv(pair.server, 100), b"question", "the server reads to the end");
    let first = rig.submit_recv(pair.client, 1);
    rig.silent(first, Duration::from_millis(5));
    rig.send(pair.server, b"answer");
    assert_eq!(&rig.transferred(first).1[..], b"a", "the other direction goes on");
    rig.ok(Op::Shutdown { key: pair.server, how: Shutdown::Write });
    assert_eq!(rig.recv(pair.client, 100), b"nswer", "the client reads to the end");
}

/// The accepting side may close its half first as well.
pub(crate) fn the_server_may_close_its_half_first(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    rig.ok(Op::Shutdown { key: pair.server, how: Shutdown::Write });
    assert_eq!(rig.recv(pair.client, 1), b"", "the client finds the end");
    rig.send(pair.client, b"still here");
    assert_eq!(rig.recv(pair.server, 10), b"still here");
}

/// A shutdown comes after the sends that were submitted before it.
pub(crate) fn a_shutdown_comes_after_queued_sends(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let bytes = payload(1 << 20);
    let first = rig.submit_send(pair.client, &bytes);
    let second = rig.submit_send(pair.client, b"tail");
    let shutdown = rig.submit(Op::Shutdown { key: pair.client, how: Shutdown::Write });
    let received = rig.recv(pair.server, usize::MAX);
    assert_eq!(received.len(), bytes.len() + 4, "every byte before the end");
    assert!(received.ends_with(b"tail"), "in order");
    assert_eq!(rig.transferred(first).0, bytes.len());
    assert_eq!(rig.transferred(second).0, 4);
    rig.succeed(shutdown);
}

/// Sending after one's own shutdown is an error.
pub(crate) fn a_send_after_shutdown_fails(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    rig.ok(Op::Shutdown { key: pair.client, how: Shutdown::Write });
    let ticket = rig.submit_send(pair.client, b"too late");
    let (error, op) = rig.fail(ticket);
    assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::BrokenPipe), "{error}");
    assert_eq!(&crate::rig::buffer_of(op)[..], b"too late", "the buffer comes back");
}

/// A reset comes to the reader as an error, after the bytes in front of it.
pub(crate) fn a_reset_comes_after_the_bytes(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    rig.send(pair.client, b"before the reset");
    rig.readable(pair.server);
    rig.reset(pair.client);
    let mut bytes = Vec::new();
    let error = loop {
        let ticket = rig.submit_recv(pair.server, 64);
        let completion = rig.finish(ticket);
        match completion.result {
            Ok(Output::Transferred(0)) => panic!("expected a reset, found the end of the stream"),
            Ok(_) => {
                bytes.extend_from_slice(&crate::rig::buffer_of(completion.op.expect("terminal")));
            }
            Err(error) => break error,
        }
    };
    assert_eq!(bytes, b"before the reset", "every byte comes before the error");
    assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::ConnectionReset), "{error}");
}

/// Kernels tell of a reset once. Where a send was told, the reader learns of it all the same, after the
/// bytes and once, and then finds the end.
pub(crate) fn a_reset_that_a_send_met_comes_to_the_reader_too(harness: &Harness) {
    for tries in [false, true] {
        let mut rig = harness.rig();
        let pair = rig.pair();
        rig.send(pair.client, b"before the reset");
        rig.readable(pair.server);
        rig.reset(pair.client);
        rig.wait("a send that fails", |rig| {
            let ticket = rig.submit_send(pair.server, b"anybody there?");
            rig.finish(ticket).result.err()
        });
        let mut bytes = vec![0; 64];
        let mut read = |rig: &mut crate::rig::Rig| {
            if tries {
                return rig.wait("a read that need not wait", |rig| {
                    match rig.events.try_recv(pair.server, &mut bytes) {
                        Err(error) if error.is_would_block() => None,
                        result => Some(result),
                    }
                });
            }
            let ticket = rig.submit_recv(pair.server, 64);
            rig.finish(ticket).result.map(|output| match output {
                Output::Transferred(count) => count,
                other => panic!("a receive gave {other:?}"),
            })
        };
        assert_eq!(read(&mut rig).expect("the bytes come first"), 16);
        let error = read(&mut rig).expect_err("expected a reset, found the end of the stream");
        assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::ConnectionReset), "{error}");
        assert_eq!(read(&mut rig).expect("the end comes after the reset"), 0);
    }
}

/// Writing to a peer that is gone is an error, with its number, and no signal.
pub(crate) fn writing_to_a_closed_peer_is_an_error(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    rig.close(pair.server);
    // The first sends may go through: the peer's answer to them is what breaks the pipe.
    let error = rig.wait("a send that fails", |rig| {
        let ticket = rig.submit_send(pair.client, b"anybody there?");
        rig.finish(ticket).result.err()
    });
    let broken = [std::io::ErrorKind::BrokenPipe, std::io::ErrorKind::ConnectionReset];
    let is_broken = broken.iter().any(|kind| error.kind() == ErrorKind::Io(*kind));
    assert!(is_broken && error.raw_os_error().is_some(), "expected a broken pipe, not {error:?}");
}

/// A large send completes whole though its reader is slow.
pub(crate) fn a_large_send_goes_whole_to_a_slow_reader(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let bytes = payload(4 << 20);
    let send = rig.submit_send(pair.client, &bytes);
    rig.linger(Duration::from_millis(5));
    let mut received = Vec::with_capacity(bytes.len());
    while received.len() < bytes.len() {
        let piece = rig.recv(pair.server, 1.max((bytes.len() - received.len()).min(300_000)));
        assert!(!piece.is_empty(), "the stream ended after {} bytes", received.len());
        received.extend(piece);
    }
    assert!(received == bytes, "the bytes arrive as they were sent");
    let (count, buffer) = rig.transferred(send);
    assert_eq!(count, bytes.len(), "a send completes with its whole length");
    assert!(buffer[..] == bytes[..], "the buffer comes back unchanged");
}

/// A send that cannot go whole yet does not complete.
pub(crate) fn a_send_completes_only_when_whole(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    // Above what the kernel's buffers of both sides take.
    let bytes = vec![7; 32 << 20];
    let send = rig.submit(Op::Send { key: pair.client, buffer: bytes.into() });
    rig.silent(send, Duration::from_millis(30));
    rig.cancel(send);
    rig.finish(send);
}

/// A vectored send sends its buffers in order, whole, empty ones too.
pub(crate) fn a_vectored_send_sends_its_buffers_in_order(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let parts = [payload(10), Vec::new(), payload(70_000), payload(3)];
    let whole: Vec<u8> = parts.concat();
    let buffers = parts.iter().map(|part| Buffer::from(part.as_slice())).collect();
    let send = rig.submit(Op::SendVectored { key: pair.client, buffers });
    assert!(rig.recv(pair.server, whole.len()) == whole, "the buffers arrive in order");
    let (output, op) = rig.succeed(send);
    assert!(matches!(output, Output::Transferred(count) if count == whole.len()), "{output:?}");
    let Op::SendVectored { buffers, .. } = op else { panic!("the op comes back") };
    let back: Vec<&[u8]> = buffers.iter().map(|buffer| &buffer[..]).collect();
    assert_eq!(back, parts, "every buffer comes back, in its place");
}

/// A stream takes some of however many buffers it is given, and fills some: more than systems take
/// in one call, empty ones among them.
pub(crate) fn many_buffers_go_in_order(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let bytes = payload(3000);
    let slices: Vec<IoSlice<'_>> =
        (0..2000).map(|_| IoSlice::new(&[])).chain(bytes.chunks(1).map(IoSlice::new)).collect();
    let sent = rig.events.try_send(pair.client, &slices).expect("there is room");
    assert!((1..=3000).contains(&sent), "{sent} bytes went");
    let buffers = bytes[sent..].chunks(1).map(Buffer::from).collect();
    let send = rig.submit(Op::SendVectored { key: pair.client, buffers });
    rig.succeed(send);
    let mut received = Vec::new();
    while received.len() < 3000 {
        rig.readable(pair.server);
        let mut storage = vec![0; 3000];
        let mut slices: Vec<IoSliceMut<'_>> = (0..2000)
            .map(|_| IoSliceMut::new(&mut []))
            .chain(storage.chunks_mut(1).map(IoSliceMut::new))
            .collect();
        let count = rig.events.try_recv_vectored(pair.server, &mut slices).expect("it is readable");
        assert!(count > 0, "the end came after {} bytes", received.len());
        received.extend_from_slice(&storage[..count]);
    }
    assert!(received == bytes);
}

/// Sends of one stream do not mix, however they are cut.
pub(crate) fn sends_do_not_interleave(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let sends: Vec<_> =
        (0..6).map(|n| rig.submit_send(pair.client, &vec![b'a' + n; 200_000])).collect();
    let received = rig.recv(pair.server, 6 * 200_000);
    for (index, part) in received.chunks(200_000).enumerate() {
        let expected = b'a' + index as u8;
        assert!(part.iter().all(|byte| *byte == expected), "send {index} was mixed with others");
    }
    sends.into_iter().for_each(|send| drop(rig.succeed(send)));
}

/// A receive that waits when the stream ends completes with zero.
pub(crate) fn a_waiting_receive_finds_the_end(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let recvs = [rig.submit_recv(pair.server, 8), rig.submit_recv(pair.server, 8)];
    rig.submit_close(pair.client, CloseMode::Abort);
    for recv in recvs {
        assert_eq!(rig.transferred(recv).0, 0, "every receive behind finds the end too");
    }
    assert_eq!(rig.drain(pair.server).1, Ended::Eof);
}

/// Two directions of one connection are full at once without a deadlock.
pub(crate) fn both_directions_go_on_at_once(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let bytes = payload(1 << 20);
    let there = rig.submit_send(pair.client, &bytes);
    let back = rig.submit_send(pair.server, &bytes);
    let mut received = [Vec::new(), Vec::new()];
    while received.iter().any(|part| part.len() < bytes.len()) {
        for (part, key) in received.iter_mut().zip([pair.server, pair.client]) {
            let left = bytes.len() - part.len();
            if left > 0 {
                part.extend(rig.recv(key, left.min(50_000)));
            }
        }
    }
    assert!(received.iter().all(|part| *part == bytes), "both directions arrive unharmed");
    rig.succeed(there);
    rig.succeed(back);
}
