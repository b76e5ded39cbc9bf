use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::{AsyncRead, AsyncWrite};
use polyloop::sleep;

use super::*;
use crate::run;

/// Makes bytes that tell their place.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|n| ((n * 31) >> 5) as u8 ^ (n >> 13) as u8).collect()
}

#[test]
fn reads_that_are_cancelled_lose_nothing() {
    run(async {
        let (mut client, mut server) = ends().await;
        let sent = pattern(3_000_000);
        let expected = sent.clone();
        let writing = create_task(async move {
            for (number, piece) in sent.chunks(30_011).enumerate() {
                client.write_all(piece).await.unwrap();
                if number % 3 == 0 {
                    sleep(Duration::from_micros(300)).await;
                }
            }
            client.shutdown().await.unwrap();
        });
        let mut received = Vec::new();
        let mut buf = [0; 5000];
        let mut cancelled = 0;
        loop {
            // Polled once and dropped, unless there is something.
            match futures::FutureExt::now_or_never(server.read(&mut buf)) {
                Some(read) => match read.unwrap() {
                    0 => break,
                    count => received.extend_from_slice(&buf[..count]),
                },
                None => {
                    cancelled += 1;
                    sleep(Duration::from_micros(30)).await;
                }
            }
        }
        assert!(received == expected, "{} of {} bytes", received.len(), expected.len());
        assert!(cancelled > 10, "only {cancelled} reads were cancelled");
        writing.await.unwrap();
    });
}

/// A stream that passes bytes on until it is told to take no more.
struct Stoppable {
    stream: TcpStream,
    stopped: std::rc::Rc<std::cell::Cell<bool>>,
}

impl AsyncRead for Stoppable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stoppable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        if self.stopped.get() {
            return Poll::Pending;
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}

#[test]
fn a_writer_whose_peer_takes_nothing_is_held_back() {
    run(async {
        let authority = TestAuthority::new();
        let (client, server) = pair().await;
        let stopped = std::rc::Rc::new(std::cell::Cell::new(false));
        let client = Stoppable { stream: client, stopped: stopped.clone() };
        let connector = connector(&authority);
        let client = create_task(async move { connector.connect(NAME, client).await });
        let mut server = acceptor(&authority).accept(server).await.unwrap();
        let mut client = client.await.unwrap().unwrap();
        stopped.set(true);
        let mut taken = 0;
        let block = vec![3; 1 << 20];
        std::future::poll_fn(|cx| {
            while let Poll::Ready(count) = Pin::new(&mut client).poll_write(cx, &block) {
                taken += count.unwrap();
            }
            Poll::Ready(())
        })
        .await;
        assert!((1..=64 << 10).contains(&taken), "{taken} bytes were taken");
        // What waits goes out before what comes next.
        stopped.set(false);
        client.shutdown().await.unwrap();
        assert_eq!(read_to_end(&mut server).await.unwrap().len(), taken);
    });
}
