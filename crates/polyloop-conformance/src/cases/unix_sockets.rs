use std::net::Shutdown;
use std::time::Duration;

use polyloop_core::{
    Address, ErrorKind, Op, OpenSpec, Output, PairKind, UnixAddress, UnixDatagramSpec,
    UnixListenSpec, UnixStreamSpec,
};

use crate::cases::{attempts, cancelling, streams, watching};
use crate::harness::Harness;
use crate::parts::Scratch;
use crate::rig::buffer_of;

/// What holds for connections over the internet holds for those over Unix sockets.
pub(crate) fn unix_streams_keep_the_order_of_streams(harness: &Harness) {
    let cases = [
        streams::a_receive_uses_the_whole_storage,
        streams::completions_of_one_direction_come_in_order,
        streams::the_end_comes_after_all_bytes,
        streams::a_half_closed_stream_still_answers,
        streams::a_shutdown_comes_after_queued_sends,
        streams::a_send_after_shutdown_fails,
        streams::writing_to_a_closed_peer_is_an_error,
        streams::a_large_send_goes_whole_to_a_slow_reader,
        streams::a_vectored_send_sends_its_buffers_in_order,
        streams::a_waiting_receive_finds_the_end,
        attempts::try_recv_would_block_behind_a_waiting_receive,
        attempts::try_send_takes_what_fits_and_then_would_block,
    ];
    cases.iter().for_each(|case| case(&harness.over_unix()));
}

/// A Unix stream can be received ahead, and cancelling that loses nothing.
pub(crate) fn unix_streams_can_be_watched_and_cancelled(harness: &Harness) {
    let cases = [
        watching::readable_is_told_each_time_there_newly_is_something,
        watching::the_end_is_told_and_does_not_end_the_watch,
        watching::a_watched_stream_gives_its_bytes_before_its_end,
        watching::a_cancelled_watch_loses_no_bytes,
        watching::what_is_unread_is_told,
        cancelling::a_cancelled_op_ends_and_gives_its_buffer_back,
        cancelling::a_cancel_that_races_bytes_loses_none,
        cancelling::a_send_cancelled_half_way_tells_how_much_went,
    ];
    cases.iter().for_each(|case| case(&harness.over_unix()));
}

/// A listener at a path gives every connection, and each side knows what there is to know.
pub(crate) fn a_unix_listener_gives_every_connection(harness: &Harness) {
    let mut rig = harness.rig();
    let (scratch, own) = (Scratch::new(), Scratch::new());
    let listener = rig.unix_listen(&scratch);
    let accept = rig.submit(Op::AcceptMulti { key: listener });
    rig.silent(accept, Duration::from_millis(5));
    let names = [None, Some(own.address())];
    for name in names {
        let mut spec = UnixStreamSpec::unnamed();
        spec.bind = name.clone();
        let client = rig.unix(OpenSpec::UnixStream(spec));
        rig.ok(Op::Connect { key: client, address: scratch.address().into() });
        let Output::Accepted(server) = rig.more(accept) else { panic!("an accept gives keys") };
        rig.send(client, b"ping");
        assert_eq!(rig.recv(server, 4), b"ping", "the key is of the connection");
        let at = Address::from(scratch.address());
        assert_eq!(rig.events.peer_address(client).expect("connected"), at);
        assert_eq!(rig.events.local_address(server).expect("bound"), at);
        let name = Address::from(name.unwrap_or(UnixAddress::UNNAMED));
        assert_eq!(rig.events.local_address(client).expect("a socket"), name);
        assert_eq!(rig.events.peer_address(server).expect("connected"), name);
    }
    rig.cancel(accept);
    assert!(rig.fail(accept).0.is_canceled(), "an accept that is cancelled ends so");
    let waits = rig.submit(Op::Accept { key: listener });
    rig.cancel(waits);
    assert!(rig.fail(waits).0.is_canceled(), "an accept that is cancelled ends so");
}

