use polyloop_core::{Buffer, ErrorKind, EventLoop, Key, LoopConfig, Op, OpId, Output, Token};
use polyloop_uring::Setup;

use crate::driver::{Driver, on_each_step};

fn watch(driver: &mut Driver, key: Key) -> (Token, OpId) {
    let (token, id) = driver.submit(Op::RecvMulti { key });
    (token, id.expect("queued"))
}

/// Reads until that would block, waiting for *readable* in between, so many bytes.
fn read(driver: &mut Driver, key: Key, token: Token, total: usize) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buf = vec![0; 10_000];
    while all.len() < total {
        match driver.events.try_recv(key, &mut buf) {
            Ok(0) => break,
            Ok(len) => all.extend_from_slice(&buf[..len]),
            Err(error) if error.is_would_block() => {
                let told = driver.wait(token);
                assert!(matches!(told.result, Ok(Output::Readable)), "{told:?}");
            }
            Err(error) => panic!("{error}"),
        }
    }
    all
}

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|index| (index / 7) as u8).collect()
}

#[test]
fn one_entry_receives_many_messages() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let (client, server) = driver.pair();
        let (token, id) = watch(&mut driver, server);
        for round in 0..20u8 {
            driver.send(client, &[round; 100]);
            assert_eq!(read(&mut driver, server, token, 100), [round; 100]);
        }
        assert_eq!(driver.count("RECV"), 1);
        driver.events.cancel(id);
        loop {
            let done = driver.wait(token);
            if !done.is_more() {
                assert!(done.result.expect_err("cancelled").is_canceled());
                break;
            }
        }
        assert_eq!(driver.events.census().chunks, 0);
        driver.send(client, b"after");
        assert_eq!(driver.recv(server, 64), b"after");
    });
}

#[test]
fn a_megabyte_comes_in_order_through_a_small_pool_and_a_small_cap() {
    for (chunks_max, unread_max) in [(1, 1), (2, 1), (3, 8), (64, 2), (1024, 8)] {
        let mut config = LoopConfig::default();
        config.chunks_max = chunks_max;
        config.unread_chunks_max = unread_max;
        config.chunk_size = 4096;
        on_each_step(&config, |mut driver| {
            let (client, server) = driver.pair();
            let (token, _) = watch(&mut driver, server);
            let bytes = pattern(1 << 20);
            let (sent, _) = driver.submit(Op::Send { key: client, buffer: bytes.clone().into() });
            assert!(read(&mut driver, server, token, bytes.len()) == bytes);
            driver.wait(sent).result.expect("sent");
        });
    }
}

#[test]
fn a_reader_that_hoards_every_chunk_does_not_stop_the_others() {
    let mut config = LoopConfig::default();
    config.chunks_max = 4;
    on_each_step(&config, |mut driver| {
        let (hoard_from, hoard_to) = driver.pair();
        let (from, to) = driver.pair();
        let (hoarded, _) = watch(&mut driver, hoard_to);
        let mut chunks = Vec::new();
        while chunks.len() < 6 {
            driver.send(hoard_from, &pattern(1000));
            driver.wait(hoarded);
            while let Ok(Some(chunk)) = driver.events.try_recv_chunk(hoard_to) {
                chunks.push(chunk);
            }
        }
        assert_eq!(driver.events.census().chunks, 6, "two are beyond the bound");
        let (token, _) = watch(&mut driver, to);
        for _ in 0..10 {
            driver.send(from, &pattern(5000));
            assert!(read(&mut driver, to, token, 5000) == pattern(5000));
        }
        drop(chunks);
        assert_eq!(driver.events.census().chunks, 0);
        driver.send(from, b"x");
        assert_eq!(read(&mut driver, to, token, 1), b"x");
        let before = driver.count("RECV");
        for _ in 0..10 {
            driver.send(from, &pattern(5000));
            assert!(read(&mut driver, to, token, 5000) == pattern(5000));
        }
        assert!(driver.count("RECV") <= before + 1, "the multishot receive is back");
    });
}

