use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use polyloop::{
    ErrorKind, Loop, Server, StreamReader, StreamWriter, create_task, open_connection, sleep,
    start_server, timeout,
};

use crate::names::script;
use crate::run;

const MS: Duration = Duration::from_millis(1);

async fn echo(mut reader: StreamReader, writer: StreamWriter) -> polyloop::Result<()> {
    while let Some(chunk) = reader.read_chunk().await? {
        writer.write(&chunk);
        writer.drain().await?;
    }
    Ok(())
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            sleep(MS).await;
        }
    };
    timeout(MS * 5000, waiting).await.unwrap_or_else(|_| panic!("in time: {what}"));
}

async fn connect(server: &Server) -> (StreamReader, StreamWriter) {
    open_connection(server.local_addr().unwrap()).await.unwrap()
}

async fn echoes(stream: &mut (StreamReader, StreamWriter)) -> bool {
    stream.1.write(b"ping");
    matches!(stream.0.readexactly(4).await, Ok(answer) if answer == b"ping")
}

#[test]
fn every_connection_has_a_task_and_all_are_closed_at_their_end() {
    run(async {
        let census = || Loop::current().unwrap().census();
        let before = census();
        let server = start_server(echo, "127.0.0.1:0").await.unwrap();
        let mut clients = Vec::new();
        for _ in 0..20 {
            clients.push(connect(&server).await);
        }
        for client in &mut clients {
            assert!(echoes(client).await);
        }
        assert_eq!(server.connections(), 20);
        drop(clients);
        until("no connection is left", || server.connections() == 0).await;
        server.close();
        assert!(server.sockets().is_empty() && !server.is_serving());
        timeout(MS * 5000, server.wait_closed()).await.unwrap();
        until("nothing is left behind", || census() == before).await;
    });
}

#[test]
fn what_a_handler_fails_or_panics_with_is_reported_and_ends_only_its_connection() {
    run(async {
        let reports = Rc::new(RefCell::new(Vec::new()));
        let seen = reports.clone();
        Loop::current().unwrap().set_exception_handler(move |context| {
            seen.borrow_mut().push(format!("{} {}", context.message, context.panic));
        });
        let handler = |mut reader: StreamReader, writer: StreamWriter| async move {
            match &reader.readline().await?[..] {
                b"panic\n" => panic!("as asked"),
                b"fail\n" => Err(polyloop::Error::other("also as asked")),
                line => {
                    writer.write(line);
                    Ok(())
                }
            }
        };
        let server = start_server(handler, "127.0.0.1:0").await.unwrap();
        for (word, answer) in [("panic\n", ""), ("fail\n", ""), ("fine\n", "fine\n")] {
            let (mut reader, writer) = connect(&server).await;
            writer.write(word.as_bytes());
            assert_eq!(reader.read_to_end().await.unwrap(), answer.as_bytes());
        }
        until("both are reported", || reports.borrow().len() == 2).await;
        let reports = reports.borrow();
        assert!(reports[0].contains("panicked") && reports[0].contains("as asked"), "{reports:?}");
        assert!(reports[1].contains("handler of a connection failed: also"), "{reports:?}");
    });
}

#[test]
fn at_the_limit_no_connection_is_served_until_one_has_ended() {
    run(async {
        let most = Rc::new(Cell::new((0, 0)));
        let counted = most.clone();
        let handler = move |reader, writer| {
            let counted = counted.clone();
            async move {
                let (now, most) = counted.get();
                counted.set((now + 1, most.max(now + 1)));
                let result = echo(reader, writer).await;
                let (now, most) = counted.get();
                counted.set((now - 1, most));
                result
            }
        };
        let server = Server::builder()
            .connections_max(2)
            .start_server(handler, "127.0.0.1:0")
            .await
            .unwrap();
        let mut served = vec![connect(&server).await, connect(&server).await];
        for client in &mut served {
            assert!(echoes(client).await);
        }
        let mut waiting = connect(&server).await;
        assert!(timeout(MS * 50, echoes(&mut waiting)).await.is_err());
        assert_eq!(server.connections(), 2);
        drop(served.pop());
        let answered = timeout(MS * 5000, waiting.0.readexactly(4)).await.unwrap();
        assert_eq!(answered.unwrap(), b"ping");
        drop(served);
        // A crowd goes through the two places.
        let mut crowd = Vec::new();
        for _ in 0..30 {
            let mut client = connect(&server).await;
            crowd.push(create_task(async move { echoes(&mut client).await }));
        }
        drop(waiting);
        for client in crowd {
            assert!(timeout(MS * 10_000, client).await.unwrap().unwrap());
        }
        assert_eq!(most.get().1, 2);
    });
}

