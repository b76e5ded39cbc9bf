//! Dialogues over streams.

use std::time::Duration;

use polyloop::{
    Backend, Error, Protocol, Runner, SocketOption, StreamReader, StreamWriter, Transport,
    connect_accepted_socket, create_server, open_connection, timeout, yield_now,
};

use super::{Events, Shared, on_every_backend};
use crate::traffic::Random;

/// The server's side: answers commands of one letter, and notes what it sees.
struct Server {
    events: Shared,
}

impl Protocol for Server {
    fn connection_made(&mut self, _: &Transport) {
        self.events.borrow_mut().note("made");
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) {
        self.events.borrow_mut().data(data);
        for byte in data {
            match byte {
                b'l' => transport.write(&[b'L'; 1000]),
                b'w' => transport.writelines([&b"<"[..], b"w", b">"]),
                b'p' => {
                    transport.pause_reading();
                    let later = transport.clone();
                    polyloop::call_soon(move || later.resume_reading());
                }
                b'e' => transport.write_eof(),
                b'c' => return transport.close(),
                b'r' => {
                    let linger = SocketOption::Linger(Some(Duration::ZERO));
                    transport.extra_info().set_option(linger).unwrap();
                    return transport.abort();
                }
                other => transport.write(&[*other]),
            }
        }
    }

    fn eof_received(&mut self, transport: &Transport) -> bool {
        self.events.borrow_mut().note("eof");
        transport.write(b"[seen]");
        false
    }

    fn connection_lost(&mut self, _: &Transport, error: Option<Error>) {
        let how = error.map_or("lost".to_owned(), |error| format!("lost {}", said(&error)));
        self.events.borrow_mut().note(how);
    }
}

/// An error's kind and text. Ports and paths are chosen anew each time: they are left out.
fn said(error: &Error) -> String {
    let text = error.to_string();
    let words = text.split(' ').map(|word| match word.strip_prefix("127.0.0.1:") {
        Some(port) => {
            let digits = port.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("127.0.0.1:PORT{digits}")
        }
        None if word.starts_with('/') => "PATH".to_owned(),
        None => word.to_owned(),
    });
    format!("{:?}, {}", error.kind(), words.collect::<Vec<_>>().join(" "))
}

/// One seed's commands: letters, and how the client ends.
fn script(seed: u64) -> (Vec<u8>, u64) {
    let mut random = Random::new(seed + 1);
    let letters = (0..random.below(30)).map(|_| b"abclwp"[random.below(6) as usize]);
    let mut commands: Vec<u8> = letters.filter(|letter| *letter != b'c').collect();
    let last = random.below(5);
    match last {
        0 => commands.push(b'c'),
        1 => commands.push(b'e'),
        2 => commands.push(b'r'),
        _ => {}
    }
    (commands, last)
}

/// How many bytes the server answers a command with.
fn answer_len(command: u8) -> usize {
    match command {
        b'l' => 1000,
        b'w' => 3,
        b'p' | b'e' | b'c' | b'r' => 0,
        _ => 1,
    }
}

/// The client's side: each command in turn, its answer read, then the end.
async fn ask(
    (mut reader, writer): (StreamReader, StreamWriter),
    (commands, last): (Vec<u8>, u64),
) -> Events {
    let mut events = Events::default();
    for command in commands {
        writer.write(&[command]);
        writer.drain().await.unwrap();
        match reader.readexactly(answer_len(command)).await {
            Ok(answer) => events.data(&answer),
            Err(error) => events.note(said(&error.into())),
        }
    }
    match last {
        0..=2 => {}
        3 => writer.write_eof(),
        _ => {
            writer.write(b"x");
            events.data(&reader.readexactly(1).await.unwrap());
            writer.write_eof();
        }
    }
    match reader.read_to_end().await {
        Ok(rest) => events.data(&rest),
        Err(error) => events.note(format!("error {}", said(&error))),
    }
    writer.close();
    match writer.wait_closed().await {
        Ok(()) => events.note("closed"),
        Err(error) => events.note(format!("closed {}", said(&error))),
    }
    events
}

