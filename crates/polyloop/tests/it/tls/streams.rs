//! TLS under readers and writers.

use std::io;
use std::time::Duration;

use polyloop::{ErrorKind, Server, StreamReader, StreamWriter, start_server, timeout};

use super::*;
use crate::run;

/// The two ends of a connection without TLS, as streams, and the other two.
async fn plain() -> [(StreamReader, StreamWriter); 2] {
    let (client, server) = pair().await;
    [client.into_streams(), server.into_streams()]
}

async fn echo(mut reader: StreamReader, writer: StreamWriter) -> Result<()> {
    while let Some(chunk) = reader.read_chunk().await? {
        writer.write(&chunk);
        writer.drain().await?;
    }
    writer.close();
    writer.wait_closed().await
}

async fn echo_server(authority: &TestAuthority) -> Server {
    start_server(acceptor(authority).wrap(echo), "127.0.0.1:0").await.unwrap()
}

#[test]
fn a_server_of_streams_serves_tls_and_lets_others_go() {
    run(async {
        let authority = TestAuthority::new();
        let server = echo_server(&authority).await;
        let address = server.local_addr().unwrap();
        let connector = connector(&authority);

        // One that says nothing and one that speaks no TLS keep nobody waiting.
        let _silent = TcpStream::connect(address).await.unwrap();
        let mut plain = TcpStream::connect(address).await.unwrap();
        plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        assert_eq!(plain.read(&mut [0; 100]).await.unwrap(), 7);

        let (mut reader, writer) = connector.open_connection(NAME, address).await.unwrap();
        let info = writer.extra_info().tls().unwrap();
        assert_eq!((info.protocol(), info.server_name()), ("TLSv1_3", Some(NAME)));
        writer.write(b"one\n");
        writer.write(b"two\n");
        assert_eq!(reader.readline().await.unwrap(), b"one\n");
        assert_eq!(reader.readline().await.unwrap(), b"two\n");
        writer.write_eof();
        assert_eq!(reader.read_to_end().await.unwrap(), b"");

        let error = connector.open_connection("other.test", address).await.unwrap_err();
        assert!(error.to_string().contains("other.test"), "{error}");
    });
}

#[test]
fn what_was_written_at_once_waits_for_no_handshake_but_comes_after_it() {
    run(async {
        let authority = TestAuthority::new();
        let [client, server] = plain().await;
        assert!(client.1.extra_info().tls().is_none());
        let (connector, acceptor) = (connector(&authority), acceptor(&authority));
        let client = create_task(async move {
            let (mut reader, writer) = client;
            writer.write(b"STARTTLS\r\n");
            assert_eq!(reader.readline().await.unwrap(), b"220 go ahead\r\n");
            connector.start_tls(NAME, reader, writer).await.unwrap()
        });
        let (mut reader, writer) = server;
        assert_eq!(reader.readline().await.unwrap(), b"STARTTLS\r\n");
        writer.write(b"220 go ahead\r\n");
        let (mut reader, writer) = acceptor.start_tls(reader, writer).await.unwrap();
        let (mut client_reader, client_writer) = client.await.unwrap();
        client_writer.write(b"EHLO\r\n");
        assert_eq!(reader.readline().await.unwrap(), b"EHLO\r\n");
        writer.write(b"250 ok\r\n");
        assert_eq!(client_reader.readline().await.unwrap(), b"250 ok\r\n");

        let error = connector_again(&authority, client_reader, client_writer).await;
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(error.to_string().contains("already"), "{error}");
    });
}

async fn connector_again(
    authority: &TestAuthority,
    reader: StreamReader,
    writer: StreamWriter,
) -> polyloop::Error {
    connector(authority).start_tls(NAME, reader, writer).await.unwrap_err()
}

#[test]
fn the_roles_do_not_depend_on_who_connected() {
    run(async {
        let authority = TestAuthority::new();
        let [one, other] = plain().await;
        let acceptor = acceptor(&authority);
        let serving = create_task(async move {
            let (mut reader, _writer) = acceptor.start_tls(one.0, one.1).await.unwrap();
            reader.readexactly(2).await.unwrap()
        });
        let (_reader, writer) =
            connector(&authority).start_tls(NAME, other.0, other.1).await.unwrap();
        writer.write(b"ok");
        assert_eq!(serving.await.unwrap(), b"ok");
    });
}

#[test]
fn a_handshake_that_was_read_ahead_is_taken_for_what_it_is() {
    run(async {
        let authority = TestAuthority::new();
        let [client, server] = plain().await;
        let (connector, acceptor) = (connector(&authority), acceptor(&authority));
        let client = create_task(async move {
            // A line and the first message of the handshake arrive as one.
            client.1.write(b"PROXY TCP4\r\n");
            let (mut reader, _writer) =
                connector.start_tls(NAME, client.0, client.1).await.unwrap();
            reader.read_to_end().await.unwrap()
        });
        let (mut reader, writer) = server;
        polyloop::sleep(Duration::from_millis(20)).await;
        assert_eq!(reader.readline().await.unwrap(), b"PROXY TCP4\r\n");
        let (reader, writer) = acceptor.start_tls(reader, writer).await.unwrap();
        writer.write(b"welcome");
        drop((reader, writer));
        assert_eq!(client.await.unwrap(), b"welcome");
    });
}