#[test]
fn an_idle_connection_is_aborted_and_a_busy_one_is_not() {
    run(async {
        let ends = Rc::new(RefCell::new(Vec::new()));
        let noted = ends.clone();
        let handler = move |reader, writer| {
            let noted = noted.clone();
            async move {
                let end = echo(reader, writer).await;
                noted.borrow_mut().push(end.map_err(|error| error.kind()));
            }
        };
        let server = Server::builder()
            .idle_timeout(MS * 2000)
            .start_server(handler, "127.0.0.1:0")
            .await
            .unwrap();
        let mut idle = connect(&server).await;
        let mut busy = connect(&server).await;
        let begin = polyloop::time();
        let ended = create_task(async move {
            let _ = idle.0.read(1).await;
            polyloop::time().since(begin)
        });
        while !ended.done() {
            assert!(echoes(&mut busy).await, "the busy one lives");
            sleep(MS * 20).await;
        }
        assert!(ended.await.unwrap() >= MS * 2000);
        assert_eq!(*ends.borrow(), [Err(ErrorKind::TimedOut)]);
        assert!(echoes(&mut busy).await);
    });
}

#[test]
fn a_graceful_shutdown_lets_connections_end_and_aborts_those_that_do_not() {
    run(async {
        let server = start_server(echo, "127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap();
        let mut quick = connect(&server).await;
        let mut stuck = connect(&server).await;
        assert!(echoes(&mut quick).await && echoes(&mut stuck).await);
        create_task(async move {
            assert!(echoes(&mut quick).await, "it is served while the server ends");
        })
        .detach();
        let error = server.shutdown(MS * 2000).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(error.to_string().contains("1 connections"), "{error}");
        assert_eq!(server.connections(), 0);
        assert!(matches!(stuck.0.read(1).await, Ok(end) if end.is_empty()) || stuck.0.at_eof());
        let refused = open_connection(address).await.unwrap_err();
        assert_eq!(refused.io_kind(), std::io::ErrorKind::ConnectionRefused);
        let idle = start_server(echo, "127.0.0.1:0").await.unwrap();
        idle.shutdown(MS * 5000).await.unwrap();
    });
}

#[test]
fn clients_are_closed_after_what_was_written_or_aborted() {
    run(async {
        let handler = |_reader, writer: StreamWriter| async move {
            writer.write(&vec![5; 30_000_000]);
            let _ = writer.wait_closed().await;
        };
        let server = start_server(handler, "127.0.0.1:0").await.unwrap();
        let mut flushed = connect(&server).await;
        flushed.0.readexactly(1).await.unwrap();
        server.close_clients();
        assert_eq!(flushed.0.read_to_end().await.unwrap().len(), 29_999_999);
        let mut cut = connect(&server).await;
        cut.0.readexactly(1).await.unwrap();
        server.abort_clients();
        let rest = cut.0.read_to_end().await;
        assert!(rest.is_err() || rest.is_ok_and(|rest| rest.len() < 29_999_999));
    });
}

#[test]
fn a_server_serves_when_it_is_told_to_until_its_future_is_dropped() {
    run(async {
        let server =
            Server::builder().start_serving(false).start_server(echo, "127.0.0.1:0").await.unwrap();
        assert!(!server.is_serving());
        let mut early = connect(&server).await;
        assert!(timeout(MS * 30, echoes(&mut early)).await.is_err());
        {
            let serving = server.serve_forever();
            let mut serving = std::pin::pin!(serving);
            assert!(timeout(MS * 30, serving.as_mut()).await.is_err());
            assert!(server.is_serving());
            let answered = timeout(MS * 5000, async {
                futures::future::select(serving.as_mut(), std::pin::pin!(early.0.readexactly(4)))
                    .await;
            });
            answered.await.unwrap();
        }
        assert!(!server.is_serving() && server.sockets().is_empty());
        assert_eq!(server.start_serving().unwrap_err().kind(), ErrorKind::StaleKey);
        assert!(echoes(&mut early).await, "who was served stays");
    });
}

#[test]
fn addresses_of_a_name_that_are_not_here_are_passed_over() {
    run(async {
        // TEST-NET-1 (RFC 5737): no machine has it.
        let absent = "192.0.2.1:0".parse().unwrap();
        script(vec![absent, "127.0.0.1:0".parse().unwrap()]);
        let server = start_server(echo, "scripted.test:0").await.unwrap();
        assert_eq!(server.sockets().len(), 1);
        assert!(server.local_addr().unwrap().ip().is_loopback());
        assert!(echoes(&mut connect(&server).await).await);
        script(vec![absent]);
        let error = start_server(echo, "scripted.test:0").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::AddrNotAvailable), "{error}");
        assert!(error.to_string().starts_with("listen on scripted.test:0: "), "{error}");
        script(vec!["127.0.0.1:0".parse().unwrap(), server.local_addr().unwrap()]);
        let error = start_server(echo, "scripted.test:0").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::AddrInUse), "{error}");
    });
}

