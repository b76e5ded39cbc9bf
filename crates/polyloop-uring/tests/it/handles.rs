use std::io::{ErrorKind as IoErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use polyloop_core::{Buffer, ErrorKind, EventLoop, Interest, LoopConfig, Op, OsHandle, Output};

use polyloop_uring::{Setup, Step};

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
fn a_pipe_that_somebody_makes_not_wait_is_waited_for_all_the_same() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let (reader, mut writer) = std::io::pipe().expect("a pipe");
        let shared = reader.try_clone().expect("a duplicate");
        let key = driver.events.attach(OsHandle::PipeReader(reader)).expect("attached");
        rustix::fs::fcntl_setfl(&shared, rustix::fs::OFlags::NONBLOCK).expect("set");
        let (recv, _) = driver.submit(Op::Recv { key, buffer: Buffer::with_capacity(64) });
        driver.turn(Duration::from_millis(20));
        let enters = driver.events.submitted().enters();
        driver.turn(Duration::from_millis(20));
        assert!(driver.events.submitted().enters() - enters < 5, "it does not spin");
        writer.write_all(b"late").expect("written");
        assert!(matches!(driver.wait(recv).result, Ok(Output::Transferred(4))));
    });
}

#[test]
fn a_receive_that_has_its_bytes_when_the_cancel_comes_succeeds() {
    // On a plain ring the kernel receives at the thread's next system call, which is the peer's
    // write here; on the others cancelling wins, and leaves the bytes with the kernel.
    let mut driver = Driver::new(&LoopConfig::default(), Setup::at(Step::Plain));
    let (mut peer, stream) = streams();
    let key = driver.events.attach(OsHandle::TcpStream(stream)).expect("attached");
    for _ in 0..100 {
        let (recv, id) = driver.submit(Op::Recv { key, buffer: Buffer::with_capacity(8) });
        driver.turn(Duration::ZERO);
        peer.write_all(b"bytes").expect("written");
        driver.events.cancel(id.expect("queued"));
        let result = driver.wait(recv).result;
        assert!(matches!(result, Ok(Output::Transferred(5))), "{result:?}");
    }
}

#[test]
fn what_is_put_back_comes_before_what_a_receive_has_already() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let (mut peer, stream) = streams();
        let key = driver.events.attach(OsHandle::TcpStream(stream)).expect("attached");
        for _ in 0..100 {
            let (recv, _) = driver.submit(Op::Recv { key, buffer: Buffer::with_capacity(64) });
            driver.turn(Duration::ZERO);
            peer.write_all(b" second").expect("written");
            driver.events.unread(key, b"first").expect("put back");
            let Some(Op::Recv { buffer, .. }) = driver.wait(recv).op else { panic!("no op") };
            let mut all = buffer.into_vec();
            while all.len() < 12 {
                all.extend(driver.recv(key, 64));
            }
            assert_eq!(all, b"first second");
        }
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

#[test]
fn a_detached_listener_comes_with_the_connections_that_nobody_had_room_for() {
    let mut config = LoopConfig::default();
    config.resources_max = 2;
    on_each_step(&config, |mut driver| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
        let address = listener.local_addr().expect("bound");
        let key = driver.events.attach(OsHandle::TcpListener(listener)).expect("attached");
        let (accept, _) = driver.submit(Op::AcceptMulti { key });
        driver.turn(Duration::ZERO);
        let mut clients: Vec<_> =
            (0..3).map(|_| TcpStream::connect(address).expect("connected")).collect();
        assert!(matches!(driver.wait(accept).result, Ok(Output::Accepted(_))));
        driver.turn(Duration::ZERO);
        let (detach, _) = driver.submit(Op::Detach { key });
        assert!(driver.wait(accept).result.expect_err("detached").is_canceled());
        let Ok(Output::Detached(detached)) = driver.wait(detach).result else { panic!("detached") };
        let OsHandle::TcpListener(listener) = detached.handle else { panic!("a listener") };
        let mut taken: Vec<TcpStream> = detached
            .accepted
            .into_iter()
            .map(|handle| match handle {
                OsHandle::TcpStream(stream) => stream,
                other => panic!("{other:?}"),
            })
            .collect();
        assert!(!taken.is_empty(), "a connection was taken without room");
        while taken.len() < 2 {
            taken.push(listener.accept().expect("the rest is in the backlog").0);
        }
        for (client, server) in clients[1..].iter_mut().zip(&mut taken) {
            server.write_all(b"kept").expect("written");
            client.read_exact(&mut [0; 4]).expect("it is the one of its turn");
        }
    });
}

#[test]
fn a_listener_that_does_not_listen_fails_and_spoils_no_other() {
    let mut driver = Driver::standard();
    let any = rustix::net::socket(
        rustix::net::AddressFamily::INET,
        rustix::net::SocketType::STREAM,
        None,
    );
    let deaf = TcpListener::from(any.expect("a socket"));
    let key = driver.events.attach(OsHandle::TcpListener(deaf)).expect("attached");
    let error = driver.result(Op::AcceptMulti { key }).expect_err("it does not listen");
    assert_eq!(error.raw_os_error(), Some(libc::EINVAL));
    let route = driver.events.capabilities().route(polyloop_core::OpKind::AcceptMulti);
    assert_eq!(route, polyloop_core::Route::Native);
}
