//! The combinators of the `futures` crate over this crate's futures: nothing here needs to be
//! written again, and the branch that loses a `select!` loses nothing.

use std::time::{Duration, Instant};

use futures::future::{Either, FutureExt, join_all, select};
use futures::stream::{self, FuturesUnordered, StreamExt, TryStreamExt};
use polyloop::{TaskError, TcpListener, TcpStream, create_task, sleep, yield_now};

use crate::run;
use crate::streams::pair;

const MS: Duration = Duration::from_millis(1);

async fn after<T>(delay: Duration, value: T) -> T {
    sleep(delay).await;
    value
}

#[test]
fn select_takes_the_first_and_drops_the_other() {
    run(async {
        let (mut client, mut server) = pair().await;
        let mut buf = [0; 8];
        let first = futures::select_biased! {
            count = server.read(&mut buf).fuse() => format!("read {}", count.unwrap()),
            () = sleep(MS).fuse() => "slept".to_owned(),
        };
        assert_eq!(first, "slept");
        client.write_all(b"late").await.unwrap();
        let first = futures::select! {
            count = server.read(&mut buf).fuse() => format!("read {}", count.unwrap()),
            () = sleep(MS * 10_000).fuse() => "slept".to_owned(),
        };
        assert_eq!((first.as_str(), &buf[..4]), ("read 4", &b"late"[..]));
    });
}

/// Sends numbers in pieces of odd sizes, now and then with a pause.
async fn send_numbers(mut client: TcpStream, count: u32) {
    let bytes: Vec<u8> = (0..count).flat_map(u32::to_le_bytes).collect();
    for (n, piece) in bytes.chunks(37).enumerate() {
        client.write_all(piece).await.unwrap();
        match n % 5 {
            0 => sleep(MS / 10).await,
            _ => yield_now().await,
        }
    }
}

fn assert_numbers(received: &[u8], count: u32) {
    assert_eq!(received.len(), 4 * count as usize);
    for (n, bytes) in received.chunks_exact(4).enumerate() {
        assert_eq!(bytes, (n as u32).to_le_bytes());
    }
}

#[test]
fn a_read_that_loses_again_and_again_loses_no_byte() {
    const COUNT: u32 = 5_000;
    run(async {
        let (client, mut server) = pair().await;
        let sender = create_task(send_numbers(client, COUNT));
        let (mut received, mut lost) = (Vec::new(), 0);
        let mut buf = [0; 64];
        loop {
            // The sleep is shorter than the pauses between pieces, so either side wins often.
            futures::select! {
                count = server.read(&mut buf).fuse() => match count.unwrap() {
                    0 => break,
                    count => received.extend_from_slice(&buf[..count]),
                },
                () = sleep(MS / 20).fuse() => lost += 1,
            }
        }
        sender.await.unwrap();
        assert_numbers(&received, COUNT);
        assert!(lost > 0, "the read lost at least once");
    });
}

#[test]
fn a_chunk_that_loses_again_and_again_loses_no_byte() {
    const COUNT: u32 = 5_000;
    run(async {
        let (client, mut server) = pair().await;
        let sender = create_task(send_numbers(client, COUNT));
        let (mut received, mut lost) = (Vec::new(), 0);
        loop {
            let chunk = Box::pin(server.read_chunk());
            match select(yield_now(), chunk).await {
                Either::Left(((), _)) => lost += 1,
                Either::Right((Ok(Some(chunk)), _)) => received.extend_from_slice(&chunk),
                Either::Right((end, _)) => {
                    assert!(end.unwrap().is_none());
                    break;
                }
            }
        }
        sender.await.unwrap();
        assert_numbers(&received, COUNT);
        assert!(lost > 0, "the chunk lost at least once");
    });
}

#[test]
fn an_accept_that_loses_loses_no_connection() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let clients = create_task(async move {
            let mut clients = Vec::new();
            for _ in 0..50 {
                clients.push(TcpStream::connect(address).await.unwrap());
                yield_now().await;
            }
            clients
        });
        let mut accepted = Vec::new();
        while accepted.len() < 50 {
            futures::select_biased! {
                () = yield_now().fuse() => {}
                connection = listener.accept().fuse() => accepted.push(connection.unwrap().1),
            }
        }
        let clients = clients.await.unwrap();
        let addresses = clients.iter().map(|client| client.local_addr().unwrap());
        assert!(addresses.eq(accepted));
    });
}

#[test]
fn join_waits_for_all_without_tasks() {
    run(async {
        let before = polyloop::Loop::current().unwrap().task_count();
        let begin = Instant::now();
        let count = async { polyloop::Loop::current().unwrap().task_count() };
        let joined = futures::join!(after(MS * 30, 1), after(MS * 20, "two"), count);
        assert_eq!(joined, (1, "two", before));
        assert_eq!(join_all([3, 1, 2].map(|n| after(MS * n, n))).await, [3, 1, 2]);
        assert!(begin.elapsed() < MS * 5_000);
    });
}

#[test]
fn try_join_of_tasks_gives_the_first_failure() {
    run(async {
        let fine = create_task(after(MS * 5, 1));
        let bad = create_task(async { panic!("bad") });
        let joined: Result<(i32, ()), TaskError> = futures::try_join!(fine, bad);
        assert!(joined.unwrap_err().is_panic());
    });
}

#[test]
fn futures_unordered_gives_them_as_they_end() {
    run(async {
        let mut sleeps: FuturesUnordered<_> =
            [30, 10, 20].into_iter().map(|n| after(MS * n, n)).collect();
        let mut ended = Vec::new();
        while let Some(n) = sleeps.next().await {
            ended.push(n);
        }
        assert_eq!(ended, [10, 20, 30]);
        // Nor does it starve: so many at once go through its own budget.
        let many: FuturesUnordered<_> = (0..1_000).map(|n| after(MS, n)).collect();
        assert_eq!(many.map(|n| n as u64).fold(0, async |sum, n| sum + n).await, 499_500);
    });
}

#[test]
fn a_stream_is_made_of_reads_and_connections_are_handled_a_few_at_a_time() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let clients = create_task(join_all((0..10u8).map(move |n| async move {
            let mut client = TcpStream::connect(address).await.unwrap();
            client.write_all(&[n; 100]).await.unwrap();
        })));
        let connections = stream::unfold(listener, async |listener| {
            let (connection, _) = listener.accept().await.unwrap();
            Some((connection, listener))
        });
        let sums: Vec<u64> = connections
            .take(10)
            .map(|connection| async move {
                let chunks = stream::try_unfold(connection, async |mut connection| {
                    let chunk = connection.read_chunk().await?;
                    Ok::<_, polyloop::Error>(chunk.map(|chunk| (chunk, connection)))
                });
                let add = async |sum: u64, chunk: polyloop::Chunk| {
                    Ok::<_, polyloop::Error>(
                        chunk.iter().fold(sum, |sum, byte| sum + u64::from(*byte)),
                    )
                };
                chunks.try_fold(0, add).await.unwrap()
            })
            .buffer_unordered(3)
            .collect()
            .await;
        clients.await.unwrap();
        assert_eq!(sums.iter().sum::<u64>(), 4_500);
    });
}
