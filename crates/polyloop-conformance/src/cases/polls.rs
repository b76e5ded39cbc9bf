use std::time::Duration;

use polyloop_core::{ErrorKind, Interest, Key, Op, Output};

use crate::harness::Harness;
use crate::parts::{Ended, Scratch};
use crate::rig::{Rig, Ticket};

fn poll(rig: &mut Rig, key: Key, interest: Interest) -> Ticket {
    rig.submit(Op::Poll { key, interest })
}

fn ready(output: Output) -> Interest {
    match output {
        Output::Ready(interest) => interest,
        other => panic!("a poll gave {other:?}"),
    }
}

/// A poll waits for bytes, and takes none.
pub(crate) fn a_poll_waits_for_bytes_and_takes_none(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let ticket = poll(&mut rig, pair.server, Interest::READABLE);
    rig.silent(ticket, Duration::from_millis(5));
    rig.send(pair.client, b"all");
    assert_eq!(ready(rig.succeed(ticket).0), Interest::READABLE);
    let again = poll(&mut rig, pair.server, Interest::READABLE);
    rig.succeed(again);
    assert_eq!(rig.drain(pair.server).0, b"all", "polling took bytes");
}

/// A stream with room is writable at once, and a full one when the peer has read.
pub(crate) fn a_poll_waits_for_room(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let ticket = poll(&mut rig, pair.client, Interest::WRITABLE);
    assert_eq!(ready(rig.succeed(ticket).0), Interest::WRITABLE);
    let mut sent = 0;
    let bytes = vec![0; 1 << 16];
    let mut quiet = 0;
    // Full for good only when the kernel has moved all it can to the other side.
    while quiet < 3 {
        match rig.events.try_send(pair.client, &[std::io::IoSlice::new(&bytes)]) {
            Ok(count) => (sent, quiet) = (sent + count, 0),
            Err(_) => quiet += 1,
        }
        rig.linger(Duration::from_millis(1));
    }
    let ticket = poll(&mut rig, pair.client, Interest::WRITABLE);
    rig.silent(ticket, Duration::from_millis(5));
    rig.recv(pair.server, sent);
    assert_eq!(ready(rig.succeed(ticket).0), Interest::WRITABLE);
}

/// A poll of both directions tells what is there, not what is not.
pub(crate) fn a_poll_tells_only_what_is_there(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let ticket = poll(&mut rig, pair.server, Interest::BOTH);
    assert_eq!(ready(rig.succeed(ticket).0), Interest::WRITABLE, "nothing is there to read");
    rig.send(pair.client, b"x");
    rig.readable(pair.server);
    let ticket = poll(&mut rig, pair.server, Interest::BOTH);
    assert_eq!(ready(rig.succeed(ticket).0), Interest::BOTH);
}

/// A cancelled poll ends as cancelled and has taken nothing.
pub(crate) fn a_cancelled_poll_takes_nothing(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    for round in 0..20 {
        let ticket = poll(&mut rig, pair.server, Interest::READABLE);
        if round % 2 == 0 {
            rig.turn(Duration::ZERO);
        }
        rig.send(pair.client, &[round]);
        rig.cancel(ticket);
        if let Err(error) = rig.finish(ticket).result {
            assert!(error.is_canceled(), "expected cancelled, not {error}");
        }
        assert_eq!(rig.recv(pair.server, 1), [round], "the byte is still there");
    }
}

/// Several polls of one key are independent.
pub(crate) fn polls_of_one_key_are_independent(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let polls = [1, 2, 3].map(|_| poll(&mut rig, pair.server, Interest::READABLE));
    rig.turn(Duration::ZERO);
    rig.cancel(polls[1]);
    rig.fail(polls[1]);
    rig.send(pair.client, b"x");
    rig.succeed(polls[0]);
    rig.succeed(polls[2]);
}

/// A multishot poll tells each time that readiness newly arises.
pub(crate) fn a_multishot_poll_goes_on(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let op = Op::PollMulti { key: pair.server, interest: Interest::READABLE };
    let ticket = rig.submit(op);
    for round in 0..4_u8 {
        rig.send(pair.client, &[round]);
        assert_eq!(ready(rig.more(ticket)), Interest::READABLE);
        rig.wait("the byte", |rig| (rig.drain(pair.server).0 == [round]).then_some(()));
    }
    rig.cancel(ticket);
    let (error, _) = rig.fail(ticket);
    assert!(error.is_canceled(), "expected cancelled, not {error}");
}

/// A multishot poll tells at once what is there, of both directions.
pub(crate) fn a_multishot_poll_tells_at_once_what_is_there(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let op = Op::PollMulti { key: pair.server, interest: Interest::BOTH };
    let ticket = rig.submit(op);
    assert!(ready(rig.more(ticket)).is_writable(), "there is room from the start");
    rig.send(pair.client, b"x");
    rig.wait("readable", |rig| {
        let told = rig.take(ticket)?;
        ready(told.result.expect("it goes on")).is_readable().then_some(())
    });
}

/// A listener is readable when there is a connection to accept.
pub(crate) fn a_listener_is_readable_when_there_is_a_connection(harness: &Harness) {
    let mut rig = harness.rig();
    let (listener, address) = rig.listen();
    let ticket = poll(&mut rig, listener, Interest::READABLE);
    rig.silent(ticket, Duration::from_millis(5));
    rig.connect(address);
    rig.succeed(ticket);
    rig.accept(listener);
}

/// The end of a stream is readable.
pub(crate) fn the_end_is_readable(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let ticket = poll(&mut rig, pair.server, Interest::READABLE);
    rig.close(pair.client);
    rig.succeed(ticket);
    assert_eq!(rig.drain(pair.server).1, Ended::Eof);
}

/// Bytes that were put back are readable, though the kernel knows nothing of them.
pub(crate) fn what_is_unread_is_readable(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    rig.events.unread(pair.server, b"back").expect("a stream takes bytes back");
    let ticket = poll(&mut rig, pair.server, Interest::READABLE);
    rig.succeed(ticket);
    assert_eq!(rig.drain(pair.server).0, b"back");
}

/// A file is always ready, so polling one is a mistake.
pub(crate) fn a_file_cannot_be_polled(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let file = rig.file(&scratch);
    let (error, _) = rig.err(Op::Poll { key: file, interest: Interest::READABLE });
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    let (error, _) = rig.err(Op::PollMulti { key: file, interest: Interest::READABLE });
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
}
