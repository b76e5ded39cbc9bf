//! The options of a server's listener, each looked at where it works: in the operating system.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

#[cfg(target_os = "linux")]
use polyloop::{ErrorKind, create_task, open_unix_connection, sleep, timeout};
use polyloop::{OptionName, Server, SocketOption, StreamReader, StreamWriter, open_connection};

use crate::run;

#[cfg(target_os = "linux")]
const MS: Duration = Duration::from_millis(1);

/// A handler that says something, and ends.
#[cfg(target_os = "linux")]
async fn greet(_: StreamReader, writer: StreamWriter) {
    writer.write(b"!");
}

#[test]
fn connections_are_probed_after_the_time_that_was_set() {
    run(async {
        let seen = Rc::new(Cell::new(None));
        let noted = seen.clone();
        let handler = move |_: StreamReader, writer: StreamWriter| {
            noted.set(Some(writer.extra_info().option(OptionName::KeepAlive).unwrap()));
            async {}
        };
        for after in [None, Some(Duration::from_secs(77))] {
            let builder = match after {
                Some(after) => Server::builder().keep_alive(after),
                None => Server::builder(),
            };
            let server = builder.start_server(handler.clone(), "127.0.0.1:0").await.unwrap();
            let (mut reader, _writer) =
                open_connection(server.local_addr().unwrap()).await.unwrap();
            assert_eq!(reader.read(1).await.unwrap(), b"", "the handler has run");
            assert_eq!(seen.take(), Some(SocketOption::KeepAlive(after)));
        }
    });
}

/// Linux gives each connection to one of the listeners by a hash of its addresses.
#[cfg(target_os = "linux")]
#[test]
fn servers_share_a_port_if_both_say_so() {
    run(async {
        let server = async |name: &'static [u8], reuse, address: std::net::SocketAddr| {
            let handler = move |_: StreamReader, writer: StreamWriter| async move {
                writer.write(name);
            };
            Server::builder().reuse_port(reuse).start_server(handler, address).await
        };
        let one = server(b"1", true, "127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = one.local_addr().unwrap();
        let error = server(b"3", false, address).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::AddrInUse), "{error}");
        let two = server(b"2", true, address).await.unwrap();
        assert_eq!(two.local_addr().unwrap(), address);
        let mut served = [0; 2];
        for _ in 0..200 {
            let (mut reader, _writer) = open_connection(address).await.unwrap();
            let by = reader.readexactly(1).await.unwrap()[0];
            served[usize::from(by - b'1')] += 1;
            if served.iter().all(|count| *count > 2) {
                return;
            }
        }
        panic!("{served:?} connections were served");
    });
}

/// Linux completes one connection more than the backlog says, and leaves further ones unanswered
/// until the program has taken some (listen(2), `tcp_conn_request`).
#[cfg(target_os = "linux")]
#[test]
fn no_more_connections_wait_than_the_backlog_allows() {
    run(async {
        for (backlog, complete) in [(1, 2), (5, 6)] {
            let server = Server::builder()
                .backlog(backlog)
                .start_serving(false)
                .start_server(greet, "127.0.0.1:0")
                .await
                .unwrap();
            let address = server.local_addr().unwrap();
            let mut waiting = Vec::new();
            for _ in 0..complete {
                let connecting = timeout(MS * 10_000, open_connection(address));
                waiting.push(connecting.await.expect("there is room").unwrap());
            }
            let further = timeout(MS * 200, open_connection(address)).await;
            assert!(further.is_err(), "a backlog of {backlog} has {complete} connections wait");
            server.start_serving().unwrap();
            for (reader, _writer) in &mut waiting {
                assert_eq!(reader.readexactly(1).await.unwrap(), b"!");
            }
            open_connection(address).await.expect("there is room again");
        }
    });
}

/// A connect to a Unix socket waits for room in the backlog, which the server makes.
#[cfg(target_os = "linux")]
#[test]
fn who_finds_the_backlog_of_a_unix_server_full_waits_for_room() {
    run(async {
        let path = crate::unix_sockets::SocketPath::new();
        let server = Server::builder()
            .backlog(1)
            .start_serving(false)
            .start_unix_server(greet, path.as_ref())
            .await
            .unwrap();
        let mut waiting = Vec::new();
        for _ in 0..2 {
            let connecting = timeout(MS * 10_000, open_unix_connection(path.as_ref()));
            waiting.push(connecting.await.expect("there is room").unwrap());
        }
        let to = path.as_ref().to_owned();
        let third = create_task(async move { open_unix_connection(&to).await.unwrap() });
        sleep(MS * 100).await;
        assert!(!third.done(), "a backlog of 1 has 2 connections wait");
        server.start_serving().unwrap();
        waiting.push(third.await.unwrap());
        for (reader, _writer) in &mut waiting {
            assert_eq!(reader.readexactly(1).await.unwrap(), b"!");
        }
    });
}
