use std::cell::{Cell, RefCell};
use std::io::{self, Write};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures::{AsyncRead, AsyncWrite};
use polyloop::{ErrorKind, create_task, timeout, yield_now};

use super::*;
use crate::run;

#[test]
fn what_is_written_is_read_and_each_direction_ends_on_its_own() {
    run(async {
        let (mut client, mut server) = ends().await;
        client.write_all(b"question").await.unwrap();
        client.shutdown().await.unwrap();
        assert_eq!(read_to_end(&mut server).await.unwrap(), b"question");
        server.write_all(b"answer").await.unwrap();
        server.shutdown().await.unwrap();
        assert_eq!(read_to_end(&mut client).await.unwrap(), b"answer");
        let error = client.write_all(b"more").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io(io::ErrorKind::BrokenPipe), "{error}");
    });
}

#[test]
fn both_ends_know_what_was_agreed_upon() {
    run(async {
        let authority = TestAuthority::new();
        let identity = authority.client("client.test");
        let connector = TlsConnector::builder()
            .root_pem(authority.root())
            .unwrap()
            .certificate_pem(identity.certificate, identity.key)
            .unwrap()
            .alpn(&["h2", "http/1.1"])
            .build()
            .unwrap();
        let acceptor = server_builder(&authority)
            .client_root_pem(authority.root())
            .unwrap()
            .alpn(&["http/1.1"])
            .build()
            .unwrap();
        let (client, server) = shake(&connector, &acceptor).await;
        let (client, server) = (client.unwrap(), server.unwrap());
        for info in [client.connection_info(), server.connection_info()] {
            assert_eq!(info.protocol(), "TLSv1_3");
            assert!(info.cipher_suite().starts_with("TLS13_"), "{info:?}");
            assert_eq!(info.alpn(), Some(&b"http/1.1"[..]));
            assert_eq!(info.server_name(), Some(NAME));
            assert_eq!(info.peer_certificates().len(), 1);
            assert!(!info.is_resumed());
        }
    });
}

#[test]
fn the_stream_below_can_still_be_asked() {
    run(async {
        let (mut client, mut server) = ends().await;
        let address = client.stream().local_addr().unwrap();
        assert_eq!(server.stream().peer_addr().unwrap(), address);
    });
}

#[test]
fn an_end_that_was_not_announced_comes_after_the_bytes_and_is_an_error() {
    run(async {
        let (mut client, mut server) = ends().await;
        let mut buf = [0; 100];
        // With the ticket behind the handshake unread, the end would be a reset.
        server.write_all(b"x").await.unwrap();
        client.read(&mut buf).await.unwrap();
        client.write_all(b"pay 100").await.unwrap();
        drop(client);
        assert_eq!(server.read(&mut buf).await.unwrap(), 7);
        for _ in 0..2 {
            let error = server.read(&mut buf).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Io(io::ErrorKind::UnexpectedEof), "{error}");
            assert!(error.to_string().contains("close_notify"), "{error}");
        }
    });
}

#[test]
fn close_says_the_end_and_waits_for_the_peers() {
    run(async {
        let (client, mut server) = ends().await;
        let closing = create_task(client.close());
        assert_eq!(read_to_end(&mut server).await.unwrap(), b"");
        server.write_all(b"ignored").await.unwrap();
        assert!(!closing.done());
        server.close().await.unwrap();
        closing.await.unwrap().unwrap();
    });
}

#[test]
fn close_gives_up_on_a_peer_that_does_not_answer() {
    run(async {
        let authority = TestAuthority::new();
        let connector = connector(&authority).shutdown_timeout(Duration::from_millis(50));
        let (client, server) = shake(&connector, &acceptor(&authority)).await;
        let error = client.unwrap().close().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(error.to_string().contains("TLS with server.test"), "{error}");
        assert_eq!(read_to_end(&mut server.unwrap()).await.unwrap(), b"");
    });
}

#[test]
fn halves_work_at_once_in_one_task_and_in_two() {
    run(async {
        let (mut client, server) = ends().await;
        let (mut from, mut to) = server.into_split();
        let echo = create_task(async move {
            let mut buf = [0; 1000];
            loop {
                match from.read(&mut buf).await.unwrap() {
                    0 => return to.shutdown().await.unwrap(),
                    count => to.write_all(&buf[..count]).await.unwrap(),
                }
            }
        });
        let (mut reader, mut writer) = client.split();
        let sends = async {
            for number in 0..100u8 {
                writer.write_all(&[number; 3000]).await.unwrap();
            }
            writer.shutdown().await.unwrap();
        };
        let receives = async {
            let mut all = Vec::new();
            let mut buf = [0; 7000];
            loop {
                match reader.read(&mut buf).await.unwrap() {
                    0 => return all,
                    count => all.extend_from_slice(&buf[..count]),
                }
            }
        };
        let ((), all) = futures::join!(sends, receives);
        let expected: Vec<u8> = (0..100u8).flat_map(|number| [number; 3000]).collect();
        assert_eq!(all, expected);
        echo.await.unwrap();
    });
}

