//! What all sockets offer: options, vectored calls, looking, the traits of futures-io, accepting.

use std::io::{IoSlice, IoSliceMut};
use std::net::SocketAddr;
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use polyloop::{
    ErrorKind, OptionName, SocketOption, TcpListener, TcpSocket, TcpStream, create_task, sleep,
};

use crate::run;
use crate::streams::pair;

#[test]
fn a_look_leaves_the_bytes_there() {
    run(async {
        let (mut client, mut server) = pair().await;
        let looking = create_task(async move {
            let mut buf = [0; 3];
            let count = server.peek(&mut buf).await.unwrap();
            (server, buf[..count].to_vec())
        });
        sleep(Duration::from_millis(5)).await;
        client.write_all(b"abcdef").await.unwrap();
        let (mut server, seen) = looking.await.unwrap();
        assert_eq!(seen, b"abc");
        let mut all = [0; 6];
        server.read_exact(&mut all).await.unwrap();
        assert_eq!(&all, b"abcdef");
        drop(client);
        assert_eq!(server.peek(&mut all).await.unwrap(), 0);
        assert_eq!(server.peek(&mut []).await.unwrap(), 0);
    });
}

#[test]
fn vectored_calls_keep_the_order_of_their_buffers() {
    run(async {
        let (mut client, mut server) = pair().await;
        let parts: Vec<Vec<u8>> = (0..50u8).map(|n| vec![n; usize::from(n) * 1000]).collect();
        let whole = parts.concat();
        let sending = create_task(async move {
            let mut slices: Vec<IoSlice<'_>> =
                parts.iter().map(|part| IoSlice::new(part)).collect();
            client.write_all_vectored(&mut slices).await.unwrap();
            client.write_all_vectored(&mut [IoSlice::new(b""), IoSlice::new(b"")]).await.unwrap();
        });
        let mut received = Vec::new();
        loop {
            let (mut first, mut second) = ([0; 7], [0; 5000]);
            let bufs = &mut [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
            let count = server.read_vectored(bufs).await.unwrap();
            if count == 0 {
                break;
            }
            received.extend_from_slice(&[&first[..], &second[..]].concat()[..count]);
        }
        sending.await.unwrap();
        assert!(received == whole, "{} bytes of {}", received.len(), whole.len());
    });
}

#[test]
fn reading_exactly_tells_how_much_came_before_the_end() {
    run(async {
        let (mut client, mut server) = pair().await;
        client.write_all(b"abc").await.unwrap();
        drop(client);
        let error = server.read_exact(&mut [0; 5]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::UnexpectedEof));
        assert_eq!(error.transferred(), 3);
        assert!(error.to_string().contains("5 bytes, of which 3 came"), "{error}");
    });
}

/// The traits of futures-io work: their own combinators copy through them, with backpressure, and
/// closing is the peer's end.
#[test]
fn the_combinators_of_futures_work_on_streams() {
    run(async {
        let (client, server) = pair().await;
        let sent: Vec<u8> = (0..3_000_000u32).map(|n| ((n * 7) >> 3) as u8).collect();
        let expected = sent.clone();
        let echo = create_task(async move {
            let (reader, mut writer) = AsyncReadExt::split(server);
            futures::io::copy(reader, &mut writer).await.unwrap();
            writer.close().await.unwrap();
        });
        let (mut reader, mut writer) = client.into_split();
        let writing = create_task(async move {
            AsyncWriteExt::write_all(&mut writer, &sent).await.unwrap();
            writer.close().await.unwrap();
        });
        let mut back = Vec::new();
        AsyncReadExt::read_to_end(&mut reader, &mut back).await.unwrap();
        assert!(back == expected, "{} bytes came back", back.len());
        writing.await.unwrap();
        echo.await.unwrap();
    });
}

#[test]
fn incoming_connections_are_a_stream() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let clients = create_task(async move {
            let mut clients = Vec::new();
            for number in 0..5u8 {
                let mut client = TcpStream::connect(address).await.unwrap();
                client.write_all(&[number]).await.unwrap();
                clients.push(client);
            }
            clients
        });
        let mut incoming = listener.incoming().take(5).enumerate();
        while let Some((number, stream)) = incoming.next().await {
            let mut stream = stream.unwrap();
            let mut buf = [0];
            stream.read_exact(&mut buf).await.unwrap();
            assert_eq!(usize::from(buf[0]), number, "first come, first given");
            assert!(stream.nodelay().unwrap());
        }
        clients.await.unwrap();
    });
}

