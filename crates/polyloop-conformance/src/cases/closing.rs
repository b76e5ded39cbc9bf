use std::time::Duration;

use polyloop_core::{CloseMode, ErrorKind, Interest, Op, Output};

use crate::harness::Harness;
use crate::parts::payload;
use crate::rig::Rig;

/// A key is stale from the moment in which its close is submitted.
pub(crate) fn a_key_is_stale_once_its_close_is_submitted(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    // A flush that waits, so that the close has not ended when the key is used.
    let send = rig.submit(Op::Send { key: pair.client, buffer: vec![0; 32 << 20].into() });
    let close = rig.submit_close(pair.client, CloseMode::Flush);
    let recv = rig.submit_recv(pair.client, 8);
    let (error, _) = rig.fail(recv);
    assert_eq!(error.kind(), ErrorKind::StaleKey, "{error}");
    let error = rig.events.local_address(pair.client).expect_err("the key is stale");
    assert_eq!(error.kind(), ErrorKind::StaleKey);
    let again = rig.submit_close(pair.client, CloseMode::Abort);
    let (error, _) = rig.fail(again);
    assert_eq!(error.kind(), ErrorKind::StaleKey, "a second close: {error}");
    rig.cancel(close);
    rig.finish(send);
    rig.succeed(close);
}

/// A key stays stale when its slot is in use again.
pub(crate) fn a_key_stays_stale_when_its_slot_is_reused(harness: &Harness) {
    let mut rig = harness.rig();
    let (old, _) = rig.datagram();
    rig.close(old);
    let fresh: Vec<_> = (0..8).map(|_| rig.datagram().0).collect();
    assert!(fresh.iter().all(|key| *key != old), "a key was minted twice");
    let recv = Op::RecvFrom { key: old, buffer: polyloop_core::Buffer::with_capacity(8) };
    let (error, _) = rig.err(recv);
    assert_eq!(error.kind(), ErrorKind::StaleKey, "{error}");
    let error = rig.events.local_address(old).expect_err("the key is stale");
    assert_eq!(error.kind(), ErrorKind::StaleKey);
    let (error, _) = rig.err(Op::Close { key: old, mode: CloseMode::Abort });
    assert_eq!(error.kind(), ErrorKind::StaleKey, "closing a stale key: {error}");
    assert_eq!(rig.events.census().resources, 8, "the stale close closed nothing");
}

/// A close ends every op of its key, and comes after all of them.
pub(crate) fn a_close_ends_every_op_and_comes_last(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let mut tickets = vec![
        rig.submit_recv(pair.client, 8),
        rig.submit_recv(pair.client, 8),
        rig.submit(Op::Poll { key: pair.client, interest: Interest::READABLE }),
        rig.submit(Op::PollMulti { key: pair.client, interest: Interest::READABLE }),
        rig.submit_send(pair.client, b"sent"),
    ];
    rig.turn(Duration::ZERO);
    tickets.push(rig.submit_close(pair.client, CloseMode::Flush));
    let completions = terminals(&mut rig, tickets.len());
    let last = completions.last().expect("there are some");
    assert_eq!(last.token, tickets[5].token, "the close completes last");
    for ticket in &tickets[..4] {
        let done = completions.iter().find(|done| done.token == ticket.token);
        let done = done.unwrap_or_else(|| panic!("{} did not end", ticket.kind.name()));
        let error = done.result.as_ref().expect_err("it could not succeed");
        assert!(error.is_canceled(), "{} ends as {error}", ticket.kind.name());
    }
    assert_eq!(rig.recv(pair.server, 100), b"sent", "the send was flushed");
}

/// A flushing close sends first what was submitted, however long that takes.
pub(crate) fn a_flushing_close_sends_first(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let bytes = payload(1 << 20);
    let sends = [rig.submit_send(pair.client, &bytes), rig.submit_send(pair.client, &bytes)];
    let close = rig.submit_close(pair.client, CloseMode::Flush);
    let received = rig.recv(pair.server, usize::MAX);
    assert!(received == [bytes.clone(), bytes].concat(), "{} bytes came", received.len());
    sends.into_iter().for_each(|send| drop(rig.succeed(send)));
    rig.succeed(close);
}