#[test]
fn wildcards_of_both_versions_share_a_port() {
    run(async {
        if std::net::TcpListener::bind("[::1]:0").is_err() {
            return;
        }
        // Another test may take the port in between, but not every time.
        let mut server = None;
        for _ in 0..5 {
            let free = std::net::TcpListener::bind("0.0.0.0:0").unwrap().local_addr().unwrap();
            script(vec![free, (std::net::Ipv6Addr::UNSPECIFIED, free.port()).into()]);
            match start_server(echo, "scripted.test:0").await {
                Ok(started) => server = Some(started),
                Err(error) => {
                    let taken = ErrorKind::Io(std::io::ErrorKind::AddrInUse);
                    assert_eq!(error.kind(), taken, "{error}");
                    continue;
                }
            }
            break;
        }
        let server = server.expect("a port for both");
        let port = server.local_addr().unwrap().port();
        assert_eq!(server.sockets().len(), 2);
        for host in ["127.0.0.1", "::1"] {
            let address = (host, port);
            assert!(echoes(&mut open_connection(address).await.unwrap()).await, "{host}");
        }
    });
}

/// Port 0 gives each address a port of its own, so only a real one tells of a second bind.
#[test]
fn an_address_that_the_resolver_gives_twice_is_listened_at_once() {
    run(async {
        let mut server = None;
        for _ in 0..20 {
            let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            script(vec![free, free, free]);
            match start_server(echo, "scripted.test:0").await {
                Ok(started) => server = Some(started),
                // Somebody else was quicker: at the first, else the text would be another.
                Err(error) if std::net::TcpListener::bind(free).is_err() => {
                    assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::AddrInUse));
                    continue;
                }
                Err(error) => panic!("{error}"),
            }
            break;
        }
        let server = server.expect("a port");
        assert_eq!(server.sockets().len(), 1);
        assert!(echoes(&mut connect(&server).await).await);
    });
}

#[test]
fn a_closed_server_says_that_it_is_closed() {
    run(async {
        let server = start_server(echo, "127.0.0.1:0").await.unwrap();
        server.close();
        let error = server.local_addr().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StaleKey);
        assert!(error.to_string().starts_with("give the address of a server: "), "{error}");
        let error = server.start_serving().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StaleKey);
        assert!(error.to_string().starts_with("take connections by a server: "), "{error}");
        assert_eq!(server.serve_forever().await.unwrap_err().kind(), ErrorKind::StaleKey);
    });
}

#[cfg(unix)]
#[test]
fn a_server_at_a_path_has_no_internet_address_and_says_where_it_is() {
    run(async {
        let name = format!("polyloop-{}-no-internet", std::process::id());
        let path = std::env::temp_dir().join(name);
        let server = polyloop::start_unix_server(echo, &path).await.unwrap();
        std::fs::remove_file(&path).unwrap();
        let error = server.local_addr().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    });
}