#[test]
fn plain_text_put_before_the_handshake_is_never_read_as_if_it_came_through_tls() {
    run(async {
        let authority = TestAuthority::new();
        for injected_at_the_server in [true, false] {
            let [(mut client_reader, client_writer), (mut reader, writer)] = plain().await;
            let (connector, acceptor) = (connector(&authority), acceptor(&authority));
            if injected_at_the_server {
                client_writer.write(b"STARTTLS\r\nMAIL FROM:<evil>\r\n");
            } else {
                client_writer.write(b"STARTTLS\r\n");
            }
            assert_eq!(reader.readline().await.unwrap(), b"STARTTLS\r\n");
            writer.write(b"220 go\r\n");
            if !injected_at_the_server {
                writer.write(b"250 evil\r\n");
            }
            assert_eq!(client_reader.readline().await.unwrap(), b"220 go\r\n");
            let client = create_task(async move {
                connector.start_tls(NAME, client_reader, client_writer).await
            });
            let server = acceptor.start_tls(reader, writer).await;
            let (failed, word) = match injected_at_the_server {
                true => (server.unwrap_err(), "MAIL"),
                false => (client.await.unwrap().unwrap_err(), "250 evil"),
            };
            assert_eq!(failed.kind(), ErrorKind::Io(io::ErrorKind::InvalidData), "{failed}");
            assert!(failed.to_string().contains(word), "{failed}");
        }
    });
}

