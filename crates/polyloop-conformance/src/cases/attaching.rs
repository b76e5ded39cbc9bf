use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use polyloop_core::{Detached, ErrorKind, Interest, Key, Op, OsHandle, Output};

use crate::harness::{Harness, skip};
use crate::parts::anywhere;
use crate::rig::Rig;

/// Makes a loop that can attach, or leaves the case.
fn attaching(harness: &Harness) -> Rig {
    let rig = harness.rig();
    if !rig.events.capabilities().attach {
        skip("the loop cannot attach handles");
    }
    rig
}

/// Makes a connection with the operating system alone.
fn std_pair(rig: &Rig) -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind(anywhere()).expect("a listener");
    let address = listener.local_addr().expect("it is bound");
    let client = TcpStream::connect(address).expect("a connection");
    let (server, _) = listener.accept().expect("a connection");
    client.set_read_timeout(Some(rig.patience())).expect("a timeout can be set");
    server.set_read_timeout(Some(rig.patience())).expect("a timeout can be set");
    (client, server)
}

fn attach(rig: &mut Rig, handle: OsHandle) -> Key {
    match rig.events.attach(handle) {
        Ok(key) => key,
        Err(rejected) => panic!("a loop that can attach refused: {}", rejected.error),
    }
}

fn detach(rig: &mut Rig, key: Key) -> Detached {
    match rig.ok(Op::Detach { key }) {
        (Output::Detached(detached), _) => *detached,
        (other, _) => panic!("detach gave {other:?}"),
    }
}

/// A stream that is attached is one of the loop's own; detached it is the caller's again.
pub(crate) fn an_attached_stream_is_like_any_other(harness: &Harness) {
    let mut rig = attaching(harness);
    let (mut peer, stream) = std_pair(&rig);
    let key = attach(&mut rig, OsHandle::TcpStream(stream));
    assert_eq!(rig.events.census().resources, 1);
    rig.send(key, b"out");
    let mut buf = [0; 3];
    peer.read_exact(&mut buf).expect("the bytes of the loop");
    assert_eq!(&buf, b"out");
    peer.write_all(b"in").expect("room");
    assert_eq!(rig.recv(key, 2), b"in");
    let detached = detach(&mut rig, key);
    assert_eq!(rig.events.census().resources, 0, "a detached resource is not the loop's");
    let recv = rig.submit_recv(key, 8);
    let (error, _) = rig.fail(recv);
    assert_eq!(error.kind(), ErrorKind::StaleKey, "the key is stale: {error}");
    let OsHandle::TcpStream(mut stream) = detached.handle else {
        panic!("a stream comes back as {:?}", detached.handle)
    };
    assert!(detached.unread.is_empty(), "nothing was received ahead");
    // It waits again, as it did before.
    let writer = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(10));
        peer.write_all(b"again").map(|()| peer)
    });
    let mut buf = [0; 5];
    stream.read_exact(&mut buf).expect("a detached stream waits as it did before");
    assert_eq!(&buf, b"again");
    writer.join().expect("no panic").expect("room");
}

/// Detaching ends a watch first and hands over what was received ahead.
pub(crate) fn detaching_hands_unread_bytes_over(harness: &Harness) {
    let mut rig = attaching(harness);
    let (mut peer, stream) = std_pair(&rig);
    let key = attach(&mut rig, OsHandle::TcpStream(stream));
    let watch = rig.submit(Op::RecvMulti { key });
    peer.write_all(b"0123456789").expect("room");
    assert!(matches!(rig.more(watch), Output::Readable));
    let mut buf = [0; 4];
    assert_eq!(rig.events.try_recv(key, &mut buf).expect("bytes"), 4);
    rig.events.unread(key, b"23").expect("a stream takes bytes back");
    let detach = rig.submit(Op::Detach { key });
    let order = rig.wait("the watch and the detach to end", |rig| {
        let all: Vec<_> = rig.take_all().into_iter().filter(|done| !done.is_more()).collect();
        (!all.is_empty()).then_some(all)
    });
    assert_eq!(order[0].token, watch.token, "the watch ends first");
    let last = order.into_iter().find(|done| done.token == detach.token);
    let last = last.unwrap_or_else(|| rig.finish(detach));
    let Ok(Output::Detached(detached)) = last.result else { panic!("detach gave {last:?}") };
    let OsHandle::TcpStream(mut stream) = detached.handle else { panic!("it was a stream") };
    let mut bytes = detached.unread;
    bytes.resize(8, 0);
    let ahead = bytes.iter().position(|byte| *byte == 0).unwrap_or(8);
    stream.read_exact(&mut bytes[ahead..]).expect("the rest is in the stream");
    assert_eq!(bytes, b"23456789", "what was received ahead comes before the rest");
}

/// A listener can be attached.
pub(crate) fn an_attached_listener_accepts(harness: &Harness) {
    let mut rig = attaching(harness);
    let listener = TcpListener::bind(anywhere()).expect("a listener");
    let address = listener.local_addr().expect("it is bound");
    let key = attach(&mut rig, OsHandle::TcpListener(listener));
    assert_eq!(rig.address(key), address);
    let client = rig.connect(address);
    let server = rig.accept(key);
    rig.send(client, b"x");
    assert_eq!(rig.recv(server, 1), b"x");
}

/// Peers learn that a loop was closed: its sockets end with it.
pub(crate) fn closing_a_loop_ends_its_connections(harness: &Harness) {
    let mut rig = attaching(harness);
    let (mut peer, stream) = std_pair(&rig);
    let key = attach(&mut rig, OsHandle::TcpStream(stream));
    rig.submit_recv(key, 8);
    rig.turn(Duration::ZERO);
    rig.events.close(Duration::from_secs(1));
    let read = peer.read(&mut [0; 8]);
    assert!(matches!(read, Ok(0)), "the peer of a closed loop finds {read:?}");
}

/// A descriptor that is only polled can be attached, watched, and taken back.
pub(crate) fn an_attached_descriptor_can_be_polled(harness: &Harness) {
    let mut rig = attaching(harness);
    let (stream, mut peer) = std_pair(&rig);
    let duplicate = stream.try_clone().expect("a duplicate");
    let Some(descriptor) = crate::sys::descriptor_of(duplicate) else {
        skip("no descriptors on this system")
    };
    let key = attach(&mut rig, OsHandle::Descriptor(descriptor));
    let poll = rig.submit(Op::Poll { key, interest: Interest::READABLE });
    rig.silent(poll, Duration::from_millis(5));
    peer.write_all(b"shared").expect("room");
    rig.succeed(poll);
    let recv = rig.submit_recv(key, 8);
    let (error, _) = rig.fail(recv);
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "it is only polled: {error}");
    let cancelled = rig.submit(Op::PollMulti { key, interest: Interest::READABLE });
    rig.more(cancelled);
    rig.cancel(cancelled);
    rig.fail(cancelled);
    let mut buf = [0; 6];
    (&stream).read_exact(&mut buf).expect("polling took nothing");
    assert_eq!(&buf, b"shared");
    let detached = detach(&mut rig, key);
    assert!(matches!(detached.handle, OsHandle::Descriptor(_)), "{:?}", detached.handle);
}
