//! What the errors of connections say: what was attempted, and with whom, by whichever route.

use std::cell::RefCell;
use std::io::ErrorKind::{BrokenPipe, ConnectionRefused, ConnectionReset, UnexpectedEof};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use futures::AsyncReadExt;
use polyloop::{
    Error, Protocol, SocketOption, StreamReader, TcpStream, Transport, UdpSocket,
    connect_accepted_socket, create_task, open_connection, start_server, timeout, yield_now,
};

use crate::run;
use crate::streams::pair;

/// Checks both halves of an error: what was attempted, and what came of it.
fn says(error: &Error, attempt: &str, kind: std::io::ErrorKind) {
    let text = error.to_string();
    assert!(text.starts_with(&format!("{attempt}: ")), "{text:?} does not begin with {attempt:?}");
    assert_eq!(error.io_kind(), kind, "{text}");
}

fn reset(stream: TcpStream) {
    stream.set_option(SocketOption::Linger(Some(Duration::ZERO))).unwrap();
}

/// A connection that its peer has reset, and the peer's address.
async fn reset_pair() -> (TcpStream, SocketAddr) {
    let (client, server) = pair().await;
    let peer = client.peer_addr().unwrap();
    reset(server);
    (client, peer)
}

#[test]
fn a_stream_names_the_peer_that_reset_it_whichever_side_connected() {
    run(async {
        let (mut client, peer) = reset_pair().await;
        let error = client.read(&mut [0; 8]).await.unwrap_err();
        says(&error, &format!("read from {peer}"), ConnectionReset);
        let error = client.write_all(b"x").await.unwrap_err();
        says(&error, &format!("write to {peer}"), BrokenPipe);
        let error = client.write_vectored(&[std::io::IoSlice::new(b"x")]).await.unwrap_err();
        says(&error, &format!("write to {peer}"), BrokenPipe);

        let (client, mut server) = pair().await;
        let peer = client.local_addr().unwrap();
        reset(client);
        let error = server.read_chunk().await.unwrap_err();
        says(&error, &format!("read from {peer}"), ConnectionReset);
        let error = server.shutdown(std::net::Shutdown::Write).await.unwrap_err();
        assert!(error.to_string().starts_with(&format!("shut down {peer}: ")), "{error}");
    });
}

/// A large write waits in the backend, which fails it there.
#[test]
fn a_write_that_waits_names_the_peer_as_one_that_does_not() {
    run(async {
        let (mut client, server) = pair().await;
        let peer = client.peer_addr().unwrap();
        let writing = create_task(async move { client.write_all(&vec![0; 32 << 20]).await });
        let mut server = server;
        server.read_exact(&mut [0; 1 << 16]).await.unwrap();
        reset(server);
        let error = writing.await.unwrap().unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with(&format!("write to {peer}: ")), "{text}");
        assert!(matches!(error.io_kind(), ConnectionReset | BrokenPipe), "{text}");
    });
}

#[test]
fn reading_exactly_names_the_peer_that_sent_too_little() {
    run(async {
        let (mut client, mut server) = pair().await;
        let peer = client.peer_addr().unwrap();
        server.write_all(b"abc").await.unwrap();
        drop(server);
        let error = client.read_exact(&mut [0; 5]).await.unwrap_err();
        says(&error, &format!("read from {peer}: 5 bytes, of which 3 came"), UnexpectedEof);
    });
}

#[test]
fn stream_readers_and_writers_name_the_peer() {
    run(async {
        let (client, peer) = reset_pair().await;
        let (mut reader, writer) = client.into_streams();
        let error = reader.read(8).await.unwrap_err();
        says(&error, &format!("read from {peer}"), ConnectionReset);
        writer.write(b"x");
        // It goes out now, or with the next turn.
        let failing = async {
            loop {
                match writer.drain().await {
                    Ok(()) => yield_now().await,
                    Err(error) => return error,
                }
            }
        };
        let error = timeout(Duration::from_secs(20), failing).await.unwrap();
        says(&error, &format!("write to {peer}"), BrokenPipe);

        let (client, peer) = reset_pair().await;
        let (_reader, writer) = client.into_streams();
        writer.abort();
        let error = writer.drain().await.unwrap_err();
        says(&error, &format!("write to {peer}: it was closed on this side"), BrokenPipe);
    });
}

