use std::io::IoSlice;
use std::net::Shutdown;
use std::time::Duration;

use polyloop_core::{CloseMode, ErrorKind, Key, Op};

use crate::harness::Harness;
use crate::parts::{Ended, payload};
use crate::rig::Rig;

/// What is given to be sent soon, and what is submitted, comes in the order of the calls.
pub(crate) fn what_is_sent_soon_keeps_its_order(harness: &Harness) {
    let mut rig = harness.rig();
    let (near, far) = reading(&mut rig);
    let bytes = payload(100_000);
    let mut expected = Vec::new();
    for (round, piece) in bytes.chunks(700).enumerate() {
        let (front, back) = piece.split_at(piece.len() / 3);
        match round % 3 {
            0 => send_soon(&mut rig, near, &[front, &[], back]),
            1 => send_soon(&mut rig, near, &[piece]),
            _ => drop(rig.submit_send(near, piece)),
        }
        expected.extend_from_slice(piece);
        if round % 7 == 0 {
            rig.turn(Duration::ZERO);
        }
    }
    assert!(rig.recv(far, expected.len()) == expected, "the bytes arrive in order");
}

/// Turns alone send it, whoever else is quiet; also more than the stream takes at a time.
pub(crate) fn turns_send_what_was_given_to_be_sent_soon(harness: &Harness) {
    let mut rig = harness.rig();
    let (near, far) = reading(&mut rig);
    send_soon(&mut rig, near, &[b"small"]);
    assert_eq!(rig.recv(far, 5), b"small");
    let bytes = payload(8 << 20);
    let mut sent = 0;
    while let Ok(count) = rig.events.try_send_soon(near, &[IoSlice::new(&bytes[sent..][..60_000])])
    {
        assert!((1..=60_000).contains(&count), "took {count} bytes");
        sent += count;
        rig.turn(Duration::ZERO);
        if sent + 60_000 > bytes.len() {
            break;
        }
    }
    assert!(rig.recv(far, sent) == bytes[..sent], "what was taken arrives");
    send_soon(&mut rig, near, &[b"more"]);
    assert_eq!(rig.recv(far, 4), b"more");
}

/// A shutdown and a flushing close come after it.
pub(crate) fn what_is_sent_soon_comes_before_the_end(harness: &Harness) {
    for closes in [false, true] {
        let mut rig = harness.rig();
        let (near, far) = reading(&mut rig);
        send_soon(&mut rig, near, &[b"last ", b"words"]);
        let ticket = if closes {
            rig.submit_close(near, CloseMode::Flush)
        } else {
            rig.submit(Op::Shutdown { key: near, how: Shutdown::Write })
        };
        assert_eq!(rig.recv(far, 100), b"last words");
        rig.succeed(ticket);
    }
}

/// Behind a send that waits an attempt would block, as any other.
pub(crate) fn what_is_sent_soon_does_not_overtake(harness: &Harness) {
    let mut rig = harness.rig();
    let (near, far) = reading(&mut rig);
    let bytes = vec![1; 32 << 20];
    let send = rig.submit(Op::Send { key: near, buffer: bytes.into() });
    rig.linger(Duration::from_millis(5));
    let error = rig.events.try_send_soon(near, &[IoSlice::new(b"x")]).expect_err("a send waits");
    assert!(error.is_would_block(), "expected would block, not {error}");
    rig.recv(far, 100_000);
    rig.cancel(send);
    rig.finish(send);
}

/// After the end of the direction it fails at once.
pub(crate) fn sending_soon_after_a_shutdown_fails(harness: &Harness) {
    let mut rig = harness.rig();
    let (near, _far) = reading(&mut rig);
    rig.ok(Op::Shutdown { key: near, how: Shutdown::Write });
    let error = match rig.events.try_send_soon(near, &[IoSlice::new(b"too late")]) {
        Err(error) if error.is_would_block() => {
            let ticket = rig.submit_send(near, b"too late");
            rig.fail(ticket).0
        }
        result => result.expect_err("the direction has ended"),
    };
    assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::BrokenPipe), "{error}");
}

/// Where it fails, a later send tells.
pub(crate) fn a_later_send_tells_that_sending_soon_has_failed(harness: &Harness) {
    let mut rig = harness.rig();
    let (near, far) = reading(&mut rig);
    send_soon(&mut rig, near, &[b"anybody there?"]);
    rig.reset(far);
    let errors = [std::io::ErrorKind::BrokenPipe, std::io::ErrorKind::ConnectionReset];
    for tries in [true, false] {
        let error = rig.wait("a send that fails", |rig| {
            if tries {
                let sent = rig.events.try_send(near, &[IoSlice::new(b"?")]);
                return sent.err().filter(|error| !error.is_would_block());
            }
            let ticket = rig.submit_send(near, b"?");
            rig.finish(ticket).result.err()
        });
        assert!(errors.map(ErrorKind::Io).contains(&error.kind()), "{error}");
    }
}

/// Makes a connection of which the first end receives ahead, and has received.
pub(super) fn reading(rig: &mut Rig) -> (Key, Key) {
    let pair = rig.pair();
    rig.submit(Op::RecvMulti { key: pair.server });
    rig.send(pair.client, b"!");
    rig.wait("the first byte", |rig| {
        let (bytes, ended) = rig.drain(pair.server);
        assert_eq!(ended, Ended::WouldBlock);
        (bytes == b"!").then_some(())
    });
    (pair.server, pair.client)
}

/// Gives all of it to be sent soon, and submits what the loop does not take so.
pub(super) fn send_soon(rig: &mut Rig, key: Key, pieces: &[&[u8]]) {
    let bufs: Vec<_> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
    let taken = match rig.events.try_send_soon(key, &bufs) {
        Err(error) if error.is_would_block() => 0,
        taken => taken.expect("the stream is whole"),
    };
    let rest = &pieces.concat()[taken..];
    if !rest.is_empty() {
        rig.submit_send(key, rest);
    }
}