#[test]
fn ends_of_two_connections_are_refused() {
    run(async {
        let [one, other] = plain().await;
        let connector = connector(&TestAuthority::new());
        let error = connector.start_tls(NAME, one.0, other.1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    });
}

#[test]
fn a_peer_that_never_answers_the_upgrade_is_given_up() {
    run(async {
        let [client, _silent] = plain().await;
        let connector =
            connector(&TestAuthority::new()).handshake_timeout(Duration::from_millis(50));
        let error = connector.start_tls(NAME, client.0, client.1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
        assert!(error.to_string().contains(NAME), "{error}");
    });
}

/// A client of streams, and a server that is not.
async fn mixed() -> ((StreamReader, StreamWriter), Tls) {
    let authority = TestAuthority::new();
    let (client, server) = pair().await;
    let connector = connector(&authority);
    let client = create_task(async move {
        let (reader, writer) = client.into_streams();
        connector.start_tls(NAME, reader, writer).await.unwrap()
    });
    let server = acceptor(&authority).accept(server).await.unwrap();
    (client.await.unwrap(), server)
}

#[test]
fn streams_go_on_where_a_tls_stream_stopped() {
    run(async {
        let (mut client, mut server) = ends().await;
        // A full record and many small ones: more than a session decrypts ahead, so that there is
        // ciphertext that it did not take when the stream is given up.
        let mut expected = vec![200; 16 << 10];
        server.write_all(&expected).await.unwrap();
        for number in 0..200 {
            server.write_all(&[number; 100]).await.unwrap();
            expected.extend([number; 100]);
        }
        let serving = create_task(async move {
            let mut question = [0; 8];
            server.read_exact(&mut question).await.unwrap();
            assert_eq!(&question, b"question");
            let (mut reader, writer) = server.into_streams();
            writer.write(b"answer");
            assert_eq!(reader.read_to_end().await.unwrap(), b"", "the client has said goodbye");
            writer.close();
            writer.wait_closed().await.unwrap();
        });
        let mut all = vec![0];
        client.read_exact(&mut all).await.unwrap();
        let (mut reader, writer) = client.into_streams();
        let rest = timeout(Duration::from_secs(20), reader.readexactly(expected.len() - 1));
        all.extend(rest.await.unwrap().unwrap());
        assert!(all == expected, "{} bytes", all.len());
        assert!(writer.extra_info().tls().is_some());
        writer.write(b"question");
        assert_eq!(reader.readexactly(6).await.unwrap(), b"answer");
        writer.write_eof();
        assert_eq!(reader.read_to_end().await.unwrap(), b"", "the server has said goodbye");
        serving.await.unwrap();
    });
}

#[test]
fn a_cut_is_told_from_an_end_after_the_bytes() {
    run(async {
        let ((mut reader, writer), mut server) = mixed().await;
        server.write_all(b"pay 100\n").await.unwrap();
        server.shutdown().await.unwrap();
        assert_eq!(reader.read_to_end().await.unwrap(), b"pay 100\n");
        drop(writer);

        let ((mut reader, _writer), mut server) = mixed().await;
        server.write_all(b"pay 100").await.unwrap();
        drop(server);
        assert_eq!(reader.read(100).await.unwrap(), b"pay 100");
        let error = reader.read(100).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io(io::ErrorKind::UnexpectedEof), "{error}");
        assert!(error.to_string().contains("close_notify"), "{error}");
    });
}

#[test]
fn closing_sends_everything_and_the_announcement_also_to_who_has_ended() {
    const LENGTH: usize = 6 << 20;
    run(async {
        let ((reader, writer), mut server) = mixed().await;
        // The end of the peer's direction lies unread when this side closes.
        server.write_all(b"unread").await.unwrap();
        server.shutdown().await.unwrap();
        let reading = create_task(async move {
            let mut buf = vec![0; 32 * 1024];
            let mut total = 0;
            loop {
                match server.read(&mut buf).await.unwrap() {
                    0 => return total,
                    count => total += count,
                }
                // Slowly, so that much is on its way when the connection is closed.
                polyloop::sleep(Duration::from_millis(1)).await;
            }
        });
        polyloop::sleep(Duration::from_millis(5)).await;
        writer.write(&vec![5; LENGTH]);
        drop(reader);
        writer.close();
        writer.wait_closed().await.unwrap();
        assert_eq!(reading.await.unwrap(), LENGTH);
    });
}

#[test]
fn sixteen_mebibytes_each_way_with_drain_and_bounded_memory() {
    const LENGTH: usize = 16 << 20;
    run(async {
        let authority = TestAuthority::new();
        let server = echo_server(&authority).await;
        let address = server.local_addr().unwrap();
        let (mut reader, writer) =
            connector(&authority).open_connection(NAME, address).await.unwrap();
        let sent: Vec<u8> = (0..LENGTH).map(|n| ((n * 31) >> 5) as u8 ^ (n >> 13) as u8).collect();
        let expected = sent.clone();
        let writing = create_task(async move {
            let mut kept = 0;
            for piece in sent.chunks(70_001) {
                writer.write(piece);
                kept = kept.max(writer.write_buffer_size());
                writer.drain().await.unwrap();
            }
            writer.write_eof();
            kept
        });
        let received = reader.read_to_end().await.unwrap();
        assert!(received == expected, "{} bytes came back", received.len());
        // The high mark, a piece, and what encrypting adds.
        let kept = writing.await.unwrap();
        assert!(kept < 256 * 1024, "{kept} bytes were kept");
    });
}

#[test]
fn reads_that_are_given_up_lose_nothing() {
    run(async {
        let ((mut reader, _writer), mut server) = mixed().await;
        let writing = create_task(async move {
            for number in 0..200u8 {
                server.write_all(&[number; 1003]).await.unwrap();
                if number % 5 == 0 {
                    polyloop::sleep(Duration::from_micros(200)).await;
                }
            }
            server.shutdown().await.unwrap();
        });
        let mut received = Vec::new();
        let mut given_up = 0;
        while received.len() < 200 * 1003 {
            match futures::FutureExt::now_or_never(reader.read(700)) {
                Some(read) => received.extend(read.unwrap()),
                None => {
                    given_up += 1;
                    polyloop::sleep(Duration::from_micros(30)).await;
                }
            }
        }
        let expected: Vec<u8> = (0..200u8).flat_map(|number| [number; 1003]).collect();
        assert!(received == expected);
        assert!(given_up > 10, "only {given_up} reads were given up");
        writing.await.unwrap();
        assert_eq!(reader.read(1).await.unwrap(), b"");
    });
}

/// On streams the text is that of the connection; a `TlsStream`, which is over anything, names the
/// conversation.
#[test]
fn a_reset_below_tls_says_of_whom_it_was_read() {
    run(async {
        let reset = |stream: &TcpStream| {
            stream.set_option(polyloop::SocketOption::Linger(Some(Duration::ZERO))).unwrap();
        };
        let (mut client, mut server) = ends().await;
        reset(server.stream());
        drop(server);
        let error = client.read(&mut [0; 8]).await.unwrap_err();
        assert_eq!(error.io_kind(), io::ErrorKind::ConnectionReset, "{error}");
        let attempt = format!("TLS with {NAME}: read from the stream below: ");
        assert!(error.to_string().starts_with(&attempt), "{error}");

        let authority = TestAuthority::new();
        let (client, server) = pair().await;
        let peer = client.peer_addr().unwrap();
        let (reader, writer) = client.into_streams();
        let connector = connector(&authority);
        let client = create_task(async move { connector.start_tls(NAME, reader, writer).await });
        let mut server = acceptor(&authority).accept(server).await.unwrap();
        let (mut reader, _writer) = client.await.unwrap().unwrap();
        reset(server.stream());
        drop(server);
        let error = reader.read(8).await.unwrap_err();
        assert_eq!(error.io_kind(), io::ErrorKind::ConnectionReset, "{error}");
        assert!(error.to_string().starts_with(&format!("read from {peer}: ")), "{error}");
    });
}