#[test]
fn the_options_of_a_stream_have_short_ways() {
    run(async {
        let (client, _server) = pair().await;
        client.set_nodelay(false).unwrap();
        assert!(!client.nodelay().unwrap());
        let minute = Some(Duration::from_secs(60));
        client.set_keep_alive(minute).unwrap();
        assert_eq!(client.keep_alive().unwrap(), minute);
        client.set_linger(minute).unwrap();
        assert_eq!(client.linger().unwrap(), minute);
        client.set_linger(None).unwrap();
        for option in [
            SocketOption::KeepAliveInterval(Duration::from_secs(7)),
            SocketOption::KeepAliveRetries(4),
            SocketOption::TrafficClass(0x10),
            SocketOption::HopLimit(21),
        ] {
            client.set_option(option.clone()).unwrap();
            let name = option.name().unwrap();
            assert_eq!(client.option(name).unwrap(), option);
        }
        let error = client.set_option(SocketOption::Error(None)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(client.take_error().unwrap().is_none());
        assert!(client.option(OptionName::MulticastInterfaceV6).is_err());
    });
}

#[test]
fn a_socket_is_bound_before_it_connects() {
    run(async {
        let listener = TcpSocket::new_v4().bind("127.0.0.1:0").unwrap().listen(16).await.unwrap();
        let address = listener.local_addr().unwrap();
        let local: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let client = TcpSocket::new_v4()
            .bind(local)
            .unwrap()
            .reuse_address(true)
            .nodelay(false)
            .receive_buffer_size(32 * 1024)
            .keep_alive(Duration::from_secs(33))
            .connect(address)
            .await
            .unwrap();
        let (_server, peer) = listener.accept().await.unwrap();
        assert_eq!(client.local_addr().unwrap(), peer);
        assert!(!client.nodelay().unwrap());
        assert_eq!(client.keep_alive().unwrap(), Some(Duration::from_secs(33)));
        let reuse = client.option(OptionName::ReuseAddress).unwrap();
        assert_eq!(reuse, SocketOption::ReuseAddress(true));
        // Its port is taken: the error says that binding failed, and where.
        let taken = TcpSocket::new_v4().bind(address).unwrap().connect(address).await.unwrap_err();
        assert!(taken.to_string().contains(&format!("bind {address}")), "{taken}");
        let other = TcpSocket::new_v6().bind(address).unwrap_err();
        assert_eq!(other.kind(), ErrorKind::InvalidInput);
    });
}

#[test]
#[cfg(unix)]
fn two_listeners_share_a_port() {
    run(async {
        let listen = |at: SocketAddr| async move {
            TcpSocket::new_v4().reuse_port(true).bind(at).unwrap().listen(16).await.unwrap()
        };
        let first = listen("127.0.0.1:0".parse().unwrap()).await;
        let second = listen(first.local_addr().unwrap()).await;
        assert_eq!(first.local_addr().unwrap(), second.local_addr().unwrap());
    });
}

/// What an idle connection costs of the frontend's memory; the loop's own is beside it.
#[test]
fn a_stream_is_small() {
    let bytes = size_of::<TcpStream>();
    println!("a TcpStream is {bytes} bytes");
    assert!(bytes <= 64, "a TcpStream is {bytes} bytes");
}

/// The standard library makes its sockets of any descriptor, and so a Unix one can pass for TCP.
#[test]
#[cfg(target_os = "linux")]
fn an_address_of_another_family_is_named_by_the_error() {
    use std::os::fd::OwnedFd;

    run(async {
        let (unix, _peer) = std::os::unix::net::UnixStream::pair().unwrap();
        let stream = TcpStream::from_std(OwnedFd::from(unix).into()).unwrap();
        for error in [stream.local_addr().unwrap_err(), stream.peer_addr().unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains("as an internet address"), "{error}");
        }
        let (client, _server) = pair().await;
        let tcp = client.into_std().await.unwrap().stream;
        let stream = polyloop::UnixStream::from_std(OwnedFd::from(tcp).into()).unwrap();
        let error = stream.peer_addr().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("give 127.0.0.1:"), "{error}");
    });
}
