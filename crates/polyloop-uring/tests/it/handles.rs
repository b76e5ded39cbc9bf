use std::io::{ErrorKind as IoErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

use polyloop_core::{ErrorKind, EventLoop, Interest, LoopConfig, Op, OsHandle, Output};

use crate::driver::{Driver, on_each_step};

fn streams() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    let one = TcpStream::connect(listener.local_addr().expect("an address")).expect("connected");
    (one, listener.accept().expect("accepted").0)
}

#[test]
fn a_stream_that_does_not_wait_is_attached_and_given_back_as_it_was() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let (mut peer, stream) = streams();
        stream.set_nonblocking(true).expect("set");
        let key = driver.events.attach(OsHandle::TcpStream(stream)).expect("attached");
        let (watch, _) = driver.submit(Op::RecvMulti { key });
        peer.write_all(b"received ahead").expect("written");
        assert!(driver.wait(watch).is_more());
        let (detach, _) = driver.submit(Op::Detach { key });
        assert!(driver.wait(watch).result.expect_err("ended").is_canceled());
        let Ok(Output::Detached(detached)) = driver.wait(detach).result else { panic!("kept") };
        assert_eq!(detached.unread, b"received ahead");
        let OsHandle::TcpStream(mut stream) = detached.handle else { panic!("another handle") };
        let error = stream.read(&mut [0; 8]).expect_err("nothing there");
        assert_eq!(error.kind(), IoErrorKind::WouldBlock, "it is as it was");
        stream.write_all(b"alive").expect("written");
        peer.read_exact(&mut [0; 5]).expect("read");
        let stale = driver.result(Op::RecvMulti { key }).expect_err("detached");
        assert_eq!(stale.kind(), ErrorKind::StaleKey);
        assert_eq!(driver.events.census(), Default::default());
    });
}

#[test]
fn a_stream_that_somebody_makes_not_wait_is_waited_for_by_polling() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let (mut peer, stream) = streams();
        let shared = stream.try_clone().expect("a duplicate");
        let key = driver.events.attach(OsHandle::TcpStream(stream)).expect("attached");
        shared.set_nonblocking(true).expect("set");
        let buffer = polyloop_core::Buffer::with_capacity(64);
        let (recv, _) = driver.submit(Op::Recv { key, buffer });
        driver.turn(std::time::Duration::from_millis(20));
        let enters = driver.events.submitted().enters();
        driver.turn(std::time::Duration::from_millis(20));
        assert!(driver.events.submitted().enters() - enters < 5, "it does not spin");
        peer.write_all(b"late").expect("written");
        assert!(matches!(driver.wait(recv).result, Ok(Output::Transferred(4))));
    });
}

#[test]
fn a_pipe_is_watched_by_polling_and_read_without_waiting() {
    let mut driver = Driver::standard();
    let (read, write) = driver.pipe();
    let mut buf = [0; 64];
    assert!(driver.events.try_recv(read, &mut buf).expect_err("empty").is_would_block());
    let (watch, _) = driver.submit(Op::RecvMulti { key: read });
    for _ in 0..3 {
        driver.send(write, b"through a pipe");
        assert!(matches!(driver.wait(watch).result, Ok(Output::Readable)));
        assert_eq!(driver.events.try_recv(read, &mut buf).expect("there"), 14);
        assert!(driver.events.try_recv(read, &mut buf).expect_err("empty").is_would_block());
    }
    let full = vec![0; 1 << 20];
    let sent = driver.events.try_send(write, &[std::io::IoSlice::new(&full)]).expect("room");
    assert!(sent > 0 && sent < full.len(), "{sent}");
    let again = driver.events.try_send(write, &[std::io::IoSlice::new(&full)]);
    assert!(again.expect_err("full").is_would_block());
    let poll = driver.result(Op::Poll { key: read, interest: Interest::READABLE });
    assert!(matches!(poll, Ok(Output::Ready(Interest::READABLE))));
}