/// A connect waits while the backlog is full, and goes on when there is room.
pub(crate) fn a_unix_connect_waits_for_room_in_the_backlog(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let mut spec = UnixListenSpec::at(scratch.address());
    spec.backlog = 1;
    let listener = rig.unix(OpenSpec::UnixListener(spec));
    let clients: Vec<_> = (0..6).map(|_| rig.unix_socket()).collect();
    let address = Address::from(scratch.address());
    let connects: Vec<_> = clients
        .iter()
        .map(|key| rig.submit(Op::Connect { key: *key, address: address.clone() }))
        .collect();
    rig.linger(Duration::from_millis(5));
    let refused = Err(ErrorKind::Io(std::io::ErrorKind::ConnectionRefused));
    let last = rig.take(connects[5]);
    if last.is_some_and(|last| last.result.map(drop).map_err(|error| error.kind()) == refused) {
        crate::harness::skip("this system refuses where the backlog is full");
    }
    let extra = rig.unix_socket();
    let given_up = rig.submit(Op::Connect { key: extra, address });
    rig.turn(Duration::ZERO);
    rig.cancel(given_up);
    let (error, _) = rig.fail(given_up);
    assert!(error.is_canceled(), "a connect that waits can be cancelled: {error}");
    for round in 0..clients.len() {
        rig.accept(listener);
        let done = rig.wait("a connect that has room", |rig| {
            let mut tickets = connects.iter();
            tickets.find_map(|ticket| rig.take(*ticket))
        });
        assert!(done.result.is_ok(), "connect {round}: {:?}", done.result);
    }
}

/// Connecting where nobody listens says where to.
pub(crate) fn a_missing_unix_listener_is_named(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let key = rig.unix_socket();
    let (error, _) = rig.err(Op::Connect { key, address: scratch.address().into() });
    assert!(error.raw_os_error().is_some(), "the system's number is kept: {error:?}");
    let path = scratch.path().display().to_string();
    assert!(error.to_string().contains(&path), "{error} does not say {path}");
    let taken = rig.unix_listen(&scratch);
    let spec = Box::new(OpenSpec::UnixListener(UnixListenSpec::at(scratch.address())));
    let (error, _) = rig.err(Op::Open { spec });
    assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::AddrInUse), "{error}");
    assert!(error.to_string().contains(&path), "{error} does not say {path}");
    rig.close(taken);
}

/// A name that no system takes is refused wherever it is used, with the name and the limit.
pub(crate) fn a_unix_name_that_is_too_long_is_refused(harness: &Harness) {
    let mut rig = harness.rig();
    let name = UnixAddress::path(format!("/tmp/{}", "x".repeat(300))).expect("no NUL in it");
    let (stream, _) = rig.socket_pair(PairKind::Stream);
    let socket = rig.unix_socket();
    let datagram = rig.unix(OpenSpec::UnixDatagram(UnixDatagramSpec::unnamed()));
    let listen = OpenSpec::UnixListener(UnixListenSpec::at(name.clone()));
    let bound = OpenSpec::UnixDatagram(UnixDatagramSpec::at(name.clone()));
    let ops = [
        Op::Open { spec: Box::new(listen) },
        Op::Open { spec: Box::new(bound) },
        Op::Connect { key: socket, address: name.clone().into() },
        Op::SendTo { key: datagram, buffer: b"x"[..].into(), address: name.clone().into() },
    ];
    for op in ops {
        let kind = op.kind();
        let (error, _) = rig.err(op);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{}: {error}", kind.name());
        let text = error.to_string();
        assert!(text.contains(&name.to_string()) && text.contains("10"), "{}: {text}", kind.name());
    }
    rig.close(stream);
}

/// An abstract name is an address too, where the system has such.
pub(crate) fn an_abstract_name_is_an_address(harness: &Harness) {
    let mut rig = harness.rig();
    let unique = Scratch::new().path().display().to_string();
    let name = UnixAddress::abstract_name(format!("{unique}\0tail"));
    let listener = rig.unix(OpenSpec::UnixListener(UnixListenSpec::at(name.clone())));
    let client = rig.unix_socket();
    rig.ok(Op::Connect { key: client, address: name.clone().into() });
    let server = rig.accept(listener);
    assert_eq!(rig.events.peer_address(client).expect("connected").as_unix(), Some(&name));
    assert_eq!(rig.events.local_address(server).expect("bound").as_unix(), Some(&name));
    rig.send(server, b"abstract");
    assert_eq!(rig.recv(client, 8), b"abstract");
}

