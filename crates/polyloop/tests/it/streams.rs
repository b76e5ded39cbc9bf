use std::io::{Read, Write};
use std::net::Shutdown;
use std::time::Duration;

use polyloop::{
    ErrorKind, Loop, OptionName, SocketOption, TcpListener, TcpStream, create_task, sleep,
};

use crate::{run, until_it_fails};

/// Makes a connection: the client's end and the server's.
pub(crate) async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let client = create_task(async move { TcpStream::connect(address).await.unwrap() });
    let (server, peer) = listener.accept().await.unwrap();
    let client = client.await.unwrap();
    assert_eq!(client.local_addr().unwrap(), peer);
    (client, server)
}

async fn read_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buf = vec![0; 4096];
    loop {
        match stream.read(&mut buf).await.unwrap() {
            0 => return all,
            count => all.extend_from_slice(&buf[..count]),
        }
    }
}

#[test]
fn what_is_written_is_read_and_the_end_comes_last() {
    run(async {
        let (mut client, mut server) = pair().await;
        client.write_all(b"one").await.unwrap();
        client.write_all(b"two").await.unwrap();
        drop(client);
        assert_eq!(read_to_end(&mut server).await, b"onetwo");
        assert_eq!(server.read(&mut [0; 8]).await.unwrap(), 0);
    });
}

#[test]
fn half_close_leaves_the_other_direction_open() {
    run(async {
        let (mut client, mut server) = pair().await;
        client.write_all(b"question").await.unwrap();
        client.shutdown(Shutdown::Write).await.unwrap();
        assert_eq!(read_to_end(&mut server).await, b"question");
        server.write_all(b"answer").await.unwrap();
        drop(server);
        assert_eq!(read_to_end(&mut client).await, b"answer");
    });
}

#[test]
fn chunks_and_slices_mix_in_order() {
    run(async {
        let (mut client, mut server) = pair().await;
        client.write_all(b"abcdef").await.unwrap();
        let mut two = [0; 2];
        assert_eq!(server.read(&mut two).await.unwrap(), 2);
        assert_eq!(&two, b"ab");
        let chunk = server.read_chunk().await.unwrap().unwrap();
        assert_eq!(&chunk[..], b"cdef");
        drop(client);
        assert!(server.read_chunk().await.unwrap().is_none());
    });
}

#[test]
fn a_large_write_arrives_whole_while_the_reader_is_slow() {
    run(async {
        let (mut client, mut server) = pair().await;
        let sent: Vec<u8> = (0..8_000_000u32).map(|n| ((n * 7) >> 3) as u8).collect();
        let expected = sent.clone();
        let writer = create_task(async move {
            client.write_all(&sent).await.unwrap();
        });
        sleep(Duration::from_millis(20)).await;
        assert_eq!(read_to_end(&mut server).await, expected);
        writer.await.unwrap();
    });
}

#[test]
fn both_halves_work_at_once_and_the_write_halfs_end_is_the_peers_end() {
    run(async {
        let (client, mut server) = pair().await;
        let (mut reader, mut writer) = client.into_split();
        let echo = create_task(async move {
            let mut buf = [0; 1024];
            loop {
                match server.read(&mut buf).await.unwrap() {
                    0 => break,
                    count => server.write_all(&buf[..count]).await.unwrap(),
                }
            }
        });
        let writing = create_task(async move {
            for _ in 0..100 {
                writer.write_all(&[9; 1000]).await.unwrap();
            }
        });
        let mut total = 0;
        let mut buf = [0; 4096];
        loop {
            match reader.read(&mut buf).await.unwrap() {
                0 => break,
                count => total += count,
            }
        }
        assert_eq!(total, 100_000);
        polyloop::gather!(async { writing.await.unwrap() }, async { echo.await.unwrap() })
            .await
            .unwrap();
    });
}

#[test]
fn who_waits_for_room_still_does_when_the_reader_begins_to_wait() {
    use futures::FutureExt;
    use futures::io::AsyncWriteExt;

    run(async {
        let (client, mut server) = pair().await;
        let (mut reader, mut writer) = client.into_split();
        let much = vec![7; 20_000_000];
        let ops = || Loop::current().unwrap().census().ops;
        while ops() > 0 {
            sleep(Duration::from_millis(1)).await;
        }
        // Until nothing more goes without somebody reading; then it waits for room.
        let writing = create_task(async move {
            AsyncWriteExt::write_all(&mut writer, &much).await.unwrap();
            writer
        });
        while ops() == 0 {
            sleep(Duration::from_millis(1)).await;
        }
        assert!(reader.read(&mut [0; 1]).now_or_never().is_none(), "nothing is to be read");
        let draining = create_task(async move { read_to_end(&mut server).await.len() });
        let writer = polyloop::timeout(Duration::from_secs(20), writing).await.unwrap();
        drop((reader, writer));
        assert_eq!(draining.await.unwrap(), 20_000_000);
    });
}

