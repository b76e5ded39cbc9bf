use std::rc::Rc;
use std::time::Duration;

use polyloop::{Loop, TcpListener, TcpStream, create_task, gather, timeout, yield_now};

use crate::run;
use crate::traffic::Random;

const CLIENTS: usize = 4;
const EACH: usize = 100;

/// Connects again and again, and is echoed each time.
async fn visit(address: std::net::SocketAddr) -> polyloop::Result<()> {
    for n in 0..EACH as u64 {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(&n.to_le_bytes()).await?;
        let mut echoed = [0; 8];
        stream.read_exact(&mut echoed).await?;
        assert_eq!(echoed, n.to_le_bytes());
    }
    Ok(())
}

async fn echo(mut stream: TcpStream) -> polyloop::Result<()> {
    let mut message = [0; 8];
    stream.read_exact(&mut message).await?;
    stream.write_all(&message).await
}

#[test]
fn accepts_that_are_given_up_under_load_lose_no_connection() {
    run(async {
        let seed = 0x6163_6365_7074_7321;
        let mut random = Random::new(seed);
        let before = Loop::current().unwrap().census();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let visits = create_task(gather((0..CLIENTS).map(move |_| visit(address))));
        let (mut accepted, mut given_up) = (0, 0);
        while accepted < CLIENTS * EACH {
            // Often none at all: the accept is dropped right after its first poll.
            let patience = Duration::from_micros(random.below(4) * 50);
            match timeout(patience, listener.accept()).await {
                Ok(Ok((stream, _))) => {
                    accepted += 1;
                    create_task(async move { echo(stream).await.unwrap() }).detach();
                }
                Ok(Err(error)) => panic!("{error}"),
                Err(_) => given_up += 1,
            }
        }
        for visited in visits.await.unwrap().unwrap() {
            visited.unwrap();
        }
        assert!(given_up > 0, "seed {seed:#x}: nothing was given up");
        drop(listener);
        let nothing_is_left = async {
            while Loop::current().unwrap().census() != before {
                yield_now().await;
            }
        };
        let left = timeout(Duration::from_secs(20), nothing_is_left).await;
        assert!(left.is_ok(), "{:?}, {before:?} before", Loop::current().unwrap().census());
    });
}

#[test]
fn any_number_of_tasks_wait_for_connections_of_one_listener() {
    run(async {
        let listener = Rc::new(TcpListener::bind("127.0.0.1:0").await.unwrap());
        let address = listener.local_addr().unwrap();
        let waiting: Vec<_> = (0..5)
            .map(|_| {
                let listener = listener.clone();
                create_task(async move { listener.accept().await.unwrap().1 })
            })
            .collect();
        // One of them gives up, and whoever of the others waits has what it would have had.
        yield_now().await;
        waiting[4].cancel();
        let mut expected = Vec::new();
        let mut clients = Vec::new();
        for _ in 0..4 {
            let client = TcpStream::connect(address).await.unwrap();
            expected.push(client.local_addr().unwrap());
            clients.push(client);
        }
        let mut peers = Vec::new();
        for waiter in waiting.into_iter().take(4) {
            peers.push(waiter.await.unwrap());
        }
        assert_eq!(peers, expected, "who waited first has the first");
    });
}