/// What a dialogue is held over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Over {
    Tcp,
    #[cfg(unix)]
    Unix,
    #[cfg(feature = "__tls-tests")]
    Tls,
}

/// Serves one client, which plays this script: what the two saw.
async fn hold(over: Over, seed: u64) -> (Events, Events) {
    let events = Shared::default();
    let seen = events.clone();
    let factory = move || Server { events: seen.clone() };
    let (server, client) = match over {
        Over::Tcp => {
            let server = create_server(factory, "127.0.0.1:0").await.unwrap();
            let client = open_connection(server.local_addr().unwrap()).await;
            (server, client.unwrap())
        }
        #[cfg(unix)]
        Over::Unix => {
            let path = crate::unix_sockets::SocketPath::new();
            let server = polyloop::create_unix_server(factory, path.as_ref()).await.unwrap();
            (server, polyloop::open_unix_connection(path.as_ref()).await.unwrap())
        }
        #[cfg(feature = "__tls-tests")]
        Over::Tls => crate::tls::dialogue::server_and_client(factory).await,
    };
    let client = ask(client, script(seed)).await;
    server.close();
    server.wait_closed().await;
    while !events.borrow().0.last().is_some_and(|last| last.starts_with("lost")) {
        yield_now().await;
    }
    (client, events.take())
}

/// Plays so many scripts on every backend.
pub(crate) fn hold_all(over: Over, scripts: u64) {
    let reference = on_every_backend(move || async move {
        let mut all = Vec::new();
        for seed in 0..scripts {
            all.push(hold(over, seed).await);
        }
        all
    });
    // The dialogue is one with every end in it.
    assert!(reference.iter().any(|(_, server)| server.0.len() > 2));
    for what in ["made", "data", "eof", "lost", "closed", "error Io(ConnectionReset)"] {
        // A Unix socket is only reset by who leaves something unread.
        #[cfg(unix)]
        if over == Over::Unix && what.starts_with("error") {
            continue;
        }
        let is_there = |event: &String| event.starts_with(what);
        let mut sides = reference.iter().flat_map(|(client, server)| [client, server]);
        assert!(
            sides.any(|side| side.0.iter().any(is_there)),
            "nothing of {what} in {reference:?}"
        );
    }
}

#[test]
fn a_dialogue_over_tcp_has_the_same_events_on_every_backend() {
    hold_all(Over::Tcp, 60);
}

#[cfg(unix)]
#[test]
fn a_dialogue_over_a_unix_socket_has_the_same_events_on_every_backend() {
    hold_all(Over::Unix, 60);
}

/// A protocol that only notes, for a socket of the program's own.
#[test]
fn a_protocol_sees_the_same_of_a_reset_on_every_backend() {
    struct Noting(Shared);
    impl Protocol for Noting {
        fn data_received(&mut self, _: &Transport, data: &[u8]) {
            self.0.borrow_mut().data(data);
        }
        fn connection_lost(&mut self, _: &Transport, error: Option<Error>) {
            self.0.borrow_mut().note(format!("lost {:?}", error.map(|error| said(&error))));
        }
    }
    let mut all = Vec::new();
    for backend in [Backend::Mio, Backend::IoUring, Backend::Polling] {
        let Ok(runner) = Runner::builder().backend(backend).build() else { continue };
        let events = Shared::default();
        let shared = events.clone();
        let played = timeout(Duration::from_secs(20), async move {
            let (here, mut peer) = crate::streams::pair().await;
            connect_accepted_socket(|| Noting(shared.clone()), here);
            peer.write_all(b"abc").await.unwrap();
            while shared.borrow().0.is_empty() {
                yield_now().await;
            }
            peer.set_option(SocketOption::Linger(Some(Duration::ZERO))).unwrap();
            drop(peer);
            while shared.borrow().0.len() < 2 {
                yield_now().await;
            }
        });
        runner.run(played).unwrap().unwrap();
        all.push(events.take());
    }
    assert!(all.iter().all(|events| *events == all[0]), "{all:?}");
    assert_eq!(all[0].0[0], "data abc");
}
