//! What programs are given that cannot work: the error says what was attempted on what, what had come
//! is kept, and nothing leaks: no resource, no op, no task, no descriptor.
//!
//! In a process of its own, because the descriptors of other tests would count.

#![cfg(target_os = "linux")]

use std::future::Future;
use std::io::ErrorKind::{
    ConnectionRefused, InvalidInput, IsADirectory, NetworkUnreachable, NotFound, PermissionDenied,
};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use polyloop::fs::{self, File};
use polyloop::process::{Command, PIPE};
use polyloop::{
    Census, Error, Loop, TcpListener, TcpStream, UnixListener, UnixStream, all_tasks,
    open_connection, sleep, start_server,
};

use crate::files::Scratch;
use crate::run;

const CHILD: &str = "POLYLOOP_TEST_BAD_INPUT_CHILD";

/// Runs a test's future in a process that does nothing else.
fn alone<F: Future<Output = ()> + 'static>(test: &str, future: F) {
    if std::env::var_os(CHILD).is_some() {
        return run(future);
    }
    let name = format!("bad_input::{test}");
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args([&name, "--exact", "--test-threads=1", "--nocapture"])
        .env(CHILD, "1")
        .status()
        .unwrap();
    assert!(status.success(), "{test}: {status}");
}

/// What must be the same afterwards: descriptors, what the loop holds, tasks.
fn held() -> (usize, Census, usize) {
    let descriptors = std::fs::read_dir("/proc/self/fd").unwrap().count();
    (descriptors, Loop::current().unwrap().census(), all_tasks().len())
}

/// Runs a case once for what it makes the first time (threads, a resolver), then again, after which
/// nothing more may be held.
async fn leaks_nothing(case: impl AsyncFn()) {
    case().await;
    // What ends behind the first case, a closing socket say, must not count as held.
    let mut before = held();
    for _ in 0..20 {
        sleep(Duration::from_millis(5)).await;
        before = held();
    }
    for _ in 0..5 {
        case().await;
    }
    let settled = async {
        while held() != before {
            sleep(Duration::from_millis(5)).await;
        }
    };
    if polyloop::timeout(Duration::from_secs(10), settled).await.is_err() {
        panic!("{before:?} before, {:?} now", held());
    }
}

