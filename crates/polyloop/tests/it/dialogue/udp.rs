//! Dialogues over datagrams.

use std::time::Duration;

use polyloop::{
    Address, DatagramProtocol, DatagramTransport, Error, UdpSocket, create_datagram_endpoint,
    sleep, timeout,
};

use super::{Events, Shared, on_every_backend};
use crate::traffic::Random;

/// More than a datagram holds.
const TOO_MUCH: usize = 70_000;

/// Answers commands of one letter, and notes what it sees.
struct Server {
    events: Shared,
}

impl DatagramProtocol for Server {
    fn connection_made(&mut self, _: &DatagramTransport) {
        self.events.borrow_mut().note("made");
    }

    fn datagram_received(&mut self, transport: &DatagramTransport, data: &[u8], from: &Address) {
        self.events.borrow_mut().note(format!("datagram {}", String::from_utf8_lossy(data)));
        let answer = |data: &[u8]| transport.sendto(data, Some(from.clone()));
        match data {
            b"long" => answer(&[b'L'; 1000]),
            b"two" => {
                answer(b"<");
                answer(b">");
            }
            b"empty" => answer(b""),
            b"huge" => {
                answer(&[0; TOO_MUCH]);
                answer(b"huge");
            }
            b"close" => {
                answer(b"closing");
                transport.close();
                answer(b"too late");
            }
            other => answer(other),
        }
    }

    fn error_received(&mut self, _: &DatagramTransport, error: Error) {
        self.events.borrow_mut().note(format!("error {:?}", error.kind()));
    }

    fn connection_lost(&mut self, _: &DatagramTransport, error: Option<Error>) {
        self.events.borrow_mut().note(format!("lost {:?}", error.map(|error| error.kind())));
    }
}

/// One seed's commands.
fn script(seed: u64) -> Vec<&'static str> {
    let mut random = Random::new(seed + 1);
    let words = ["a", "", "long", "two", "empty", "huge", "cut", "too much"];
    let count = random.below(20);
    (0..count).map(|_| words[random.below(words.len() as u64) as usize]).collect()
}

/// Receives one datagram, of which so much has room.
async fn receive(socket: &UdpSocket, room: usize, events: &mut Events) {
    let mut buf = vec![0; room];
    events.note(match socket.recv(&mut buf).await {
        Ok(count) => format!("datagram {}", String::from_utf8_lossy(&buf[..count])),
        Err(error) => format!("error {:?}", error.kind()),
    });
}

/// The client's side: each command in turn, its answers received, then the end.
async fn ask(socket: &UdpSocket, commands: Vec<&str>) -> Events {
    let mut events = Events::default();
    for command in commands {
        if command == "too much" {
            let error = socket.send(&[0; TOO_MUCH]).await.unwrap_err();
            events.note(format!("refused {:?}", error.kind()));
            continue;
        }
        assert_eq!(socket.send(command.as_bytes()).await.unwrap(), command.len());
        receive(socket, if command == "cut" { 2 } else { 2000 }, &mut events).await;
        if command == "two" {
            receive(socket, 2000, &mut events).await;
        }
    }
    socket.send(b"close").await.unwrap();
    receive(socket, 2000, &mut events).await;
    events
}

/// Holds one dialogue; what the two sides saw.
async fn hold(seed: u64) -> (Events, Events) {
    let events = Shared::default();
    let seen = events.clone();
    let server = create_datagram_endpoint(|| Server { events: seen }, "127.0.0.1:0").await.unwrap();
    let client = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = server.extra_info().sockname().unwrap().as_ip().unwrap();
    client.connect(address).await.unwrap();
    let mut seen = ask(&client, script(seed)).await;
    while !events.borrow().0.last().is_some_and(|last| last.starts_with("lost")) {
        sleep(Duration::from_millis(1)).await;
    }
    // Nobody is there any more, which the kernel says to the one who asks again. Another test that starts
    // a process may hold the server's socket for a moment, so this asks until there is an answer.
    let error = loop {
        let asked = client.send(b"anybody?").await;
        let heard = timeout(Duration::from_millis(20), client.recv(&mut [0; 10])).await;
        match (asked, heard) {
            (Err(error), _) | (_, Ok(Err(error))) => break error,
            (_, Ok(Ok(count))) => panic!("{count} bytes came from nobody"),
            (_, Err(_)) => {}
        }
    };
    seen.note(format!("error {:?}", error.kind()));
    (seen, events.take())
}

#[test]
fn a_dialogue_over_udp_has_the_same_events_on_every_backend() {
    let reference = on_every_backend(|| async {
        let mut all = Vec::new();
        for seed in 0..60 {
            all.push(hold(seed).await);
        }
        all
    });
    let has = |event: &str| {
        let mut sides = reference.iter().flat_map(|(client, server)| [client, server]);
        sides.any(|side| side.0.iter().any(|one| one == event))
    };
    for event in [
        "made",
        "datagram ",
        "datagram <",
        "datagram >",
        "datagram cu",
        "datagram closing",
        "lost None",
    ] {
        assert!(has(event), "nothing of {event:?} in {reference:?}");
    }
    let errors = reference.iter().flat_map(|(client, server)| client.0.iter().chain(&server.0));
    let mut errors: Vec<&String> = errors.filter(|event| event.contains("Io(")).collect();
    errors.sort();
    errors.dedup();
    assert!(errors.len() >= 3, "too large from either side, and nobody there: {errors:?}");
}
