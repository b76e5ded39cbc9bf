//! Accepts and connects that are given up again and again, at random moments, while many come.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use polyloop::{
    Loop, StreamReader, StreamWriter, TcpListener, TcpStream, create_task, gather, open_connection,
    start_server, wait_for,
};

use super::payload::Random;
use super::{run, until_nothing_is_left};

const CLIENTS: usize = 4;
const EACH: usize = 100;

/// Is echoed once.
pub(crate) async fn visit(mut stream: impl AsyncRead + AsyncWrite + Unpin, number: u64) {
    stream.write_all(&number.to_le_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    let mut echoed = [0; 8];
    stream.read_exact(&mut echoed).await.unwrap();
    assert_eq!(echoed, number.to_le_bytes());
}

/// Echoes once.
pub(crate) async fn echo(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
    let mut message = [0; 8];
    stream.read_exact(&mut message).await?;
    stream.write_all(&message).await?;
    stream.flush().await
}

/// Takes connections with little patience until all have come.
async fn take_all<S, A>(accept: impl Fn() -> A, seed: u64)
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    A: Future<Output = polyloop::Result<S>>,
{
    let mut random = Random::new(seed);
    let (mut accepted, mut given_up) = (0, 0);
    while accepted < CLIENTS * EACH {
        // Often none at all: the accept is dropped right after its first poll.
        let patience = Duration::from_micros(random.below(4) * 50);
        match wait_for(accept(), patience).await {
            Ok(stream) => {
                accepted += 1;
                let stream = stream.unwrap();
                create_task(async move { echo(stream).await.unwrap() }).detach();
            }
            Err(_) => given_up += 1,
        }
    }
    assert!(given_up > 0, "seed {seed:#x}: nothing was given up");
}

#[test]
fn accepts_of_tcp_that_are_given_up_lose_no_connection() {
    run(async {
        let before = Loop::current().unwrap().census();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let visits = create_task(gather((0..CLIENTS).map(move |_| async move {
            for number in 0..EACH as u64 {
                visit(TcpStream::connect(address).await.unwrap(), number).await;
            }
        })));
        take_all(async || Ok(listener.accept().await?.0), 0x6163_6365_7074_7321).await;
        visits.await.unwrap().unwrap();
        drop(listener);
        until_nothing_is_left(&before, "accepts").await;
    });
}

#[cfg(unix)]
#[test]
fn accepts_of_a_unix_socket_that_are_given_up_lose_no_connection() {
    run(async {
        let before = Loop::current().unwrap().census();
        let path = crate::unix_sockets::SocketPath::new();
        let listener = polyloop::UnixListener::bind(path.as_ref()).await.unwrap();
        let to = path.as_ref().to_owned();
        let visits = create_task(gather((0..CLIENTS).map(move |_| {
            let to = to.clone();
            async move {
                for number in 0..EACH as u64 {
                    visit(polyloop::UnixStream::connect(&to).await.unwrap(), number).await;
                }
            }
        })));
        take_all(async || Ok(listener.accept().await?.0), 0x756e_6978).await;
        visits.await.unwrap().unwrap();
        drop(listener);
        until_nothing_is_left(&before, "accepts").await;
    });
}

/// Who connects gives up at random; the server's tasks for those end, and nobody else is harmed.
#[test]
fn connects_that_are_given_up_leave_nothing_with_a_server() {
    run(async {
        let before = Loop::current().unwrap().census();
        let served = Rc::new(Cell::new(0));
        let counted = served.clone();
        let handler = move |mut reader: StreamReader, writer: StreamWriter| {
            counted.set(counted.get() + 1);
            async move {
                // Who has given up ends its direction, or resets the connection.
                if let Ok(message) = reader.readexactly(8).await {
                    writer.write(&message);
                }
            }
        };
        let server = start_server(handler, "127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap();
        let mut random = Random::new(0x636f_6e6e);
        let (mut visited, mut given_up) = (0, 0);
        while visited < EACH {
            let patience = Duration::from_micros(random.below(4) * 50);
            match wait_for(open_connection(address), patience).await {
                Ok(connected) => {
                    let (mut reader, writer) = connected.unwrap();
                    writer.write(&[visited as u8; 8]);
                    assert_eq!(reader.readexactly(8).await.unwrap(), [visited as u8; 8]);
                    visited += 1;
                }
                Err(_) => given_up += 1,
            }
        }
        assert!(given_up > 0, "nothing was given up");
        assert!(served.get() >= EACH);
        server.shutdown(Duration::from_secs(20)).await.unwrap();
        drop(server);
        until_nothing_is_left(&before, "connects").await;
    });
}
