//! Sends of the loop's own, of which the kernel tells nothing where they go as a whole.

use std::io::{IoSlice, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use polyloop_core::{CloseMode, EventLoop, Key, LoopConfig, Op, OsHandle};

use crate::driver::{Driver, PATIENCE, on_each_step};

/// Attaches one end of a connection, and has it receive ahead, so that it sends soon.
fn receiving(driver: &mut Driver) -> (Key, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    let address = listener.local_addr().expect("an address");
    let mut far = TcpStream::connect(address).expect("connected");
    far.set_read_timeout(Some(PATIENCE)).expect("set");
    let (near, _) = listener.accept().expect("accepted");
    let near = driver.events.attach(OsHandle::TcpStream(near)).expect("attached");
    driver.submit(Op::RecvMulti { key: near });
    far.write_all(b"x").expect("written");
    read(driver, near);
    (near, far)
}

/// Reads what comes next, and turns until it is there.
fn read(driver: &mut Driver, key: Key) -> Vec<u8> {
    let end = driver.events.now() + PATIENCE;
    loop {
        match driver.events.try_recv_chunk(key) {
            Ok(Some(chunk)) => return chunk.to_vec(),
            Ok(None) => return Vec::new(),
            Err(error) if error.is_would_block() => {}
            Err(error) => panic!("{error}"),
        }
        assert!(driver.events.now() < end, "nothing to read in {:?}", driver.events);
        driver.turn(PATIENCE);
    }
}

/// Tells whether sends can be silent here, which the kernel's opcodes tell.
fn is_silent_here() -> bool {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").expect("a kernel");
    let mut numbers = release.split(['.', '-']).map_while(|it| it.trim().parse::<u32>().ok());
    (numbers.next(), numbers.next()) >= (Some(6), Some(1))
}

#[test]
fn an_answer_takes_one_entering_of_the_kernel() {
    const ROUNDS: u64 = 50;
    if !is_silent_here() {
        return;
    }
    on_each_step(&LoopConfig::default(), |mut driver| {
        let (near, mut far) = receiving(&mut driver);
        let peer = std::thread::spawn(move || {
            for round in 0..ROUNDS {
                far.write_all(&[round as u8]).expect("written");
                let mut answer = [0];
                far.read_exact(&mut answer).expect("an answer");
                assert_eq!(answer, [round as u8]);
            }
            far
        });
        let before = driver.events.submitted().enters();
        for round in 0..ROUNDS {
            assert_eq!(read(&mut driver, near), [round as u8]);
            let taken = driver.events.try_send_soon(near, &[IoSlice::new(&[round as u8])]);
            assert_eq!(taken.expect("taken"), 1);
        }
        driver.turn(Duration::ZERO);
        let enters = driver.events.submitted().enters() - before;
        assert!((ROUNDS..ROUNDS + 10).contains(&enters), "{enters} for {ROUNDS} answers");
        drop(peer.join().expect("the peer"));
    });
}

#[test]
fn what_the_kernel_does_not_take_as_a_whole_goes_on() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let (near, mut far) = receiving(&mut driver);
        let bytes: Vec<u8> = (0..16 << 20).map(|n: u32| (n / 7) as u8).collect();
        let mut sent = 0;
        let mut refused = 0;
        // Until the connection takes no more, which it does for several turns then.
        while refused < 20 {
            let piece = &bytes[sent..sent + 15_000];
            match driver.events.try_send_soon(near, &[IoSlice::new(piece)]) {
                Ok(count) => (sent, refused) = (sent + count, 0),
                Err(error) if error.is_would_block() => refused += 1,
                Err(error) => panic!("{error}"),
            }
            driver.turn(Duration::from_millis(1));
        }
        assert!(sent < bytes.len() - 15_000, "the connection takes {sent} bytes");
        let peer = std::thread::spawn(move || {
            let mut received = vec![0; sent + 4];
            far.read_exact(&mut received).expect("all of it");
            received
        });
        let end = driver.events.now() + PATIENCE;
        while driver.events.try_send_soon(near, &[IoSlice::new(b"last")]).is_err() {
            assert!(driver.events.now() < end, "there is room in {:?}", driver.events);
            driver.turn(Duration::from_millis(10));
        }
        while !peer.is_finished() && driver.events.now() < end {
            driver.turn(Duration::from_millis(10));
        }
        let received = peer.join().expect("the peer");
        assert!(received[..sent] == bytes[..sent], "in order, and once");
        assert_eq!(&received[sent..], b"last");
    });
}

#[test]
fn closing_the_loop_does_not_wait_for_sends_that_tell_nothing() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let (near, mut far) = receiving(&mut driver);
        let taken = driver.events.try_send_soon(near, &[IoSlice::new(b"last words")]);
        assert_eq!(taken.expect("taken"), 10);
        let begin = std::time::Instant::now();
        driver.events.close(Duration::from_secs(1));
        assert!(begin.elapsed() < Duration::from_secs(3), "it waited");
        let mut received = Vec::new();
        far.read_to_end(&mut received).expect("read");
        assert_eq!(received, b"last words");
    });
}

#[test]
fn what_waits_behind_one_does_not_wait_for_more() {
    let shutdown = |key| Op::Shutdown { key, how: std::net::Shutdown::Write };
    let close = |key| Op::Close { key, mode: CloseMode::Flush };
    on_each_step(&LoopConfig::default(), |mut driver| {
        for end in [shutdown, close] {
            let (near, mut far) = receiving(&mut driver);
            let taken = driver.events.try_send_soon(near, &[IoSlice::new(b"last words")]);
            assert_eq!(taken.expect("taken"), 10);
            let (token, _) = driver.submit(end(near));
            let begin = std::time::Instant::now();
            while !driver.kept.iter().any(|it| it.token == token) {
                driver.turn(PATIENCE);
            }
            assert!(begin.elapsed() < PATIENCE / 2, "nothing else comes, and nothing has to");
            let mut received = [0; 10];
            far.read_exact(&mut received).expect("read");
            assert_eq!(&received, b"last words");
            assert_eq!(far.read(&mut received).expect("the end"), 0);
        }
    });
}
