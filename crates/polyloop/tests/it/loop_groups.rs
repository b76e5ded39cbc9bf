//! Groups of loops: what is handed to them, how they share connections, how they end.

mod endings;
mod limits;
mod servers;
mod tasks;
#[cfg(unix)]
mod unix;

use std::io::Read;
use std::net::{SocketAddr, TcpStream as Plain};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use polyloop::{LoopGroup, LoopGroupBuilder, TcpStream};

/// How long a test waits for what should come soon.
const PATIENCE: Duration = Duration::from_secs(20);

/// Begins a group whose loops send to the receiver what goes to their exception handlers.
fn reporting(loops: usize) -> (LoopGroupBuilder, Receiver<String>) {
    let (tell, told) = channel();
    let builder = LoopGroup::builder().loops(loops).on_start(move |index| {
        let tell = tell.clone();
        let handler = move |context: &polyloop::ExceptionContext| {
            drop(tell.send(format!("{index}: {}: {}", context.message, context.panic)));
        };
        polyloop::Loop::current().unwrap().set_exception_handler(handler);
    });
    (builder, told)
}

fn group(loops: usize) -> LoopGroup {
    LoopGroup::builder().loops(loops).build().unwrap()
}

/// Greets each connection with the number of its loop, and goes on until the peer closes.
fn greeting(index: usize) -> impl Fn(TcpStream) -> std::pin::Pin<Box<dyn Future<Output = ()>>> {
    move |mut stream: TcpStream| {
        Box::pin(async move {
            stream.write_all(&[index as u8]).await.unwrap();
            let mut buf = [0; 16];
            while matches!(stream.read(&mut buf).await, Ok(1..)) {}
        })
    }
}

/// Connects, and tells which loop has greeted.
fn greeted(address: SocketAddr) -> (Plain, usize) {
    let mut stream = Plain::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut index = [0];
    stream.read_exact(&mut index).unwrap();
    (stream, usize::from(index[0]))
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "in time: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}