/// An aborting close does not wait for its peer.
pub(crate) fn an_aborting_close_cancels_sends(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let send = rig.submit(Op::Send { key: pair.client, buffer: vec![0; 32 << 20].into() });
    rig.linger(Duration::from_millis(5));
    let close = rig.submit_close(pair.client, CloseMode::Abort);
    rig.succeed(close);
    let (error, _) = rig.fail(send);
    assert!(error.is_canceled(), "expected cancelled, not {error}");
    assert!(error.transferred() > 0, "it tells how much had gone");
}

/// Cancelling a flushing close makes it abort; it succeeds all the same.
pub(crate) fn a_cancelled_close_hurries_and_succeeds(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let send = rig.submit(Op::Send { key: pair.client, buffer: vec![0; 32 << 20].into() });
    let close = rig.submit_close(pair.client, CloseMode::Flush);
    rig.silent(close, Duration::from_millis(10));
    rig.cancel(close);
    let (error, _) = rig.fail(send);
    assert!(error.is_canceled(), "expected cancelled, not {error}");
    let (output, _) = rig.succeed(close);
    assert!(matches!(output, Output::Done), "close gave {output:?}");
}

/// Every kind of resource can be closed, and none is left.
pub(crate) fn every_kind_of_resource_closes(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = crate::parts::Scratch::new();
    let pair = rig.pair();
    let (read, write) = rig.pipe();
    let (datagram, _) = rig.datagram();
    let (stream, file) = (rig.socket(), rig.file(&scratch));
    assert_eq!(rig.events.census().resources, 8);
    let keys = [pair.client, pair.server, pair.listener, read, write, datagram, stream, file];
    for (index, key) in keys.into_iter().enumerate() {
        let mode = if index % 2 == 0 { CloseMode::Flush } else { CloseMode::Abort };
        let (output, _) = rig.ok(Op::Close { key, mode });
        assert!(matches!(output, Output::Done), "close gave {output:?}");
        assert_eq!(rig.events.census().resources, 7 - index, "one fewer after each close");
    }
    assert_eq!(rig.events.census().ops, 0);
}

/// A close without unread bytes ends the peer's stream in order, not with a reset.
pub(crate) fn a_close_is_the_end_for_the_peer(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    rig.send(pair.server, b"fin");
    let recv = rig.submit_recv(pair.client, 3);
    rig.transferred(recv);
    rig.close(pair.client);
    assert_eq!(rig.recv(pair.server, 1), b"", "the peer finds the end");
}

/// Connections of a closed listener that nobody accepted do not live on.
pub(crate) fn closing_a_listener_ends_what_waits_in_it(harness: &Harness) {
    let mut rig = harness.rig();
    let (listener, address) = rig.listen();
    let client = rig.connect(address);
    let accepted = rig.accept(listener);
    let waiting = rig.connect(address);
    rig.close(listener);
    let recv = rig.submit_recv(waiting, 8);
    let ended = rig.finish(recv).result;
    assert!(
        matches!(ended, Err(_) | Ok(Output::Transferred(0))),
        "a connection that nobody can accept gave {ended:?}"
    );
    rig.send(client, b"x");
    assert_eq!(rig.recv(accepted, 1), b"x", "what was accepted lives on");
}

/// Waits for that many terminal completions, in order.
fn terminals(rig: &mut Rig, count: usize) -> Vec<polyloop_core::Completion> {
    let mut completions = Vec::new();
    rig.wait("the end of every op of a key", |rig| {
        completions.extend(rig.take_all().into_iter().filter(|done| !done.is_more()));
        (completions.len() >= count).then_some(())
    });
    completions
}
