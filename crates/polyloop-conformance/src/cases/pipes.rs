use polyloop_core::{ErrorKind, Op};

use crate::harness::Harness;
use crate::parts::payload;

/// A pipe carries bytes from its write end to its read end.
pub(crate) fn a_pipe_carries_bytes(harness: &Harness) {
    let mut rig = harness.rig();
    let (read, write) = rig.pipe();
    let recv = rig.submit_recv(read, 16);
    rig.send(write, b"through");
    assert_eq!(&rig.transferred(recv).1[..], b"through");
}

/// Closing the write end is the end for the reader, after all bytes.
pub(crate) fn a_closed_write_end_is_the_end(harness: &Harness) {
    let mut rig = harness.rig();
    let (read, write) = rig.pipe();
    rig.send(write, b"last");
    rig.close(write);
    assert_eq!(rig.recv(read, 100), b"last");
    assert_eq!(rig.recv(read, 1), b"");
}

/// Writing where nobody reads is an error, and no signal.
pub(crate) fn a_closed_read_end_breaks_the_pipe(harness: &Harness) {
    let mut rig = harness.rig();
    let (read, write) = rig.pipe();
    rig.close(read);
    let send = rig.submit_send(write, b"nobody reads");
    let (error, op) = rig.fail(send);
    assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::BrokenPipe), "{error}");
    assert_eq!(&crate::rig::buffer_of(op)[..], b"nobody reads", "the buffer comes back");
}

/// More than a pipe holds goes through whole.
pub(crate) fn a_pipe_carries_more_than_it_holds(harness: &Harness) {
    let mut rig = harness.rig();
    let (read, write) = rig.pipe();
    let bytes = payload(1 << 20);
    let send = rig.submit_send(write, &bytes);
    assert!(rig.recv(read, bytes.len()) == bytes, "the bytes arrive in order");
    assert_eq!(rig.transferred(send).0, bytes.len());
}

/// The ends of a pipe have no addresses and no socket options.
pub(crate) fn a_pipe_is_not_a_socket(harness: &Harness) {
    let mut rig = harness.rig();
    let (read, _) = rig.pipe();
    let nodelay = polyloop_core::SocketOption::Nodelay(true);
    for result in [
        rig.events.local_address(read).map(drop),
        rig.events.peer_address(read).map(drop),
        rig.events.set_option(read, nodelay),
        rig.events.option(read, polyloop_core::OptionName::Nodelay).map(drop),
    ] {
        assert_eq!(result.expect_err("not a socket").kind(), ErrorKind::InvalidInput);
    }
}

/// A cancelled receive of a pipe takes nothing.
pub(crate) fn a_cancelled_pipe_receive_takes_nothing(harness: &Harness) {
    let mut rig = harness.rig();
    let (read, write) = rig.pipe();
    let recv = rig.submit_recv(read, 8);
    rig.turn(std::time::Duration::ZERO);
    rig.cancel(recv);
    let (error, _) = rig.fail(recv);
    assert!(error.is_canceled(), "expected cancelled, not {error}");
    rig.send(write, b"kept");
    assert_eq!(rig.recv(read, 4), b"kept");
    rig.ok(Op::Poll { key: write, interest: polyloop_core::Interest::WRITABLE });
}