#[test]
fn a_cancelled_writer_leaves_the_way_to_the_next() {
    run(async {
        let (client, mut server) = ends().await;
        let (mut reader, mut writer) = client.into_split();
        // Far more than sockets hold, so this is cut off.
        let block = vec![1; 64 << 20];
        timeout(Duration::from_millis(20), writer.write_all(&block)).await.unwrap_err();
        let sum = create_task(async move {
            let mut last = [0];
            let mut buf = vec![0; 1 << 16];
            loop {
                match server.read(&mut buf).await.unwrap() {
                    0 => break,
                    count => last[0] = buf[count - 1],
                }
            }
            server.write_all(&last).await.unwrap();
            server.shutdown().await.unwrap();
        });
        writer.write_all(&[2]).await.unwrap();
        writer.shutdown().await.unwrap();
        let mut buf = [0; 10];
        assert_eq!(reader.read(&mut buf).await.unwrap(), 1);
        assert_eq!(buf[0], 2);
        sum.await.unwrap();
    });
}

#[test]
fn exact_reads_and_reads_to_the_end_tell_what_came_of_a_cut_stream() {
    run(async {
        let (mut client, mut server) = ends().await;
        client.write_all(b"head and body").await.unwrap();
        let mut head = [0; 4];
        server.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"head");
        let (mut reader, _writer) = server.split();
        let mut body = b"the".to_vec();
        let reading = timeout(Duration::from_millis(20), reader.read_to_end(&mut body));
        reading.await.unwrap_err();
        assert_eq!(body, b"the and body", "giving up loses nothing");
        client.write_all(b"123").await.unwrap();
        client.shutdown().await.unwrap();
        let mut wide = [0; 8];
        let error = reader.read_exact(&mut wide).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io(io::ErrorKind::UnexpectedEof), "{error}");
        assert_eq!((error.transferred(), &wide[..3]), (3, &b"123"[..]));

        let (client, mut server) = ends().await;
        server.write_all(&[7; 100_000]).await.unwrap();
        drop(server);
        let (mut reader, _writer) = client.into_split();
        let mut all = Vec::new();
        let error = reader.read_to_end(&mut all).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io(io::ErrorKind::UnexpectedEof), "{error}");
        assert_eq!(all, [7; 100_000]);
    });
}

#[test]
fn combinators_of_other_crates_take_the_stream() {
    use futures::{AsyncReadExt, AsyncWriteExt};
    run(async {
        let (mut client, mut server) = ends().await;
        let echo = create_task(async move {
            let mut text = String::new();
            server.read_to_string(&mut text).await.unwrap();
            AsyncWriteExt::write_all(&mut server, text.as_bytes()).await.unwrap();
            AsyncWriteExt::close(&mut server).await.unwrap();
        });
        // A buffered write goes out when the flush says so.
        AsyncWriteExt::write_all(&mut client, b"by traits").await.unwrap();
        AsyncWriteExt::flush(&mut client).await.unwrap();
        AsyncWriteExt::close(&mut client).await.unwrap();
        let mut text = String::new();
        client.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "by traits");
        echo.await.unwrap();
    });
}

#[test]
fn tls_goes_over_tls() {
    run(async {
        let (outer_client, outer_server) = ends().await;
        let authority = TestAuthority::new();
        let (connector, acceptor) = (connector(&authority), acceptor(&authority));
        let client = create_task(async move {
            let mut client = connector.connect(NAME, outer_client).await.unwrap();
            client.write_all(b"deep").await.unwrap();
            client.close().await.unwrap();
        });
        let mut server = acceptor.accept(outer_server).await.unwrap();
        let mut buf = [0; 10];
        assert_eq!(server.read(&mut buf).await.unwrap(), 4);
        assert_eq!(server.read(&mut buf).await.unwrap(), 0);
        server.close().await.unwrap();
        client.await.unwrap();
    });
}

/// A stream whose flushing can be held up.
struct HeldUp {
    stream: TcpStream,
    gate: Rc<Gate>,
}

#[derive(Default)]
struct Gate {
    shut: Cell<bool>,
    /// The one that asked last, as of every stream.
    waker: RefCell<Option<Waker>>,
}

impl AsyncRead for HeldUp {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for HeldUp {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.gate.shut.get() {
            return Poll::Ready(Ok(()));
        }
        self.gate.waker.replace(Some(cx.waker().clone()));
        Poll::Pending
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}

#[test]
fn who_reads_does_not_take_the_place_of_who_flushes() {
    run(async {
        let authority = TestAuthority::new();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut raw, _) = listener.accept().unwrap();
        let server = TcpStream::from_std(raw.try_clone().unwrap()).unwrap();
        let gate = Rc::new(Gate::default());
        let (held_up, connector) = (HeldUp { stream, gate: gate.clone() }, connector(&authority));
        let client = create_task(async move { connector.connect(NAME, held_up).await.unwrap() });
        let _server = acceptor(&authority).accept(server).await.unwrap();
        let (mut reader, mut writer) = client.await.unwrap().into_split();
        gate.shut.set(true);
        let writing = create_task(async move { writer.write_all(b"x").await });
        while gate.waker.borrow().is_none() {
            yield_now().await;
        }
        // A record that nobody encrypted: who reads it has an alert to send.
        raw.write_all(b"\x17\x03\x03\x00\x20these bytes were never encrypted").unwrap();
        reader.read(&mut [0; 8]).await.unwrap_err();
        gate.shut.set(false);
        gate.waker.take().unwrap().wake();
        // What it came to does not matter: the connection has failed.
        let _ = timeout(Duration::from_secs(5), writing).await.expect("it is told").unwrap();
    });
}
