use std::time::Duration;

use polyloop_core::{ErrorKind, ListenSpec, LoopConfig, Op, OpenSpec, Output};

use crate::harness::Harness;
use crate::parts::anywhere;

/// A connection is a key on both sides, and bytes go both ways.
pub(crate) fn a_connection_carries_bytes_both_ways(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    rig.send(pair.client, b"ping");
    assert_eq!(rig.recv(pair.server, 4), b"ping");
    rig.send(pair.server, b"pong");
    assert_eq!(rig.recv(pair.client, 4), b"pong");
}

/// An accept that waits takes the connection that comes later.
pub(crate) fn an_accept_waits_for_a_connection(harness: &Harness) {
    let mut rig = harness.rig();
    let (listener, address) = rig.listen();
    let accept = rig.submit(Op::Accept { key: listener });
    rig.silent(accept, Duration::from_millis(5));
    rig.connect(address);
    let (output, op) = rig.succeed(accept);
    assert!(matches!(output, Output::Accepted(_)), "accept gave {output:?}");
    assert_eq!(op.key(), Some(listener), "the accept comes back");
}

/// A multishot accept goes on with each connection, and ends only when cancelled.
pub(crate) fn a_multishot_accept_takes_every_connection(harness: &Harness) {
    let mut rig = harness.rig();
    let (listener, address) = rig.listen();
    let accept = rig.submit(Op::AcceptMulti { key: listener });
    for round in 0..5 {
        let client = rig.connect(address);
        let Output::Accepted(server) = rig.more(accept) else {
            panic!("a multishot accept gives keys")
        };
        rig.send(client, &[round]);
        assert_eq!(rig.recv(server, 1), [round], "the key is of the connection");
    }
    rig.cancel(accept);
    let (error, _) = rig.fail(accept);
    assert!(error.is_canceled(), "a multishot accept that is cancelled ends so, not: {error}");
}

/// While a multishot accept is active another accept is busy.
pub(crate) fn a_second_accept_beside_a_multishot_one_is_busy(harness: &Harness) {
    let mut rig = harness.rig();
    let (listener, _) = rig.listen();
    rig.submit(Op::AcceptMulti { key: listener });
    for op in [Op::Accept { key: listener }, Op::AcceptMulti { key: listener }] {
        let kind = op.kind();
        let (error, _) = rig.err(op);
        assert_eq!(error.kind(), ErrorKind::Busy, "{}", kind.name());
    }
}

/// Connecting where nobody listens keeps the system's number, and says where to.
pub(crate) fn a_refused_connect_keeps_the_errno_and_says_where_to(harness: &Harness) {
    let mut rig = harness.rig();
    let (listener, address) = rig.listen();
    rig.close(listener);
    let key = rig.socket();
    let (error, op) = rig.err(Op::Connect { key, address: address.into() });
    assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::ConnectionRefused), "{error}");
    assert!(error.raw_os_error().is_some(), "the system's number is kept: {error:?}");
    let message = error.to_string();
    assert!(message.contains(&address.to_string()), "{message:?} does not say {address}");
    assert_eq!(op.key(), Some(key), "the connect comes back");
}

/// An address that is taken is an error of opening, which says which.
pub(crate) fn listening_where_another_listens_fails(harness: &Harness) {
    let mut rig = harness.rig();
    let (_listener, address) = rig.listen();
    let spec = Box::new(OpenSpec::TcpListener(ListenSpec::at(address)));
    let (error, op) = rig.err(Op::Open { spec });
    assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::AddrInUse), "{error}");
    assert!(error.to_string().contains(&address.to_string()), "{error} does not say {address}");
    let Op::Open { spec } = op else { panic!("an open comes back as an open") };
    assert!(matches!(*spec, OpenSpec::TcpListener(_)), "the spec comes back");
}

/// Each side knows its own address and the other's.
pub(crate) fn both_sides_know_both_addresses(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let (client, server) = (rig.address(pair.client), rig.address(pair.server));
    assert_ne!(client, server);
    assert_eq!(server, rig.address(pair.listener), "an accepted socket is bound as its listener");
    let peer_of = |key| rig.events.peer_address(key).expect("connected").as_ip();
    assert_eq!(peer_of(pair.client), Some(server), "the client's peer is the server");
    assert_eq!(peer_of(pair.server), Some(client), "the server's peer is the client");
}

/// Connections are accepted in the order in which they came.
pub(crate) fn connections_are_accepted_in_order(harness: &Harness) {
    let mut rig = harness.rig();
    let (listener, address) = rig.listen();
    let clients: Vec<_> = (0..4).map(|_| rig.connect(address)).collect();
    for client in clients {
        let server = rig.accept(listener);
        let peer = rig.events.peer_address(server).expect("connected").as_ip();
        assert_eq!(peer, Some(rig.address(client)), "first come, first accepted");
    }
}

/// With no room for another resource accepting pauses, and goes on when there is room.
pub(crate) fn accepting_pauses_at_the_bound_of_resources(harness: &Harness) {
    let mut config = LoopConfig::default();
    config.resources_max = 4;
    let mut rig = harness.rig_with(&config);
    let (listener, address) = rig.listen();
    let accept = rig.submit(Op::AcceptMulti { key: listener });
    let first = rig.connect(address);
    let Output::Accepted(_) = rig.more(accept) else { panic!("a multishot accept gives keys") };
    let second = rig.connect(address);
    rig.silent(accept, Duration::from_millis(20));
    rig.close(first);
    let Output::Accepted(server) = rig.more(accept) else {
        panic!("a multishot accept gives keys")
    };
    rig.send(second, b"x");
    assert_eq!(rig.recv(server, 1), b"x", "the connection that waited is intact");
}

/// Binding where the system chooses gives a port that can be asked for.
pub(crate) fn port_zero_becomes_a_port(harness: &Harness) {
    let mut rig = harness.rig();
    let (_, first) = rig.listen();
    let (_, second) = rig.listen();
    assert_ne!(first.port(), 0);
    assert_ne!(first, second, "two listeners have two ports");
    assert_eq!(first.ip(), anywhere().ip());
}

/// The family of a socket comes from the spec.
pub(crate) fn internet_version_6_works_where_the_machine_has_it(harness: &Harness) {
    let mut rig = harness.rig();
    let address = std::net::SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, 0));
    let open = Op::Open { spec: Box::new(OpenSpec::TcpListener(ListenSpec::at(address))) };
    let completion = rig.end_of(open);
    let Ok(Output::Opened(listener)) = completion.result else {
        crate::harness::skip("this machine has no ::1")
    };
    let address = rig.address(listener);
    let spec = polyloop_core::TcpSpec::to(address);
    let client = rig.open(OpenSpec::Tcp(spec));
    rig.ok(Op::Connect { key: client, address: address.into() });
    let server = rig.accept(listener);
    rig.send(client, b"six");
    assert_eq!(rig.recv(server, 3), b"six");
}
