use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::TcpStream as Plain;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use polyloop::{Backend, Error, LoopGroup, Spread, TcpStream};

use super::{PATIENCE, greeted, greeting, group, reporting, until};

const LOCAL: &str = "127.0.0.1:0";

#[test]
fn the_handler_of_each_loop_is_made_there_once_and_need_not_be_send() {
    let group = group(2);
    let made = Arc::new(AtomicUsize::new(0));
    let making = made.clone();
    let server = group
        .server()
        .spread(Spread::RoundRobin)
        .start(LOCAL, move |_| {
            making.fetch_add(1, Ordering::Relaxed);
            let served = Rc::new(std::cell::Cell::new(0_u8));
            move |mut stream: TcpStream| {
                let served = served.clone();
                async move {
                    served.set(served.get() + 1);
                    stream.write_all(&[served.get()]).await
                }
            }
        })
        .unwrap();
    let counts: Vec<usize> = (0..6).map(|_| greeted(server.local_addr()).1).collect();
    assert_eq!(counts, [1, 1, 2, 2, 3, 3]);
    assert_eq!(made.load(Ordering::Relaxed), 2);
    group.stop(PATIENCE).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn sharing_a_port_spreads_connections_over_all_loops() {
    let group = group(3);
    let server = group.serve(LOCAL, greeting).unwrap();
    assert_eq!(server.spread(), Spread::ReusePort);
    // A loop gets none of so many once in 10^11 runs.
    let greeted: Vec<_> = (0..64).map(|_| greeted(server.local_addr())).collect();
    let loops: HashSet<usize> = greeted.iter().map(|(_, index)| *index).collect();
    assert_eq!(loops.len(), 3, "{loops:?}");
    let by_loop = |index| greeted.iter().filter(|(_, it)| *it == index).count();
    let counted: Vec<usize> = (0..3).map(by_loop).collect();
    assert_eq!(group.connections(), counted);
    drop(greeted);
    until("no connection is left", || group.connections() == [0, 0, 0]);
    assert_eq!(group.accepted().iter().sum::<u64>(), 64);
    group.stop(PATIENCE).unwrap();
}

#[test]
fn handing_over_in_turn_is_even() {
    let group = group(3);
    let server = group.server().spread(Spread::RoundRobin).start(LOCAL, greeting).unwrap();
    let all: Vec<_> = (0..30).map(|_| greeted(server.local_addr())).collect();
    assert_eq!(group.connections(), [10, 10, 10]);
    let in_turn: Vec<usize> = all.iter().map(|(_, index)| *index).collect();
    assert_eq!(in_turn[..6], [0, 1, 2, 0, 1, 2]);
    group.stop(std::time::Duration::ZERO).unwrap_err();
    drop(all);
}

#[test]
fn the_loop_with_the_fewest_connections_gets_the_next() {
    let group = group(2);
    let server = group.server().spread(Spread::LeastConnections).start(LOCAL, greeting).unwrap();
    let mut all: Vec<_> = (0..8).map(|_| greeted(server.local_addr())).collect();
    assert_eq!(group.connections(), [4, 4]);
    all.retain(|(_, index)| *index == 0);
    until("those of one loop have ended", || group.connections() == [4, 0]);
    for _ in 0..4 {
        let next = greeted(server.local_addr());
        assert_eq!(next.1, 1);
        all.push(next);
    }
    assert_eq!(group.connections(), [4, 4]);
    drop(all);
    group.stop(PATIENCE).unwrap();
}

#[test]
fn connections_pass_between_backends_whole() {
    let here: Vec<Backend> =
        Backend::BUILT_IN.into_iter().filter(|backend| backend.probe().is_ok()).collect();
    let backends = here.clone();
    let group = LoopGroup::builder()
        .loops(here.len())
        .each_loop(move |index, builder| builder.backend(backends[index].clone()))
        .build()
        .unwrap();
    // Several servers, so that each loop is once the one that accepts.
    for _ in 0..here.len() {
        let echo = |_| {
            |mut stream: TcpStream| async move {
                while let Some(chunk) = stream.read_chunk().await? {
                    stream.write_all(&chunk).await?;
                }
                Ok::<(), Error>(())
            }
        };
        let server = group.server().spread(Spread::RoundRobin).start(LOCAL, echo).unwrap();
        for _ in 0..2 * here.len() {
            let mut stream = Plain::connect(server.local_addr()).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            // These are there before the connection has reached its loop.
            stream.write_all(b"early").unwrap();
            let mut back = [0; 5];
            stream.read_exact(&mut back).unwrap();
            assert_eq!(&back, b"early");
        }
    }
    until("each is at its end", || group.connections().iter().sum::<usize>() == 0);
    let each = 2 * here.len() as u64;
    assert_eq!(group.accepted(), vec![each; here.len()]);
    group.stop(PATIENCE).unwrap();
}

#[test]
fn a_handler_that_fails_or_panics_ends_its_connection_only() {
    let (builder, reports) = reporting(2);
    let group = builder.build().unwrap();
    let serve = |_| {
        |mut stream: TcpStream| async move {
            let mut word = [0];
            stream.read_exact(&mut word).await?;
            match word[0] {
                b'f' => Err(Error::other("it failed")),
                b'p' => panic!("it panicked"),
                _ => stream.write_all(b"!").await,
            }
        }
    };
    let server = group.server().spread(Spread::RoundRobin).start(LOCAL, serve).unwrap();
    let say = |word: u8| {
        let mut stream = Plain::connect(server.local_addr()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(&[word]).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map(|_| answer)
    };
    assert_eq!(say(b'f').unwrap_or_default(), "");
    let report = reports.recv_timeout(PATIENCE).unwrap();
    assert!(report.contains("it failed"), "{report}");
    assert_eq!(say(b'p').unwrap_or_default(), "");
    let report = reports.recv_timeout(PATIENCE).unwrap();
    assert!(report.contains("it panicked"), "{report}");
    assert_eq!(say(b'x').unwrap(), "!");
    assert_eq!(say(b'x').unwrap(), "!");
    group.stop(PATIENCE).unwrap();
}

#[test]
fn a_handler_that_panics_before_it_gives_a_future_ends_its_connection_only() {
    for spread in [Spread::Auto, Spread::RoundRobin] {
        let (builder, reports) = reporting(1);
        let group = builder.build().unwrap();
        let serve = |_| |_: TcpStream| -> std::future::Ready<()> { panic!("at once") };
        let server = group.server().spread(spread).start(LOCAL, serve).unwrap();
        for _ in 0..3 {
            let _stream = Plain::connect(server.local_addr()).unwrap();
            let report = reports.recv_timeout(PATIENCE).unwrap();
            assert!(report.contains("at once"), "{report}");
        }
        group.stop(PATIENCE).unwrap();
    }
}

#[test]
fn a_server_that_is_closed_listens_no_more_and_its_connections_go_on() {
    for spread in [Spread::Auto, Spread::RoundRobin] {
        let group = group(2);
        let server = group.server().spread(spread).start(LOCAL, |_| {
            |mut stream: TcpStream| async move {
                while let Some(chunk) = stream.read_chunk().await? {
                    stream.write_all(&chunk).await?;
                }
                Ok::<(), Error>(())
            }
        });
        let server = server.unwrap();
        let address = server.local_addr();
        let mut streams: Vec<Plain> = (0..4).map(|_| Plain::connect(address).unwrap()).collect();
        let mut echo = |stream: &mut Plain| {
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.write_all(b"a").unwrap();
            let mut back = [0];
            stream.read_exact(&mut back).unwrap();
        };
        streams.iter_mut().for_each(&mut echo);
        server.close();
        until("nobody listens", || Plain::connect(address).is_err());
        streams.iter_mut().for_each(&mut echo);
        drop(streams);
        group.stop(PATIENCE).unwrap();
    }
}

#[test]
fn an_address_that_is_taken_is_named_and_leaves_nothing_behind() {
    let group = group(2);
    let taken = std::net::TcpListener::bind(LOCAL).unwrap();
    let address = taken.local_addr().unwrap();
    for spread in [Spread::ReusePort, Spread::RoundRobin, Spread::LeastConnections] {
        let alive = Arc::new(());
        let holding = alive.clone();
        let error = group
            .server()
            .spread(spread)
            .start(address, move |_| {
                let held = holding.clone();
                move |_: TcpStream| {
                    let _held = held.clone();
                    async {}
                }
            })
            .unwrap_err();
        let text = error.to_string();
        assert!(text.contains("serve on loop") && text.contains(&address.to_string()), "{text}");
        until("nobody holds the handler", || Arc::strong_count(&alive) == 1);
    }
    group.stop(PATIENCE).unwrap();
}