#[test]
fn lent_halves_serve_one_task() {
    run(async {
        let (mut client, mut server) = pair().await;
        let (mut reader, mut writer) = client.split();
        writer.write_all(b"x").await.unwrap();
        server.read(&mut [0; 1]).await.unwrap();
        server.write_all(b"y").await.unwrap();
        let mut buf = [0; 1];
        assert_eq!(reader.read(&mut buf).await.unwrap(), 1);
        assert_eq!(&buf, b"y");
    });
}

#[test]
fn a_refused_connect_says_to_where() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let error = until_it_fails(async || TcpStream::connect(address).await).await;
        assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::ConnectionRefused));
        assert!(error.to_string().contains(&address.to_string()), "{error}");
        assert!(std::io::Error::from(error).raw_os_error().is_some());
    });
}

#[test]
fn an_address_in_use_says_where() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let error = TcpListener::bind(address).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::AddrInUse));
        assert!(error.to_string().contains(&format!("listen on {address}")), "{error}");
    });
}

#[test]
fn a_host_name_is_refused_with_what_is_wanted() {
    run(async {
        let error = TcpListener::bind("localhost:0").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("numeric"), "{error}");
    });
}

#[test]
fn writing_to_a_peer_that_has_gone_is_an_error() {
    run(async {
        let (mut client, server) = pair().await;
        drop(server);
        let failed = async {
            loop {
                if let Err(error) = client.write_all(&[0; 4096]).await {
                    return error;
                }
            }
        };
        let error = polyloop::timeout(Duration::from_secs(5), failed).await.unwrap();
        assert!(matches!(
            error.io_kind(),
            std::io::ErrorKind::BrokenPipe | std::io::ErrorKind::ConnectionReset
        ));
    });
}

#[test]
fn options_are_set_and_read() {
    run(async {
        let (client, server) = pair().await;
        assert_eq!(client.option(OptionName::Nodelay).unwrap(), SocketOption::Nodelay(true));
        assert_eq!(server.option(OptionName::Nodelay).unwrap(), SocketOption::Nodelay(true));
        client.set_option(SocketOption::Nodelay(false)).unwrap();
        assert_eq!(client.option(OptionName::Nodelay).unwrap(), SocketOption::Nodelay(false));
    });
}

#[test]
fn streams_come_from_std_and_go_back() {
    run(async {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut std_client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        std_client.write_all(b"hello world").unwrap();
        let mut buf = [0; 5];
        assert_eq!(server.read(&mut buf).await.unwrap(), 5);
        sleep(Duration::from_millis(5)).await;
        let mut back = server.into_std().await.unwrap();
        back.stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        std_client.write_all(b"!").unwrap();
        let mut rest = std::mem::take(&mut back.unread);
        while rest.len() < 7 {
            let mut buf = [0; 16];
            let count = back.stream.read(&mut buf).unwrap();
            assert!(count > 0, "the stream ended early");
            rest.extend_from_slice(&buf[..count]);
        }
        assert_eq!(rest, b" world!");
        let mut again = TcpStream::from_std(back.stream).unwrap();
        again.write_all(b"bye").await.unwrap();
        let mut buf = [0; 3];
        std_client.read_exact(&mut buf).unwrap();
        assert_eq!(&buf, b"bye");
    });
}

#[test]
fn a_stream_of_a_loop_that_is_gone_says_so() {
    let stream = run(async { pair().await.0 });
    let error = stream.peer_addr().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LoopClosed);
    assert!(error.to_string().contains("loop is closed"), "{error}");
    drop(stream);
}

#[test]
fn dropped_streams_and_listeners_leave_nothing_behind() {
    run(async {
        let census = || Loop::current().unwrap().census();
        let before = census();
        for _ in 0..50 {
            let (mut client, mut server) = pair().await;
            client.write_all(b"hello").await.unwrap();
            server.read(&mut [0; 8]).await.unwrap();
        }
        let settle = async {
            while census() != before {
                sleep(Duration::from_millis(1)).await;
            }
        };
        if polyloop::timeout(Duration::from_secs(5), settle).await.is_err() {
            panic!("left behind: {:?}, before: {before:?}", census());
        }
    });
}

#[test]
fn what_was_written_before_a_drop_is_delivered() {
    run(async {
        let (mut client, mut server) = pair().await;
        let payload = vec![3; 3_000_000];
        let sending = payload.clone();
        create_task(async move {
            client.write_all(&sending).await.unwrap();
            drop(client);
        })
        .detach();
        assert_eq!(read_to_end(&mut server).await.len(), payload.len());
    });
}
