//! The calls that stream readers and writers have of their own, mixed at random.

use std::cell::Cell;
use std::time::Duration;

use polyloop::{StreamReader, StreamWriter, create_task, sleep};

use super::payload::{Checked, Next, PIECE_MAX, Random};
use super::{TOTAL, run};
use crate::stream_reader::piped;

async fn write_all(writer: &StreamWriter, total: usize, seed: u64) {
    let mut random = Random::new(seed);
    let mut next = Next::new(total);
    while next.left > 0 {
        writer.write(next.take(random.size()));
        if random.below(3) > 0 {
            writer.drain().await.unwrap();
        }
    }
    writer.drain().await.unwrap();
}

async fn read_all(reader: &mut StreamReader, seed: u64) -> usize {
    let mut random = Random::new(seed);
    let mut checked = Checked::new();
    let mut buf = vec![0; PIECE_MAX];
    loop {
        let size = random.size();
        match random.below(4) {
            0 => match reader.read_chunk().await.unwrap() {
                Some(chunk) => checked.take(&chunk),
                None => return checked.total,
            },
            1 => match reader.readexactly(size.min(2000)).await {
                Ok(bytes) => checked.take(&bytes),
                Err(error) => {
                    checked.take(error.partial().expect("it only ends"));
                    return checked.total;
                }
            },
            _ => match reader.read_into(&mut buf[..size]).await.unwrap() {
                0 => return checked.total,
                count => checked.take(&buf[..count]),
            },
        }
    }
}

#[test]
fn the_calls_of_streams_carry_64_mib_each_way_in_any_mixture() {
    run(async {
        let (reader, writer, (peer_reader, peer_writer)) = piped().await;
        let side = |mut reader: StreamReader, writer: StreamWriter, seed| async move {
            let writing = create_task(async move {
                write_all(&writer, TOTAL, seed).await;
                writer.write_eof();
                writer
            });
            let got = read_all(&mut reader, seed + 1).await;
            (got, writing.await.unwrap())
        };
        let client = create_task(side(reader, writer, 1));
        let server = create_task(side(peer_reader, peer_writer, 3));
        let (client, server) = (client.await.unwrap(), server.await.unwrap());
        assert_eq!((client.0, server.0), (TOTAL, TOTAL));
    });
}

/// Reads of every kind are given up again and again, at random moments, under load.
#[test]
fn calls_that_are_given_up_at_random_points_lose_no_byte() {
    for seed in 0..4 {
        run(async move {
            let total = 2 << 20;
            let (mut reader, _writer, (_peer_reader, peer)) = piped().await;
            create_task(async move {
                let mut random = Random::new(seed + 50);
                let mut next = Next::new(total);
                while next.left > 0 {
                    peer.write(next.take(random.below(20_000) as usize + 1));
                    peer.drain().await.unwrap();
                    if random.below(8) == 0 {
                        sleep(Duration::from_micros(random.below(500))).await;
                    }
                }
            })
            .detach();
            let mut random = Random::new(seed);
            let mut checked = Checked::new();
            let given_up = Cell::new(0);
            while checked.total < total {
                let patience = Duration::from_micros(random.below(300));
                let size = random.below(30_000) as usize + 1;
                let separator = [random.below(256) as u8];
                let read = async {
                    match random.below(4) {
                        0 => reader.read(size).await.map_err(Into::into),
                        1 => reader.readexactly(size).await,
                        2 => reader.readuntil(&separator).await,
                        _ => reader.readline().await,
                    }
                };
                match polyloop::wait_for(read, patience).await {
                    Ok(Ok(bytes)) => checked.take(&bytes),
                    Ok(Err(error)) => checked.take(error.partial().expect("it only ends")),
                    Err(_) => given_up.set(given_up.get() + 1),
                }
            }
            assert_eq!(checked.total, total, "seed {seed}");
            assert!(given_up.get() > 0, "some reads were given up");
        });
    }
}
