use std::time::Duration;

use polyloop_core::{Op, OpId, Output};

use crate::harness::Harness;
use crate::parts::payload;
use crate::rig::buffer_of;

/// A pending op that is cancelled ends as cancelled, with its buffer.
pub(crate) fn a_cancelled_op_ends_and_gives_its_buffer_back(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let recv = rig.submit_recv(pair.server, 77);
    rig.turn(Duration::ZERO);
    rig.cancel(recv);
    let (error, op) = rig.fail(recv);
    assert!(error.is_canceled(), "expected cancelled, not {error}");
    assert_eq!(buffer_of(op).capacity(), 77, "the buffer comes back");
}

/// An op that is cancelled in the turn of its submission ends too.
pub(crate) fn a_cancel_in_the_same_turn_ends_the_op(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let recv = rig.submit_recv(pair.server, 8);
    rig.cancel(recv);
    let (error, _) = rig.fail(recv);
    assert!(error.is_canceled(), "expected cancelled, not {error}");
}

/// Cancelling twice gives one completion, and a stale id does nothing to others.
pub(crate) fn a_stale_id_cancels_nothing(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let recv = rig.submit_recv(pair.server, 8);
    rig.cancel(recv);
    rig.cancel(recv);
    rig.fail(recv);
    let next = rig.submit_recv(pair.server, 8);
    rig.cancel(recv);
    rig.events.cancel(OpId::from_bits(u64::MAX));
    rig.events.cancel(OpId::from_bits(0));
    rig.silent(next, Duration::from_millis(5));
    rig.send(pair.client, b"mine");
    assert_eq!(&rig.transferred(next).1[..], b"mine");
    assert!(rig.take(recv).is_none(), "a cancel was answered twice");
}

/// Those behind a cancelled op go on.
pub(crate) fn those_behind_a_cancelled_op_go_on(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let recvs = [1, 2, 3].map(|_| rig.submit_recv(pair.server, 4));
    rig.turn(Duration::ZERO);
    rig.cancel(recvs[0]);
    rig.fail(recvs[0]);
    rig.send(pair.client, b"abcd");
    assert_eq!(&rig.transferred(recvs[1]).1[..], b"abcd", "the next in the row gets the bytes");
    rig.send(pair.client, b"efgh");
    assert_eq!(&rig.transferred(recvs[2]).1[..], b"efgh");
}

/// Bytes that come together with a cancel are in the op's success, or stay in the stream.
pub(crate) fn a_cancel_that_races_bytes_loses_none(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    for round in 0..100_u8 {
        let recv = rig.submit_recv(pair.server, 64);
        if round % 3 == 0 {
            rig.turn(Duration::ZERO);
        }
        let bytes = [round; 16];
        // Without a turn, so that the receive may have been done and not been delivered.
        let sent = rig.events.try_send(pair.client, &[std::io::IoSlice::new(&bytes)]);
        assert_eq!(sent.expect("there is room"), bytes.len());
        if round % 2 == 0 {
            rig.turn(Duration::ZERO);
        }
        rig.cancel(recv);
        let completion = rig.finish(recv);
        let mut received = Vec::new();
        match completion.result {
            Ok(Output::Transferred(count)) => {
                let buffer = buffer_of(completion.op.expect("terminal"));
                assert_eq!(count, buffer.len());
                received.extend_from_slice(&buffer);
            }
            Ok(other) => panic!("a receive gave {other:?}"),
            Err(error) => assert!(error.is_canceled(), "expected cancelled, not {error}"),
        }
        let left = bytes.len() - received.len();
        received.extend(rig.recv(pair.server, left));
        assert_eq!(received, bytes, "bytes were lost or moved in round {round}");
    }
}

