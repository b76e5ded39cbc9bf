use std::io::IoSlice;
use std::time::Duration;

use polyloop_core::{Buffer, ErrorKind, Key, Op, OpenSpec, Output, UdpSpec};

use crate::harness::Harness;
use crate::parts::anywhere;
use crate::rig::{Rig, Ticket, buffer_of};

fn recv_from(rig: &mut Rig, key: Key, capacity: usize) -> Ticket {
    rig.submit(Op::RecvFrom { key, buffer: Buffer::with_capacity(capacity) })
}

/// A datagram arrives whole, and says who sent it.
pub(crate) fn a_datagram_says_who_sent_it(harness: &Harness) {
    let mut rig = harness.rig();
    let ((here, here_at), (there, there_at)) = (rig.datagram(), rig.datagram());
    let recv = recv_from(&mut rig, there, 100);
    rig.silent(recv, Duration::from_millis(5));
    let buffer = Buffer::from(&b"a datagram"[..]);
    let (output, op) = rig.ok(Op::SendTo { key: here, buffer, address: there_at.into() });
    assert!(matches!(output, Output::Transferred(10)), "the send gave {output:?}");
    assert_eq!(&buffer_of(op)[..], b"a datagram", "the buffer comes back");
    let (output, op) = rig.succeed(recv);
    let Output::ReceivedFrom { len, address, .. } = output else { panic!("it gave {output:?}") };
    assert_eq!((len, address.as_ip()), (10, Some(here_at)));
    let buffer = buffer_of(op);
    assert_eq!((&buffer[..], buffer.capacity()), (&b"a datagram"[..], 100));
}

/// What does not fit the buffer is lost, and does not come with the next datagram.
pub(crate) fn what_does_not_fit_of_a_datagram_is_lost(harness: &Harness) {
    let mut rig = harness.rig();
    let ((here, _), (there, at)) = (rig.datagram(), rig.datagram());
    for bytes in [&b"too long for it"[..], b"next"] {
        rig.ok(Op::SendTo { key: here, buffer: bytes.into(), address: at.into() });
    }
    for expected in [&b"too "[..], b"next"] {
        let recv = recv_from(&mut rig, there, 4);
        let (_, op) = rig.succeed(recv);
        assert_eq!(&buffer_of(op)[..], expected);
    }
}

/// Attempts at datagrams take one each, or would block.
pub(crate) fn datagrams_can_be_tried(harness: &Harness) {
    let mut rig = harness.rig();
    let ((here, here_at), (there, at)) = (rig.datagram(), rig.datagram());
    let error = rig.events.try_recv_from(there, &mut [0; 8]).expect_err("nothing is there");
    assert!(error.is_would_block(), "expected would block, not {error}");
    let slices = [IoSlice::new(b"in "), IoSlice::new(b"two")];
    let sent = rig.events.try_send_to(here, &slices, &at.into()).expect("there is room");
    assert_eq!(sent, 6, "the slices are one datagram");
    rig.readable(there);
    let mut buf = [0; 16];
    let (count, from) = rig.events.try_recv_from(there, &mut buf).expect("a datagram");
    assert_eq!((&buf[..count], from.as_ip()), (&b"in two"[..], Some(here_at)));
    let error = rig.events.try_recv_from(there, &mut buf).expect_err("it was the only one");
    assert!(error.is_would_block(), "expected would block, not {error}");
}

/// An attempt does not overtake a receive that waits.
pub(crate) fn a_tried_datagram_does_not_overtake(harness: &Harness) {
    let mut rig = harness.rig();
    let ((here, _), (there, at)) = (rig.datagram(), rig.datagram());
    let recv = recv_from(&mut rig, there, 8);
    rig.ok(Op::SendTo { key: here, buffer: b"mine"[..].into(), address: at.into() });
    let tried = rig.events.try_recv_from(there, &mut [0; 8]);
    // Once the receive is done nothing is left; while it waits nothing may be taken.
    assert!(tried.expect_err("the datagram is the receive's").is_would_block());
    assert_eq!(&buffer_of(rig.succeed(recv).1)[..], b"mine");
}

/// A connected datagram socket sends and receives like a stream, datagram by datagram.
pub(crate) fn a_connected_datagram_socket_has_one_peer(harness: &Harness) {
    let mut rig = harness.rig();
    let (there, at) = rig.datagram();
    let mut spec = UdpSpec::at(anywhere());
    spec.connect = Some(at);
    let here = rig.open(OpenSpec::Udp(spec));
    let here_at = rig.address(here);
    assert_eq!(rig.events.peer_address(here).expect("connected").as_ip(), Some(at));
    rig.ok(Op::Connect { key: there, address: here_at.into() });
    rig.send(here, b"one");
    rig.send(here, b"two");
    for expected in [b"one", b"two"] {
        let recv = rig.submit_recv(there, 64);
        assert_eq!(&rig.transferred(recv).1[..], expected, "one datagram for each receive");
    }
    let sent = rig.events.try_send(there, &[IoSlice::new(b"back")]).expect("there is room");
    assert_eq!(sent, 4);
    rig.readable(here);
    let mut buf = [0; 8];
    assert_eq!(rig.events.try_recv(here, &mut buf).expect("a datagram"), 4);
    assert_eq!(&buf[..4], b"back");
}