/// The two sockets of a pair are connected to each other, and have no names.
pub(crate) fn the_sockets_of_a_pair_are_connected(harness: &Harness) {
    let mut rig = harness.rig();
    let (first, second) = rig.socket_pair(PairKind::Stream);
    for (from, to) in [(first, second), (second, first)] {
        rig.send(from, b"across");
        assert_eq!(rig.recv(to, 6), b"across");
        let peer = rig.events.peer_address(from).expect("connected");
        assert_eq!(peer, UnixAddress::UNNAMED.into());
    }
    rig.ok(Op::Shutdown { key: first, how: Shutdown::Write });
    assert_eq!(rig.recv(second, 1), b"", "the end of one direction");
    rig.send(second, b"still");
    assert_eq!(rig.recv(first, 5), b"still", "the other goes on");

    let (first, second) = rig.socket_pair(PairKind::Datagram);
    rig.send(first, b"one");
    rig.send(first, b"two");
    for expected in [b"one", b"two"] {
        let recv = rig.submit_recv(second, 16);
        assert_eq!(&rig.transferred(recv).1[..], expected, "one datagram for each receive");
    }
}

/// A Unix datagram arrives whole, and says who sent it: a path, or nobody.
pub(crate) fn a_unix_datagram_says_who_sent_it(harness: &Harness) {
    let mut rig = harness.rig();
    let (here, there) = (Scratch::new(), Scratch::new());
    let (named, receiver) = (rig.unix_datagram(&here), rig.unix_datagram(&there));
    let unnamed = rig.unix(OpenSpec::UnixDatagram(UnixDatagramSpec::unnamed()));
    for (sender, name) in [(named, here.address()), (unnamed, UnixAddress::UNNAMED)] {
        let recv = rig.submit_recv_from(receiver, 64);
        let send = rig.submit_send_to(sender, b"a datagram", &there);
        rig.succeed(send);
        let (output, op) = rig.succeed(recv);
        let Output::ReceivedFrom { len, address, .. } = output else { panic!("{output:?}") };
        assert_eq!((len, address.as_unix()), (10, Some(&name)));
        assert_eq!(&buffer_of(op)[..], b"a datagram");
    }
    let to = Address::from(there.address());
    rig.events.try_send_to(unnamed, &[std::io::IoSlice::new(b"tried")], &to).expect("room");
    rig.readable(receiver);
    let (len, from) = rig.events.try_recv_from(receiver, &mut [0; 16]).expect("a datagram");
    assert_eq!((len, from), (5, UnixAddress::UNNAMED.into()));
}

/// A datagram whose receiver has no room waits for it: none is lost, and their order holds.
pub(crate) fn unix_datagrams_wait_for_room_with_their_receiver(harness: &Harness) {
    let mut rig = harness.rig();
    let there = Scratch::new();
    let receiver = rig.unix_datagram(&there);
    let sender = rig.unix(OpenSpec::UnixDatagram(UnixDatagramSpec::unnamed()));
    // More than Linux lets wait at one receiver, net.unix.max_dgram_qlen: 10 or 512 mostly.
    let sends: Vec<_> =
        (0..600u16).map(|n| rig.submit_send_to(sender, &n.to_be_bytes(), &there)).collect();
    let given_up = rig.submit_send_to(sender, b"given up", &there);
    rig.linger(Duration::from_millis(5));
    rig.cancel(given_up);
    for expected in 0..600u16 {
        let recv = rig.submit_recv_from(receiver, 16);
        let (_, op) = rig.succeed(recv);
        assert_eq!(buffer_of(op)[..], expected.to_be_bytes());
    }
    for send in sends {
        rig.succeed(send);
    }
    if let Some(error) = rig.finish(given_up).result.err() {
        assert!(error.is_canceled(), "a send that waits can be cancelled: {error}");
    }
}