/// Checks that an error has a kind, and says all of these words.
#[track_caller]
fn says(error: impl Into<Error>, kind: std::io::ErrorKind, words: &[&str]) {
    let error = error.into();
    let text = error.to_string();
    assert_eq!(error.io_kind(), kind, "{text}");
    for word in words {
        assert!(text.contains(word), "{word:?} is not in {text:?}");
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_path_with_a_nul_is_named() {
    alone("a_path_with_a_nul_is_named", async {
        leaks_nothing(async || {
            let nul = "with\0nul";
            let quoted = r#""with\0nul""#;
            says(File::open(nul).await.unwrap_err(), InvalidInput, &["open", quoted]);
            says(fs::rename("a", nul).await.unwrap_err(), InvalidInput, &["rename", quoted]);
            says(fs::read_dir(nul).await.unwrap_err(), InvalidInput, &["directory", quoted]);
            says(UnixStream::connect(nul).await.unwrap_err(), InvalidInput, &["Unix", quoted]);
            says(UnixListener::bind(nul).await.unwrap_err(), InvalidInput, &["Unix", quoted]);
            says(Command::new(nul).spawn().unwrap_err(), InvalidInput, &["start", "nul"]);
            let arguments = Command::new("true").arg(nul).spawn().unwrap_err();
            says(arguments, InvalidInput, &["start", "true"]);
        })
        .await;
    });
}

#[test]
fn a_host_that_is_not_there_is_named() {
    alone("a_host_that_is_not_there_is_named", async {
        crate::names::script(Vec::new());
        leaks_nothing(async || {
            let words = &["missing.test", "80"];
            says(TcpStream::connect("missing.test:80").await.unwrap_err(), NotFound, words);
            says(open_connection("missing.test:80").await.unwrap_err(), NotFound, words);
            let serving = start_server(|_, _| async {}, "missing.test:80").await;
            says(serving.unwrap_err(), NotFound, words);
        })
        .await;
    });
}

#[test]
fn a_peer_that_refuses_or_cannot_be_reached_is_named() {
    alone("a_peer_that_refuses_or_cannot_be_reached_is_named", async {
        let scratch = Scratch::new("refusing");
        let path = scratch.path("nobody");
        drop(UnixListener::bind(&path).await.unwrap());
        leaks_nothing(async || {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            drop(listener);
            // A listener closes behind what was there before it.
            sleep(Duration::from_millis(5)).await;
            let attempt = format!("connect to {address}");
            let error = TcpStream::connect(address).await.unwrap_err();
            says(error, ConnectionRefused, &[&attempt]);
            let error = open_connection(address).await.unwrap_err();
            says(error, ConnectionRefused, &[&attempt]);
            let error = UnixStream::connect(&path).await.unwrap_err();
            says(error, ConnectionRefused, &["connect to", text(&path)]);
            let error = UnixStream::connect(scratch.path("missing")).await.unwrap_err();
            says(error, NotFound, &["connect to", "missing"]);
            // A group is no stream's peer: Linux says so before anything is sent.
            let group = SocketAddr::from(([224, 0, 0, 1], 9));
            let error = TcpStream::connect(group).await.unwrap_err();
            says(error, NetworkUnreachable, &["connect to 224.0.0.1:9"]);
        })
        .await;
    });
}

#[test]
fn a_unix_path_that_is_too_long_is_named_with_the_limit() {
    alone("a_unix_path_that_is_too_long_is_named_with_the_limit", async {
        leaks_nothing(async || {
            let long = format!("/tmp/{}", "x".repeat(200));
            let words = &[&*long, "107"];
            says(UnixStream::connect(&long).await.unwrap_err(), InvalidInput, words);
            says(UnixListener::bind(&long).await.unwrap_err(), InvalidInput, words);
        })
        .await;
    });
}

#[test]
fn a_child_that_cannot_be_started_is_named() {
    alone("a_child_that_cannot_be_started_is_named", async {
        let scratch = Scratch::new("children");
        let (missing, data) = (scratch.path("missing"), scratch.path("data"));
        std::fs::write(&data, "no program").unwrap();
        leaks_nothing(async || {
            let start = |path: &Path| Command::new(path).stdin(PIPE).stdout(PIPE).spawn();
            says(start(&missing).unwrap_err(), NotFound, &["start", text(&missing)]);
            says(start(&data).unwrap_err(), PermissionDenied, &["start", text(&data)]);
        })
        .await;
    });
}

#[test]
fn a_directory_that_is_read_and_a_file_that_is_only_read_are_named() {
    alone("a_directory_that_is_read_and_a_file_that_is_only_read_are_named", async {
        let scratch = Scratch::new("refused-files");
        let directory = scratch.path("directory");
        std::fs::create_dir(&directory).unwrap();
        let path = scratch.path("data");
        std::fs::write(&path, "abc").unwrap();
        leaks_nothing(async || {
            let words = &["read from", text(&directory)];
            let mut opened = File::open(&directory).await.unwrap();
            says(opened.read(&mut [0; 8]).await.unwrap_err(), IsADirectory, words);
            says(opened.read_at(&mut [0; 8], 0).await.unwrap_err(), IsADirectory, words);
            says(fs::read(&directory).await.unwrap_err(), IsADirectory, words);
            let writing = fs::write(&directory, "x").await.unwrap_err();
            says(writing, IsADirectory, &["open", text(&directory)]);

            let mut file = File::open(&path).await.unwrap();
            let written = [
                file.write(b"x").await.unwrap_err(),
                file.write_all(b"x").await.unwrap_err(),
                file.write_at(b"x", 0).await.unwrap_err(),
                file.write_all_at(b"x", 0).await.unwrap_err(),
                file.write_owned_at(vec![1], 0).await.0.unwrap_err(),
            ];
            for error in written {
                assert_eq!(error.raw_os_error(), Some(9), "EBADF: {error}");
                assert!(error.to_string().starts_with(&format!("write to {}: ", path.display())));
            }
            let error = file.set_len(1).await.unwrap_err();
            says(error, InvalidInput, &["set the length of", text(&path)]);
            // The failed writes have moved nothing.
            assert_eq!(std::fs::read(&path).unwrap(), b"abc");
        })
        .await;
    });
}

/// What came before the failure is read first, or is in the error.
#[test]
fn what_had_come_before_a_failure_is_kept() {
    alone("what_had_come_before_a_failure_is_kept", async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        leaks_nothing(async || {
            let (mut reader, _writer) = open_connection(address).await.unwrap();
            let (mut server, _) = listener.accept().await.unwrap();
            server.write_all(b"abc").await.unwrap();
            assert_eq!(reader.readexactly(1).await.unwrap(), b"a");
            let linger = polyloop::SocketOption::Linger(Some(Duration::ZERO));
            server.set_option(linger).unwrap();
            drop(server);
            let error = reader.readexactly(5).await.unwrap_err();
            says(error, std::io::ErrorKind::ConnectionReset, &["read from", &address.to_string()]);
            // Linux drops what a reset finds unread; what the reader had is still there.
            assert_eq!(reader.readexactly(2).await.unwrap(), b"bc");

            let (mut reader, _writer) = open_connection(address).await.unwrap();
            let (mut server, _) = listener.accept().await.unwrap();
            server.write_all(b"abc").await.unwrap();
            drop(server);
            let error = reader.readexactly(5).await.unwrap_err();
            assert_eq!(error.partial(), Some(&b"abc"[..]));
        })
        .await;
    });
}

#[cfg(feature = "__tls-tests")]
mod tls {
    use std::io::ErrorKind::InvalidData;

    use polyloop::tls::test_authority::{TestAuthority, TestIdentity};
    use polyloop::tls::{TlsAcceptor, TlsConnector};
    use polyloop::{Server, StreamReader, StreamWriter};

    use super::*;

    async fn server(identity: TestIdentity) -> Server {
        let acceptor = TlsAcceptor::builder()
            .certificate_pem(identity.certificate, identity.key)
            .unwrap()
            .build()
            .unwrap();
        let ignore = |_: StreamReader, _: StreamWriter| async {};
        start_server(acceptor.wrap(ignore), "127.0.0.1:0").await.unwrap()
    }

    #[test]
    fn a_server_with_the_wrong_certificate_is_named() {
        alone("tls::a_server_with_the_wrong_certificate_is_named", async {
            let authority = TestAuthority::new();
            let connector =
                TlsConnector::builder().root_pem(authority.root()).unwrap().build().unwrap();
            let expired = server(authority.expired_server(&["server.test"])).await;
            let other = server(authority.server(&["other.test"])).await;
            let untrusted = server(TestAuthority::new().server(&["server.test"])).await;
            leaks_nothing(async || {
                for (server, word) in
                    [(&expired, "expired"), (&other, "not valid for name"), (&untrusted, "issuer")]
                {
                    let address = server.local_addr().unwrap();
                    let error = connector.open_connection("server.test", address).await;
                    says(error.unwrap_err(), InvalidData, &["TLS with server.test", word]);
                    let stream = TcpStream::connect(address).await.unwrap();
                    let error = connector.connect("server.test", stream).await;
                    says(error.unwrap_err(), InvalidData, &["TLS with server.test", word]);
                }
            })
            .await;
        });
    }

    #[test]
    fn plain_text_at_a_tls_port_is_quoted_and_lets_go() {
        alone("tls::plain_text_at_a_tls_port_is_quoted_and_lets_go", async {
            let authority = TestAuthority::new();
            let server = server(authority.server(&["server.test"])).await;
            let connector =
                TlsConnector::builder().root_pem(authority.root()).unwrap().build().unwrap();
            let plain =
                start_server(
                    |_: StreamReader, writer: StreamWriter| async move {
                        writer.write(b"220 hello\r\n")
                    },
                    "127.0.0.1:0",
                )
                .await
                .unwrap();
            leaks_nothing(async || {
                let address = server.local_addr().unwrap();
                let mut client = TcpStream::connect(address).await.unwrap();
                client.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
                assert_eq!(client.read(&mut [0; 100]).await.unwrap(), 7, "a fatal alert");
                let to_plain = plain.local_addr().unwrap();
                let error = connector.open_connection("server.test", to_plain).await.unwrap_err();
                says(error, InvalidData, &["TLS with server.test", "not TLS", "220 hell"]);
            })
            .await;
        });
    }
}
