use std::net::Shutdown;
use std::time::Duration;

use polyloop::fs::{self, File};
use polyloop::io::{copy, copy_bidirectional};
use polyloop::{ErrorKind, TcpStream, create_task, sendfile, sendfile_without_fallback, timeout};

use crate::files::pattern;
use crate::run;
use crate::streams::pair;

async fn read_all(stream: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buf = vec![0; 1 << 16];
    loop {
        match stream.read(&mut buf).await.unwrap() {
            0 => return all,
            count => all.extend_from_slice(&buf[..count]),
        }
    }
}

async fn file_with(bytes: &[u8]) -> File {
    let file = fs::temp_file().await.unwrap();
    file.write_all_at(bytes, 0).await.unwrap();
    file
}

#[test]
fn a_file_is_sent_between_writes_whole_and_in_parts() {
    run(async {
        let (mut client, mut server) = pair().await;
        let bytes = pattern(5_000_000);
        let expected = bytes.clone();
        let sending = create_task(async move {
            let file = file_with(&bytes).await;
            client.write_all(b"before").await.unwrap();
            assert_eq!(sendfile(&mut client, &file, 0, None).await.unwrap(), 5_000_000);
            client.write_all(b"between").await.unwrap();
            assert_eq!(sendfile(&mut client, &file, 10, 20).await.unwrap(), 20);
            assert_eq!(sendfile(&mut client, &file, 4_999_990, 20).await.unwrap(), 10);
            assert_eq!(sendfile(&mut client, &file, 6_000_000, None).await.unwrap(), 0);
            assert_eq!(sendfile(&mut client, &file, 0, 0).await.unwrap(), 0);
            let (_, mut writer) = client.into_split();
            sendfile_without_fallback(&mut writer, &file, 0, 1).await.unwrap();
        });
        let all = read_all(&mut server).await;
        sending.await.unwrap();
        let parts: [&[u8]; 6] = [
            b"before",
            &expected,
            b"between",
            &expected[10..30],
            &expected[4_999_990..],
            &expected[..1],
        ];
        assert!(all == parts.concat());
    });
}

#[cfg(unix)]
#[test]
fn a_file_is_sent_into_a_pipe() {
    run(async {
        let (mut reader, mut writer) = polyloop::io::pipe().await.unwrap();
        let bytes = pattern(700_000);
        let expected = bytes.clone();
        let sending = create_task(async move {
            let file = file_with(&bytes).await;
            sendfile(&mut writer, &file, 0, None).await.unwrap()
        });
        let mut all = Vec::new();
        copy(&mut reader, &mut all).await.unwrap();
        assert_eq!(sending.await.unwrap(), 700_000);
        assert!(all == expected);
    });
}

