//! Reads, accepts and connects that are given up at any point lose nothing and leak nothing.

use std::time::Duration;

use polyloop::{Loop, TcpListener, TcpStream, create_task, sleep, timeout, yield_now};

use crate::run;
use crate::streams::pair;

#[test]
fn a_read_that_times_out_again_and_again_loses_no_byte() {
    run(async {
        let (mut client, mut server) = pair().await;
        let total = 200_000usize;
        let writer = create_task(async move {
            let bytes: Vec<u8> = (0..total).map(|n| (n % 251) as u8).collect();
            for (n, piece) in bytes.chunks(997).enumerate() {
                client.write_all(piece).await.unwrap();
                if n % 7 == 0 {
                    sleep(Duration::from_micros(300)).await;
                }
            }
        });
        let mut seen = 0usize;
        let mut given_up = 0;
        let mut buf = [0; 313];
        while seen < total {
            let patience = Duration::from_micros((seen % 5) as u64 * 60);
            match timeout(patience, server.read(&mut buf)).await {
                Err(_) => given_up += 1,
                Ok(count) => {
                    let count = count.unwrap();
                    assert!(count > 0, "the stream ended after {seen}");
                    for (n, byte) in buf[..count].iter().enumerate() {
                        assert_eq!(usize::from(*byte), (seen + n) % 251, "at byte {}", seen + n);
                    }
                    seen += count;
                }
            }
        }
        writer.await.unwrap();
        assert!(given_up > 0, "no read was given up, so the test showed nothing");
    });
}

#[test]
fn an_accept_that_is_given_up_loses_no_connection() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let clients = create_task(async move {
            let mut clients = Vec::new();
            for _ in 0..100 {
                clients.push(TcpStream::connect(address).await.unwrap());
                sleep(Duration::from_micros(200)).await;
            }
            clients
        });
        let mut accepted = Vec::new();
        while accepted.len() < 100 {
            if let Ok(result) = timeout(Duration::from_micros(150), listener.accept()).await {
                accepted.push(result.unwrap());
            }
        }
        let clients = clients.await.unwrap();
        for (client, (_, peer)) in clients.iter().zip(&accepted) {
            assert_eq!(client.local_addr().unwrap(), *peer);
        }
    });
}

#[test]
fn a_listener_takes_ahead_only_a_bounded_number() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut clients = vec![TcpStream::connect(address).await.unwrap()];
        let mut accepted = vec![listener.accept().await.unwrap()];
        for _ in 1..400 {
            clients.push(TcpStream::connect(address).await.unwrap());
        }
        sleep(Duration::from_millis(20)).await;
        let resources = Loop::current().unwrap().census().resources;
        assert!(resources < 402 + 256, "{resources} resources with 401 clients");
        while accepted.len() < 400 {
            accepted.push(listener.accept().await.unwrap());
        }
    });
}

#[test]
fn a_connect_that_is_given_up_leaks_no_socket() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let census = || Loop::current().unwrap().census();
        let before = census();
        for _ in 0..50 {
            let task = create_task(async move { drop(TcpStream::connect(address).await) });
            yield_now().await;
            task.cancel();
        }
        let settle = async {
            while census() != before {
                sleep(Duration::from_millis(1)).await;
            }
        };
        if timeout(Duration::from_secs(5), settle).await.is_err() {
            panic!("left behind: {:?}, before: {before:?}", census());
        }
    });
}

#[test]
fn a_cancelled_task_cancels_what_it_waits_for() {
    run(async {
        let (_client, mut server) = pair().await;
        let task = create_task(async move { server.read(&mut [0; 8]).await });
        sleep(Duration::from_millis(2)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        let settle = async {
            while Loop::current().unwrap().census().ops > 0 {
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(Duration::from_secs(5), settle).await.unwrap();
    });
}

#[test]
fn a_write_that_is_given_up_leaves_the_stream_usable_for_closing() {
    run(async {
        let (mut client, mut server) = pair().await;
        let huge = vec![1; 64 << 20];
        assert!(timeout(Duration::from_millis(20), client.write_all(&huge)).await.is_err());
        drop(client);
        let mut total = 0;
        let mut buf = vec![0; 1 << 16];
        loop {
            match server.read(&mut buf).await {
                Ok(0) | Err(_) => break,
                Ok(count) => total += count,
            }
        }
        assert!(total > 0 && total < huge.len(), "{total}");
    });
}

#[test]
fn a_forgotten_future_only_leaks_memory() {
    run(async {
        let (mut client, mut server) = pair().await;
        let mut read = Box::pin(async move {
            let mut buf = [0; 8];
            server.read(&mut buf).await
        });
        let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(read.as_mut().poll(cx)));
        assert!(polled.await.is_pending());
        std::mem::forget(read);
        client.write_all(b"for nobody").await.unwrap();
        sleep(Duration::from_millis(2)).await;
    });
}