/// A send that is cancelled half-way tells how much had gone, and that much arrives.
pub(crate) fn a_send_cancelled_half_way_tells_how_much_went(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let bytes = payload(crate::parts::ROW_LEN);
    let send = rig.submit(Op::Send { key: pair.client, buffer: bytes.as_slice().into() });
    rig.linger(Duration::from_millis(10));
    rig.cancel(send);
    let (error, op) = rig.fail(send);
    assert!(error.is_canceled(), "expected cancelled, not {error}");
    assert_eq!(buffer_of(op).len(), bytes.len(), "the buffer comes back");
    let gone = error.transferred();
    assert!(gone > 0 && gone < bytes.len(), "{gone} bytes went before the cancel");
    let close = rig.submit_close(pair.client, polyloop_core::CloseMode::Flush);
    let received = rig.recv(pair.server, usize::MAX);
    assert_eq!(received.len(), gone, "as many bytes arrive as the error tells");
    assert!(received == bytes[..gone], "and they are the first ones");
    rig.succeed(close);
}

/// A send behind one that is cancelled follows what had gone.
pub(crate) fn a_send_behind_a_cancelled_one_goes_whole(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let first = rig.submit(Op::Send { key: pair.client, buffer: vec![b'a'; 32 << 20].into() });
    let second = rig.submit_send(pair.client, b"tail");
    rig.linger(Duration::from_millis(5));
    rig.cancel(first);
    let (error, _) = rig.fail(first);
    let close = rig.submit_close(pair.client, polyloop_core::CloseMode::Flush);
    let received = rig.recv(pair.server, usize::MAX);
    assert_eq!(received.len(), error.transferred() + 4);
    assert!(received.ends_with(b"tail"), "the second send goes whole, behind the first");
    rig.succeed(second);
    rig.succeed(close);
}

/// An accept that is cancelled takes nothing: the connection stays acceptable.
pub(crate) fn a_cancelled_accept_leaves_the_backlog(harness: &Harness) {
    let mut rig = harness.rig();
    let (listener, address) = rig.listen();
    let accept = rig.submit(Op::Accept { key: listener });
    rig.turn(Duration::ZERO);
    rig.cancel(accept);
    rig.fail(accept);
    let client = rig.connect(address);
    let server = rig.accept(listener);
    rig.send(client, b"x");
    assert_eq!(rig.recv(server, 1), b"x");
}

/// However the race of a cancel with a connection ends, nothing leaks and nothing is lost.
pub(crate) fn a_cancel_that_races_a_connection_leaks_nothing(harness: &Harness) {
    let mut rig = harness.rig();
    let (listener, address) = rig.listen();
    for round in 0..40 {
        let accept = rig.submit(Op::Accept { key: listener });
        if round % 2 == 0 {
            rig.turn(Duration::ZERO);
        }
        let client = rig.socket();
        let connect = rig.submit(Op::Connect { key: client, address: address.into() });
        rig.cancel(accept);
        let completion = rig.finish(accept);
        rig.succeed(connect);
        let server = match completion.result {
            Ok(Output::Accepted(server)) => server,
            Ok(other) => panic!("accept gave {other:?}"),
            Err(error) => {
                assert!(error.is_canceled(), "expected cancelled, not {error}");
                rig.accept(listener)
            }
        };
        rig.close(server);
        rig.close(client);
        let census = rig.events.census();
        assert_eq!(census.resources, 1, "only the listener is left after round {round}");
        assert_eq!(census.ops, 0, "no op is left after round {round}");
    }
}

/// A multishot accept that is cancelled among connections gives each key once or leaves it.
pub(crate) fn a_cancelled_multishot_accept_leaks_nothing(harness: &Harness) {
    let mut rig = harness.rig();
    let (listener, address) = rig.listen();
    for round in 0..10 {
        let accept = rig.submit(Op::AcceptMulti { key: listener });
        let clients = [1, 2, 3].map(|_| rig.connect(address));
        if round % 2 == 0 {
            rig.turn(Duration::ZERO);
        }
        rig.cancel(accept);
        let mut servers = Vec::new();
        loop {
            let completion = rig.next(accept);
            if !completion.is_more() {
                break;
            }
            match completion.result {
                Ok(Output::Accepted(server)) => servers.push(server),
                other => panic!("a multishot accept gave {other:?}"),
            }
        }
        while servers.len() < clients.len() {
            servers.push(rig.accept(listener));
        }
        servers.into_iter().chain(clients).for_each(|key| rig.close(key));
        let resources = rig.events.census().resources;
        assert_eq!(resources, 1, "only the listener is left after round {round}");
    }
}