/// A server asks who its clients are before they can be gone.
#[test]
fn the_handler_of_a_connection_learns_which_client_reset_it() {
    run(async {
        let failed = Rc::new(RefCell::new(None));
        let noted = failed.clone();
        let handler = move |mut reader: StreamReader, writer: polyloop::StreamWriter| {
            let noted = noted.clone();
            async move {
                writer.write(b"!");
                let error = reader.read_to_end().await.unwrap_err();
                noted.replace(Some((error, writer.extra_info().peername())));
            }
        };
        let server = start_server(handler, "127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(server.local_addr().unwrap()).await.unwrap();
        let address = client.local_addr().unwrap();
        client.read_exact(&mut [0]).await.unwrap();
        reset(client);
        until(|| failed.borrow().is_some()).await;
        let (error, peer) = failed.take().unwrap();
        says(&error, &format!("read from {address}"), ConnectionReset);
        assert_eq!(peer.unwrap().as_ip(), Some(address));
    });
}

#[test]
fn a_protocol_is_told_who_reset_its_connection() {
    struct Noting(Rc<RefCell<Option<Error>>>);
    impl Protocol for Noting {
        fn data_received(&mut self, _: &Transport, _: &[u8]) {}
        fn connection_lost(&mut self, _: &Transport, error: Option<Error>) {
            self.0.replace(error);
        }
    }
    run(async {
        let (client, peer) = reset_pair().await;
        let lost = Rc::new(RefCell::new(None));
        let transport = connect_accepted_socket(|| Noting(lost.clone()), client);
        until(|| lost.borrow().is_some()).await;
        says(&lost.take().unwrap(), &format!("read from {peer}"), ConnectionReset);
        drop(transport);
    });
}

/// What a reader of another kind says is kept; its errno is all that its errors can carry.
#[test]
fn a_stream_over_another_says_that_it_is_one() {
    run(async {
        let (client, _peer) = reset_pair().await;
        let mut reader = StreamReader::over(client);
        let error = reader.read(8).await.unwrap_err();
        says(&error, "read what a stream reader is over", ConnectionReset);
        let (mut client, _peer) = reset_pair().await;
        let error = AsyncReadExt::read(&mut client, &mut [0]).await.unwrap_err();
        assert!(error.raw_os_error().is_some(), "{error}");
    });
}

#[test]
fn a_connected_datagram_socket_names_the_peer_that_refused() {
    run(async {
        let nobody = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let peer = nobody.local_addr().unwrap();
        drop(nobody);
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.connect(peer).await.unwrap();
        socket.send(b"is anybody there?").await.unwrap();
        let error = socket.recv(&mut [0; 8]).await.unwrap_err();
        says(&error, &format!("receive a datagram from {peer}"), ConnectionRefused);
        let too_long = vec![0; 70_000];
        let error = socket.send(&too_long).await.unwrap_err();
        assert!(error.to_string().starts_with(&format!("send a datagram to {peer}: ")), "{error}");
    });
}

#[cfg(unix)]
mod unix {
    use polyloop::{UnixListener, UnixStream};

    use super::{BrokenPipe, run, says};

    #[test]
    fn a_client_of_a_unix_socket_names_its_path() {
        run(async {
            let path = std::env::temp_dir().join(format!("polyloop-{}-said", std::process::id()));
            let listener = UnixListener::bind(&path).await.unwrap();
            let mut client = UnixStream::connect(&path).await.unwrap();
            let (server, _) = listener.accept().await.unwrap();
            drop(server);
            std::fs::remove_file(&path).unwrap();
            let error = client.write_all(b"x").await.unwrap_err();
            says(&error, &format!("write to {}", path.display()), BrokenPipe);
            let (mut here, there) = UnixStream::pair().await.unwrap();
            drop(there);
            says(&here.write_all(b"x").await.unwrap_err(), "write to a connection", BrokenPipe);
        });
    }

    #[test]
    fn a_pipe_is_called_one() {
        run(async {
            let (reader, mut writer) = polyloop::io::pipe().await.unwrap();
            drop(reader);
            says(&writer.write_all(b"x").await.unwrap_err(), "write to a pipe", BrokenPipe);
        });
    }
}

async fn until(mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), waiting).await.expect("in time");
}

#[test]
fn open_connection_names_whom_it_reads_from() {
    run(async {
        let listener = polyloop::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mut reader, writer) = open_connection(address).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        reset(server);
        let error = reader.readexactly(1).await.unwrap_err();
        says(&error.into(), &format!("read from {address}"), ConnectionReset);
        drop(writer);
    });
}
