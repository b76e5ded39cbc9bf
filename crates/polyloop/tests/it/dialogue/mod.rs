//! The same dialogue on every backend that runs here: the same bytes, the same events in the same
//! order for each connection and direction, the same errors to the letter.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use polyloop::{
    Backend, Error, Protocol, Runner, SocketOption, StreamReader, StreamWriter, Transport,
    connect_accepted_socket, create_server, open_connection, timeout, yield_now,
};

use crate::traffic::Random;

/// What happened at one end in one direction; data that comes in several pieces is one entry.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
struct Events(Vec<String>);

impl Events {
    fn data(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        match self.0.last_mut() {
            Some(last) if last.starts_with("data ") => last.push_str(&text),
            _ => self.0.push(format!("data {text}")),
        }
    }

    fn note(&mut self, what: impl Into<String>) {
        self.0.push(what.into());
    }
}

type Shared = Rc<RefCell<Events>>;

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

/// An error's kind and text. Ports are chosen anew each time: they are left out.
fn said(error: &Error) -> String {
    let text = error.to_string();
    let words = text.split(' ').map(|word| match word.strip_prefix("127.0.0.1:") {
        Some(port) => {
            let digits = port.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("127.0.0.1:PORT{digits}")
        }
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

/// Plays every script on one backend; what the two sides of each saw.
fn play(backend: Backend, scripts: u64) -> Option<Vec<(Events, Events)>> {
    let runner = Runner::builder().backend(backend).build().ok()?;
    let played = runner.run(timeout(Duration::from_secs(60), async move {
        let mut all = Vec::new();
        for seed in 0..scripts {
            let events = Shared::default();
            let seen = events.clone();
            let factory = move || Server { events: seen.clone() };
            let server = create_server(factory, "127.0.0.1:0").await.unwrap();
            let address = server.local_addr().unwrap();
            let client = ask(open_connection(address).await.unwrap(), script(seed)).await;
            server.close();
            server.wait_closed().await;
            while !events.borrow().0.last().is_some_and(|last| last.starts_with("lost")) {
                yield_now().await;
            }
            all.push((client, events.take()));
        }
        all
    }));
    Some(played.unwrap().expect("in time"))
}

#[test]
fn a_dialogue_has_the_same_events_on_every_backend() {
    const SCRIPTS: u64 = 60;
    let backends = [Backend::Mio, Backend::IoUring, Backend::Polling];
    let played: Vec<_> = backends.into_iter().filter_map(|kind| play(kind, SCRIPTS)).collect();
    let reference = &played[0];
    assert!(reference.iter().any(|(_, server)| server.0.len() > 2));
    for other in &played[1..] {
        for (seed, (one, two)) in reference.iter().zip(other).enumerate() {
            assert_eq!(one, two, "seed {seed}: {:?}", script(seed as u64));
        }
    }
    // The dialogue is one with every end in it, and its errors say of what and of whom.
    const READ_RESET: &str = "error Io(ConnectionReset), read from 127.0.0.1:PORT: ";
    for what in ["made", "data", "eof", "lost", "closed", READ_RESET] {
        let is_there = |event: &String| event.starts_with(what);
        let mut sides = reference.iter().flat_map(|(client, server)| [client, server]);
        assert!(
            sides.any(|side| side.0.iter().any(is_there)),
            "nothing of {what} in {reference:?}"
        );
    }
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
