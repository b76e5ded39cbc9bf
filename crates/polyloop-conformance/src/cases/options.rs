use std::time::Duration;

use polyloop_core::{ErrorKind, OpenSpec, OptionName, SocketOption, TcpSpec};

use crate::harness::Harness;
use crate::parts::anywhere;

/// What is set is what is read.
pub(crate) fn an_option_that_is_set_is_read(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let (datagram, _) = rig.datagram();
    let second = Duration::from_secs(1);
    let options = [
        (pair.client, OptionName::Nodelay, SocketOption::Nodelay(true)),
        (pair.client, OptionName::Nodelay, SocketOption::Nodelay(false)),
        (pair.client, OptionName::KeepAlive, SocketOption::KeepAlive(Some(60 * second))),
        (pair.client, OptionName::KeepAlive, SocketOption::KeepAlive(None)),
        (pair.client, OptionName::Linger, SocketOption::Linger(Some(second))),
        (pair.client, OptionName::Linger, SocketOption::Linger(None)),
        (pair.client, OptionName::HopLimit, SocketOption::HopLimit(33)),
        (datagram, OptionName::HopLimit, SocketOption::HopLimit(34)),
        (datagram, OptionName::MulticastHops, SocketOption::MulticastHops(3)),
        (datagram, OptionName::MulticastLoop, SocketOption::MulticastLoop(false)),
        (datagram, OptionName::Broadcast, SocketOption::Broadcast(true)),
        (datagram, OptionName::Broadcast, SocketOption::Broadcast(false)),
    ];
    for (key, name, option) in options {
        let set = rig.events.set_option(key, option.clone());
        set.unwrap_or_else(|error| panic!("{option:?}: {error}"));
        let read = rig.events.option(key, name).expect("what can be set can be read");
        assert_eq!(read, option, "it is what was set");
    }
}

/// Sizes of buffers may be rounded, but not to nothing.
pub(crate) fn buffer_sizes_are_at_least_about_what_was_asked_for(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let size = 32 * 1024;
    let events = &mut rig.events;
    events.set_option(pair.client, SocketOption::SendBuffer(size)).expect("it can be set");
    events.set_option(pair.client, SocketOption::ReceiveBuffer(size)).expect("it can be set");
    let SocketOption::SendBuffer(sending) =
        events.option(pair.client, OptionName::SendBuffer).expect("it can be read")
    else {
        panic!("the option that was asked for is the one that is read")
    };
    let SocketOption::ReceiveBuffer(receiving) =
        events.option(pair.client, OptionName::ReceiveBuffer).expect("it can be read")
    else {
        panic!("the option that was asked for is the one that is read")
    };
    let sensible = size..=4 * size;
    assert!(sensible.contains(&sending) && sensible.contains(&receiving), "{sending} {receiving}");
}

/// The options of a spec hold when the socket is made.
pub(crate) fn the_options_of_a_spec_hold(harness: &Harness) {
    let mut rig = harness.rig();
    for on in [true, false] {
        let mut spec = TcpSpec::to(anywhere());
        spec.nodelay = on;
        let key = rig.open(OpenSpec::Tcp(spec));
        let nodelay = rig.events.option(key, OptionName::Nodelay).expect("a socket has it");
        assert_eq!(nodelay, SocketOption::Nodelay(on));
    }
}

/// Options of a key that is closed are stale.
pub(crate) fn options_of_a_closed_key_are_stale(harness: &Harness) {
    let mut rig = harness.rig();
    let key = rig.socket();
    rig.close(key);
    let set = rig.events.set_option(key, SocketOption::Nodelay(true));
    assert_eq!(set.expect_err("the key is stale").kind(), ErrorKind::StaleKey);
    let read = rig.events.option(key, OptionName::Nodelay);
    assert_eq!(read.expect_err("the key is stale").kind(), ErrorKind::StaleKey);
}

/// A socket without a peer has no peer's address.
pub(crate) fn an_unconnected_socket_has_no_peer(harness: &Harness) {
    let mut rig = harness.rig();
    let key = rig.socket();
    let error = rig.events.peer_address(key).expect_err("it has no peer");
    assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::NotConnected), "{error}");
}
