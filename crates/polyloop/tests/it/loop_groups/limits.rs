//! What a server of a group allows its connections, and that the others wait instead of being turned away.

use std::io::{ErrorKind as Kind, Read, Write};
use std::net::{SocketAddr, TcpStream as Plain};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use polyloop::{ErrorKind, Spread, TcpStream};

use super::{PATIENCE, greeted, greeting, group, until};

const LOCAL: &str = "127.0.0.1:0";
const MS: Duration = Duration::from_millis(1);

/// Tells which loop greets a connection that is there, if one does in time.
fn greets(stream: &mut Plain, within: Duration) -> Option<usize> {
    stream.set_read_timeout(Some(within)).unwrap();
    let mut index = [0];
    match stream.read_exact(&mut index) {
        Ok(()) => Some(usize::from(index[0])),
        Err(error) if matches!(error.kind(), Kind::WouldBlock | Kind::TimedOut) => None,
        Err(error) => panic!("it was turned away: {error}"),
    }
}

#[test]
fn a_full_group_leaves_connections_waiting_until_one_ends() {
    for spread in [Spread::RoundRobin, Spread::LeastConnections] {
        let group = group(2);
        let server = group.server().spread(spread).connections_max(2).start(LOCAL, greeting);
        let server = server.unwrap();
        let mut served: Vec<_> = (0..4).map(|_| greeted(server.local_addr())).collect();
        assert_eq!(server.connections(), [2, 2]);
        let mut waiting: Vec<Plain> =
            (0..2).map(|_| Plain::connect(server.local_addr()).unwrap()).collect();
        assert_eq!(greets(&mut waiting[0], 100 * MS), None);
        assert_eq!((server.connections(), group.accepted()), (vec![2, 2], vec![2, 2]));
        // The loop that has room gets the next, whoever's turn it were.
        for index in [1, 1] {
            let at = served.iter().position(|(_, by)| *by == index).unwrap();
            drop(served.swap_remove(at));
            let mut next = waiting.remove(0);
            assert_eq!(greets(&mut next, PATIENCE), Some(index), "{spread:?}");
            served.push((next, index));
            assert_eq!(server.connections(), [2, 2]);
        }
        drop(served);
        until("all have ended", || server.connections() == [0, 0]);
        group.stop(PATIENCE).unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_loop_that_shares_a_port_leaves_its_connections_waiting() {
    let group = group(2);
    let server = group.server().connections_max(2).start(LOCAL, greeting).unwrap();
    assert_eq!(server.spread(), Spread::ReusePort);
    let mut waiting: Vec<Plain> =
        (0..16).map(|_| Plain::connect(server.local_addr()).unwrap()).collect();
    let mut counts = [0; 2];
    // Whom the kernel gave to which loop is its choice; so each is served when those before it end.
    let end = Instant::now() + PATIENCE;
    while !waiting.is_empty() {
        assert!(Instant::now() < end, "{} were not served", waiting.len());
        waiting.retain_mut(|stream| match greets(stream, MS) {
            None => true,
            Some(index) => {
                assert!(server.connections().iter().all(|count| *count <= 2));
                counts[index] += 1;
                false
            }
        });
    }
    assert_eq!(counts[0] + counts[1], 16);
    until("all have ended", || server.connections() == [0, 0]);
    group.stop(PATIENCE).unwrap();
}

#[test]
fn a_crowd_goes_through_the_few_places_of_each_loop() {
    for spread in [Spread::Auto, Spread::RoundRobin, Spread::LeastConnections] {
        let group = group(2);
        let most = Arc::new([const { AtomicUsize::new(0) }; 2]);
        let noting = most.clone();
        let server = group.server().spread(spread).connections_max(3).start(LOCAL, move |index| {
            let noting = noting.clone();
            let now = std::rc::Rc::new(std::cell::Cell::new(0));
            move |mut stream: TcpStream| {
                let (noting, now) = (noting.clone(), now.clone());
                async move {
                    now.set(now.get() + 1);
                    noting[index].fetch_max(now.get(), Ordering::Relaxed);
                    let mut word = [0; 4];
                    stream.read_exact(&mut word).await.unwrap();
                    stream.write_all(&word).await.unwrap();
                    now.set(now.get() - 1);
                }
            }
        });
        let server = server.unwrap();
        let ask = |address: SocketAddr| {
            let mut stream = Plain::connect(address).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.write_all(b"word").unwrap();
            let mut word = [0; 4];
            stream.read_exact(&mut word).unwrap();
            assert_eq!(&word, b"word");
        };
        let address = server.local_addr();
        std::thread::scope(|scope| {
            for _ in 0..12 {
                scope.spawn(|| (0..5).for_each(|_| ask(address)));
            }
        });
        assert_eq!(group.accepted().iter().sum::<u64>(), 60);
        let most: Vec<usize> = most.iter().map(|most| most.load(Ordering::Relaxed)).collect();
        assert!(most.iter().all(|most| *most <= 3), "{spread:?}: {most:?}");
        group.stop(PATIENCE).unwrap();
    }
}

#[test]
fn a_server_that_is_full_can_be_closed_and_its_group_stopped() {
    for spread in [Spread::Auto, Spread::RoundRobin] {
        let group = group(2);
        let server = group.server().spread(spread).connections_max(1).start(LOCAL, greeting);
        let server = server.unwrap();
        let address = server.local_addr();
        let mut streams: Vec<Plain> = (0..8).map(|_| Plain::connect(address).unwrap()).collect();
        until("both loops are full", || server.connections() == [1, 1]);
        server.close();
        until("nobody listens", || Plain::connect(address).is_err());
        // Those that were accepted go on; those that were not are reset.
        let ends = |stream: &mut Plain| {
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.read_exact(&mut [0]).is_ok()
        };
        let served = streams.iter_mut().map(ends).filter(|served| *served).count();
        assert!(served >= 2, "{served}");
        drop(streams);
        group.stop(PATIENCE).unwrap();
    }
}

#[test]
fn an_idle_connection_is_ended_and_a_busy_one_is_not() {
    const TIMEOUT: Duration = Duration::from_millis(2000);
    for spread in [Spread::Auto, Spread::RoundRobin] {
        let group = group(2);
        let server = group.server().spread(spread).idle_timeout(TIMEOUT).start(LOCAL, |_| {
            |mut stream: TcpStream| async move {
                while let Some(chunk) = stream.read_chunk().await? {
                    stream.write_all(&chunk).await?;
                }
                Ok::<(), polyloop::Error>(())
            }
        });
        let server = server.unwrap();
        let open = || {
            let mut stream = Plain::connect(server.local_addr()).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            ping(&mut stream);
            stream
        };
        let (mut idle, mut busy) = (open(), open());
        // Between two looks of the server at them.
        std::thread::sleep(TIMEOUT / 8);
        // Before it is used, because the server may be done with that long before this thread is.
        let last = Instant::now();
        ping(&mut idle);
        let mut byte = [0];
        idle.set_read_timeout(Some(50 * MS)).unwrap();
        loop {
            ping(&mut busy);
            match idle.read(&mut byte) {
                Ok(0) => break,
                Err(error) if is_early(error.kind()) => {}
                Err(error) if error.kind() == Kind::ConnectionReset => break,
                other => panic!("{other:?}"),
            }
            assert!(last.elapsed() < PATIENCE, "it was not ended");
        }
        assert!(last.elapsed() >= TIMEOUT, "after {:?}", last.elapsed());
        // The peer learns of the end a little before it is counted.
        while server.connections().iter().sum::<usize>() > 1 {
            assert!(last.elapsed() < PATIENCE, "it was ended and is counted");
            ping(&mut busy);
        }
        drop(busy);
        group.stop(PATIENCE).unwrap();
    }
}

#[test]
fn idle_connections_are_ended_again_after_there_were_none() {
    let group = group(1);
    let server = group.server().idle_timeout(100 * MS).start(LOCAL, greeting).unwrap();
    for _ in 0..3 {
        let (mut stream, _) = greeted(server.local_addr());
        assert!(matches!(stream.read(&mut [0]), Ok(0) | Err(_)));
        until("it has ended", || server.connections() == [0]);
        // By then nobody looks any more.
        std::thread::sleep(100 * MS);
    }
    group.stop(PATIENCE).unwrap();
}

fn ping(stream: &mut Plain) {
    stream.write_all(b"ping").unwrap();
    let mut back = [0; 4];
    stream.read_exact(&mut back).unwrap();
    assert_eq!(&back, b"ping");
}

#[test]
fn a_server_that_allows_nothing_is_refused() {
    let group = group(1);
    for builder in [group.server().connections_max(0), group.server().idle_timeout(Duration::ZERO)]
    {
        let error = builder.start(LOCAL, greeting).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("allows no connection"), "{error}");
    }
    group.stop(PATIENCE).unwrap();
}

/// Tells whether a read has ended before there was anything to tell: tests of signals run beside this.
fn is_early(kind: Kind) -> bool {
    matches!(kind, Kind::WouldBlock | Kind::TimedOut | Kind::Interrupted)
}