#[test]
fn a_slow_reader_stops_the_receive_and_starts_it_again() {
    let mut config = LoopConfig::default();
    config.unread_chunks_max = 4;
    config.chunk_size = 1024;
    let mut driver = Driver::new(&config, Setup::default());
    let (client, server) = driver.pair();
    let (token, _) = watch(&mut driver, server);
    for _ in 0..10 {
        driver.send(client, b"drop ");
        driver.turn(std::time::Duration::from_millis(2));
    }
    assert_eq!(driver.count("ASYNC_CANCEL"), 1);
    let unread = driver.events.census().chunks;
    assert!((4..=5).contains(&unread), "{unread} unread chunks");
    let mut bytes = b"drop ".repeat(10);
    bytes.extend(pattern(4 << 20));
    let (sent, _) = driver.submit(Op::Send { key: client, buffer: pattern(4 << 20).into() });
    assert!(read(&mut driver, server, token, bytes.len()) == bytes);
    driver.wait(sent).result.expect("sent");
    assert!(driver.count("RECV") > 1);
}

#[test]
fn the_end_comes_after_the_bytes_and_unread_data_outlives_the_receive() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let (client, server) = driver.pair();
        let (token, id) = watch(&mut driver, server);
        driver.send(client, b"last words");
        driver.close(client);
        driver.wait(token);
        driver.events.cancel(id);
        loop {
            let done = driver.wait(token);
            if !done.is_more() {
                break;
            }
        }
        assert_eq!(driver.recv(server, 4), b"last");
        let mut buf = [0; 64];
        assert_eq!(driver.events.try_recv(server, &mut buf).expect("bytes"), 6);
        assert_eq!(driver.recv(server, 4), b"");
        assert_eq!(driver.recv(server, 4), b"");
    });
}

#[test]
fn what_is_put_back_comes_first_also_for_a_receive_in_the_kernel() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let (client, server) = driver.pair();
        let (recv, _) = driver.submit(Op::Recv { key: server, buffer: Buffer::with_capacity(64) });
        driver.turn(std::time::Duration::ZERO);
        driver.events.unread(server, b"first ").expect("put back");
        driver.send(client, b"second");
        let done = driver.wait(recv);
        let Some(Op::Recv { buffer, .. }) = done.op else { panic!("{done:?}") };
        let mut all = buffer.into_vec();
        while all.len() < 12 {
            all.extend(driver.recv(server, 64));
        }
        assert_eq!(all, b"first second");
    });
}

#[test]
fn cancelling_a_receive_loses_no_byte() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let (client, server) = driver.pair();
        let mut expected = 0u8;
        for round in 0..300u32 {
            let (recv, id) =
                driver.submit(Op::Recv { key: server, buffer: Buffer::with_capacity(1) });
            let (send, _) =
                driver.submit(Op::Send { key: client, buffer: [round as u8][..].into() });
            if round % 3 == 0 {
                driver.turn(std::time::Duration::ZERO);
            }
            driver.events.cancel(id.expect("queued"));
            let done = driver.wait(recv);
            driver.wait(send).result.expect("sent");
            let byte = match (done.result, done.op) {
                (Ok(Output::Transferred(1)), Some(Op::Recv { buffer, .. })) => buffer[0],
                (Err(error), _) => {
                    assert_eq!(error.kind(), ErrorKind::Canceled);
                    driver.recv(server, 1)[0]
                }
                other => panic!("{other:?}"),
            };
            assert_eq!(byte, expected);
            expected = expected.wrapping_add(1);
        }
    });
}

/// More than the kernel receives in a row (32 chunks) is there, and the end with it, when the multishot
/// receive is armed: no event comes for the end alone.
#[test]
fn an_end_that_was_there_with_many_chunks_before_it_is_told() {
    let mut config = LoopConfig::default();
    config.chunk_size = 1024;
    config.unread_chunks_max = 1024;
    config.chunks_max = 1024;
    on_each_step(&config, |mut driver| {
        for resets in [true, false] {
            let (client, server) = driver.unix_pair();
            if resets {
                // Unread at the end that closes, this makes the end a reset.
                driver.send(server, b"unread");
            }
            driver.send(client, &pattern(40 << 10));
            driver.close(client);
            let (token, _) = watch(&mut driver, server);
            assert!(read(&mut driver, server, token, 40 << 10) == pattern(40 << 10));
            let mut buf = [0; 16];
            let end = loop {
                match driver.events.try_recv(server, &mut buf) {
                    Err(error) if error.is_would_block() => driver.wait(token),
                    end => break end,
                };
            };
            match end {
                Ok(0) => assert!(!resets, "an end in order"),
                Err(error) => assert!(resets && error.raw_os_error() == Some(104), "{error}"),
                Ok(count) => panic!("{count} bytes too many"),
            }
            driver.close(server);
        }
    });
}