/// However many buffers a datagram is of, it is one: more than systems take in one call, too.
pub(crate) fn a_datagram_of_many_buffers_is_one(harness: &Harness) {
    let mut rig = harness.rig();
    let (there, at) = rig.datagram();
    let mut spec = UdpSpec::at(anywhere());
    spec.connect = Some(at);
    let here = rig.open(OpenSpec::Udp(spec));
    let bytes: Vec<u8> = (0..3000u32).map(|n| n as u8).collect();
    let buffers = bytes.chunks(1).map(Buffer::from).collect();
    let send = rig.submit(Op::SendVectored { key: here, buffers });
    assert!(matches!(rig.succeed(send).0, Output::Transferred(3000)));
    let slices: Vec<IoSlice<'_>> = bytes.chunks(1).map(IoSlice::new).collect();
    assert_eq!(rig.events.try_send(here, &slices).expect("there is room"), 3000);
    assert_eq!(rig.events.try_send_to(here, &slices, &at.into()).expect("there is room"), 3000);
    for way in ["an op", "an attempt", "an attempt with an address"] {
        let recv = recv_from(&mut rig, there, 4000);
        assert!(buffer_of(rig.succeed(recv).1)[..] == bytes[..], "by {way}");
    }
}

/// An empty datagram is one: sending nothing to the peer sends it, by every way.
pub(crate) fn an_empty_datagram_is_a_datagram(harness: &Harness) {
    let mut rig = harness.rig();
    let (there, at) = rig.datagram();
    let mut spec = UdpSpec::at(anywhere());
    spec.connect = Some(at);
    let here = rig.open(OpenSpec::Udp(spec));
    let ops = [
        Op::Send { key: here, buffer: Buffer::default() },
        Op::SendVectored { key: here, buffers: Vec::new() },
        Op::SendVectored { key: here, buffers: vec![Buffer::default(), Buffer::default()] },
        Op::SendTo { key: here, buffer: Buffer::default(), address: at.into() },
    ];
    for op in ops {
        let kind = op.kind();
        let (output, _) = rig.ok(op);
        assert!(matches!(output, Output::Transferred(0)), "{} gave {output:?}", kind.name());
        let recv = recv_from(&mut rig, there, 8);
        let (output, _) = rig.succeed(recv);
        let empty = matches!(output, Output::ReceivedFrom { len: 0, .. });
        assert!(empty, "{} arrived as {output:?}", kind.name());
    }
    for slices in [&[][..], &[IoSlice::new(b"")], &[IoSlice::new(b""), IoSlice::new(b"")]] {
        let sent = rig.events.try_send(here, slices).expect("there is room");
        assert_eq!(sent, 0);
        rig.readable(there);
        let (count, _) = rig.events.try_recv_from(there, &mut [0; 8]).expect("a datagram");
        assert_eq!(count, 0, "an empty datagram");
    }
}

/// What is for streams is invalid for datagrams, and so is receiving one into no memory; none
/// is taken by it.
pub(crate) fn what_a_datagram_cannot_do_leaves_it_there(harness: &Harness) {
    let mut rig = harness.rig();
    let ((here, _), (there, at)) = (rig.datagram(), rig.datagram());
    rig.ok(Op::SendTo { key: here, buffer: b"kept"[..].into(), address: at.into() });
    rig.readable(there);
    let invalid = [
        rig.events.try_recv(there, &mut []).map(drop),
        rig.events.try_recv_from(there, &mut []).map(drop),
        rig.events.try_recv_chunk(there).map(drop),
        rig.events.unread(there, b"x"),
    ];
    for (index, result) in invalid.into_iter().enumerate() {
        let error = result.expect_err("it does not fit a datagram");
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "attempt {index}");
    }
    let (count, _) = rig.events.try_recv_from(there, &mut [0; 8]).expect("it was kept");
    assert_eq!(count, 4);
}

/// Sending without saying where to, on a socket without a peer, is an error.
pub(crate) fn a_datagram_without_a_destination_fails(harness: &Harness) {
    let mut rig = harness.rig();
    let (here, _) = rig.datagram();
    let send = rig.submit_send(here, b"where to?");
    let (error, op) = rig.fail(send);
    assert!(error.raw_os_error().is_some(), "the system's number is kept: {error:?}");
    assert_eq!(&buffer_of(op)[..], b"where to?", "the buffer comes back");
}

/// A cancelled datagram receive takes none.
pub(crate) fn a_cancelled_datagram_receive_takes_none(harness: &Harness) {
    let mut rig = harness.rig();
    let ((here, _), (there, at)) = (rig.datagram(), rig.datagram());
    let recv = recv_from(&mut rig, there, 8);
    rig.turn(Duration::ZERO);
    rig.cancel(recv);
    let (error, op) = rig.fail(recv);
    assert!(error.is_canceled(), "expected cancelled, not {error}");
    assert_eq!(buffer_of(op).capacity(), 8, "the buffer comes back");
    rig.ok(Op::SendTo { key: here, buffer: b"kept"[..].into(), address: at.into() });
    let recv = recv_from(&mut rig, there, 8);
    assert_eq!(&buffer_of(rig.succeed(recv).1)[..], b"kept");
}

/// Two datagram sockets do not share an address.
pub(crate) fn a_bound_address_is_taken(harness: &Harness) {
    let mut rig = harness.rig();
    let (_, at) = rig.datagram();
    let spec = Box::new(OpenSpec::Udp(UdpSpec::at(at)));
    let (error, _) = rig.err(Op::Open { spec });
    assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::AddrInUse), "{error}");
}