#[test]
fn a_send_of_a_file_that_fails_names_it_and_tells_how_much_went() {
    run(async {
        let (mut client, server) = pair().await;
        drop(server);
        let file = File::open("Cargo.toml").await.unwrap();
        let failed = async {
            loop {
                if let Err(error) = sendfile(&mut client, &file, 0, None).await {
                    return error;
                }
            }
        };
        let error = timeout(Duration::from_secs(10), failed).await.unwrap();
        assert!(error.raw_os_error().is_some(), "{error}");
        assert!(error.to_string().contains("send Cargo.toml"), "{error}");
        let error = sendfile(&mut client, &file, u64::MAX, 1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    });
}

#[test]
fn a_dropped_file_is_sent_to_the_end() {
    run(async {
        let (mut client, mut server) = pair().await;
        let bytes = pattern(8_000_000);
        let file = file_with(&bytes).await;
        let reading = create_task(async move { read_all(&mut server).await });
        // Begun, then left alone: the op goes on only while its future is there.
        let given_up = timeout(Duration::from_millis(1), sendfile(&mut client, &file, 0, None));
        let sent = given_up.await;
        drop(file);
        client.shutdown(Shutdown::Write).await.unwrap();
        let all = reading.await.unwrap();
        assert!(all == bytes[..all.len()], "a prefix of the file arrives");
        if let Ok(sent) = sent {
            assert_eq!(sent.unwrap(), 8_000_000);
        }
    });
}

#[test]
fn a_stream_is_copied_to_its_end() {
    run(async {
        let (mut client, mut server) = pair().await;
        let bytes = pattern(3_000_000);
        let expected = bytes.clone();
        let sending = create_task(async move {
            let mut source = file_with(&bytes).await;
            let count = copy(&mut source, &mut client).await.unwrap();
            client.shutdown(Shutdown::Write).await.unwrap();
            count
        });
        let mut sink = fs::temp_file().await.unwrap();
        assert_eq!(copy(&mut server, &mut sink).await.unwrap(), 3_000_000);
        assert_eq!(sending.await.unwrap(), 3_000_000);
        let mut all = Vec::new();
        sink.rewind().await.unwrap();
        sink.read_to_end(&mut all).await.unwrap();
        assert!(all == expected);
    });
}

#[test]
fn a_copy_that_fails_keeps_what_was_copied() {
    run(async {
        let mut source = std::io::Cursor::new(vec![1; 1000]);
        let mut room = vec![0; 300];
        let mut sink = ::futures::io::Cursor::new(&mut room[..]);
        let error = copy(&mut ::futures::io::AllowStdIo::new(&mut source), &mut sink).await;
        let error = error.unwrap_err();
        assert_eq!(error.io_kind(), std::io::ErrorKind::WriteZero);
        assert_eq!(error.transferred(), 300);
    });
}

#[test]
fn endless_streams_do_not_keep_the_loop() {
    run(async {
        let mut source = ::futures::io::repeat(7);
        let mut sink = ::futures::io::sink();
        let copying = copy(&mut source, &mut sink);
        timeout(Duration::from_millis(50), copying).await.unwrap_err();
    });
}

#[test]
fn each_direction_of_a_proxy_ends_on_its_own() {
    for client_first in [true, false] {
        run(async move {
            let (mut client, mut front) = pair().await;
            let (mut back, mut server) = pair().await;
            let proxy =
                create_task(
                    async move { copy_bidirectional(&mut front, &mut back).await.unwrap() },
                );
            let request = pattern(2_000_000);
            let answer = pattern(1_000_001);
            let (request_read, answer_read) = if client_first {
                let writing = async {
                    client.write_all(&request).await.unwrap();
                    client.shutdown(Shutdown::Write).await.unwrap();
                };
                let ((), got) = ::futures::join!(writing, read_all(&mut server));
                let writing = async {
                    server.write_all(&answer).await.unwrap();
                    server.shutdown(Shutdown::Write).await.unwrap();
                };
                let ((), back) = ::futures::join!(writing, read_all(&mut client));
                (got, back)
            } else {
                let writing = async {
                    server.write_all(&answer).await.unwrap();
                    server.shutdown(Shutdown::Write).await.unwrap();
                };
                let ((), back) = ::futures::join!(writing, read_all(&mut client));
                let writing = async {
                    client.write_all(&request).await.unwrap();
                    client.shutdown(Shutdown::Write).await.unwrap();
                };
                let ((), got) = ::futures::join!(writing, read_all(&mut server));
                (got, back)
            };
            assert!(request_read == request && answer_read == answer);
            assert_eq!(proxy.await.unwrap(), (2_000_000, 1_000_001));
        });
    }
}

#[test]
fn a_reset_in_the_middle_of_a_proxy_keeps_both_counts() {
    run(async {
        let (mut client, mut front) = pair().await;
        let (mut back, mut server) = pair().await;
        let proxy = create_task(async move { copy_bidirectional(&mut front, &mut back).await });
        client.write_all(b"12345").await.unwrap();
        let mut buf = [0; 5];
        assert_eq!(server.read(&mut buf).await.unwrap(), 5);
        server.set_option(polyloop::SocketOption::Linger(Some(Duration::ZERO))).unwrap();
        drop(server);
        let error = proxy.await.unwrap().unwrap_err();
        assert_eq!((error.a_to_b, error.b_to_a), (5, 0));
        assert_eq!(error.error.io_kind(), std::io::ErrorKind::ConnectionReset);
        assert!(error.to_string().contains("5 bytes there and 0 back"), "{error}");
        assert_eq!(polyloop::Error::from(error).transferred(), 5);
    });
}
