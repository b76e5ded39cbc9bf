//! 64 MiB each way through one connection, with half-closes in either order, on every backend.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use polyloop::{
    Backend, OwnedReadHalf, OwnedWriteHalf, Result, Runner, TcpListener, TcpStream, gather,
};
use polyloop_examples::available_backends;

use crate::custom_backend::factory;
use crate::random::Random;

const LENGTH: usize = 64 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(60);

/// Who sends and half-closes first.
#[derive(Clone, Copy, Debug)]
enum Order {
    Client,
    Server,
    Both,
}

/// A checksum in which every word's place counts: bytes may come in any pieces.
#[derive(Default)]
struct Checksum {
    sum: u64,
    len: usize,
    partial: Vec<u8>,
}

impl Checksum {
    fn add(&mut self, bytes: &[u8]) {
        self.len += bytes.len();
        let needed = (8 - self.partial.len()) % 8;
        let (head, rest) = bytes.split_at(needed.min(bytes.len()));
        self.partial.extend_from_slice(head);
        if self.partial.len() == 8 {
            let word = std::mem::take(&mut self.partial);
            self.fold(&word);
        }
        let (words, tail) = rest.split_at(rest.len() - rest.len() % 8);
        words.chunks_exact(8).for_each(|word| self.fold(word));
        self.partial.extend_from_slice(tail);
    }

    fn fold(&mut self, word: &[u8]) {
        let word = u64::from_le_bytes(word.try_into().expect("words are eight bytes long"));
        self.sum = (self.sum.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

fn checksum_of(bytes: &[u8]) -> (usize, u64) {
    let mut checksum = Checksum::default();
    checksum.add(bytes);
    (checksum.len, checksum.sum)
}

/// What is sent, made once for all transfers.
#[derive(Clone)]
struct Payload {
    bytes: Rc<Vec<u8>>,
    checksum: (usize, u64),
}

impl Payload {
    fn new(seed: u64) -> Payload {
        let bytes = Random::new(seed).bytes(LENGTH);
        Payload { checksum: checksum_of(&bytes), bytes: Rc::new(bytes) }
    }
}

async fn send(mut writer: OwnedWriteHalf, bytes: Rc<Vec<u8>>) -> Result<()> {
    writer.write_all(&bytes).await?;
    writer.shutdown().await
}

/// Reads to the end, and gives how much that was with its checksum.
async fn receive(mut reader: OwnedReadHalf) -> Result<(usize, u64)> {
    let mut checksum = Checksum::default();
    let mut buf = vec![0; 64 * 1024];
    while let count @ 1.. = reader.read(&mut buf).await? {
        checksum.add(&buf[..count]);
    }
    Ok((checksum.len, checksum.sum))
}

async fn transfer(order: Order, to_server: Payload, to_client: Payload) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let client = TcpStream::connect(listener.local_addr()?).await?;
    let (server, _) = listener.accept().await?;
    let expected = (to_server.checksum, to_client.checksum);

    let ((client_reader, client_writer), (server_reader, server_writer)) =
        (client.into_split(), server.into_split());
    let (up, down) = (send(client_writer, to_server.bytes), send(server_writer, to_client.bytes));
    let (at_server, at_client) = (receive(server_reader), receive(client_reader));
    let (at_server, at_client) = match order {
        Order::Both => {
            let (up, at_server, down, at_client) = gather!(up, at_server, down, at_client).await?;
            up?;
            down?;
            (at_server?, at_client?)
        }
        Order::Client => {
            let (up, at_server) = gather!(up, at_server).await?;
            up?;
            let (down, at_client) = gather!(down, at_client).await?;
            down?;
            (at_server?, at_client?)
        }
        Order::Server => {
            let (down, at_client) = gather!(down, at_client).await?;
            down?;
            let (up, at_server) = gather!(up, at_server).await?;
            up?;
            (at_server?, at_client?)
        }
    };
    assert_eq!((at_server, at_client), expected, "{order:?} first");
    Ok(())
}

#[test]
fn large_transfers_arrive_whole_whoever_closes_first() {
    let (to_server, to_client) = (Payload::new(1), Payload::new(2));
    let mut backends = available_backends();
    backends.push(Backend::Custom(Arc::new(factory())));
    for backend in backends {
        for order in [Order::Client, Order::Server, Order::Both] {
            let runner = Runner::builder().backend(backend.clone()).build().expect("available");
            let began = std::time::Instant::now();
            let transfer = transfer(order, to_server.clone(), to_client.clone());
            let moved = runner.run(polyloop::timeout(PATIENCE, transfer));
            let moved = moved.expect("the loop runs").expect("it ends in time");
            moved.unwrap_or_else(|error| panic!("{backend}, {order:?} first: {error}"));
            println!("{backend}: {order:?} first: {:?}", began.elapsed());
        }
    }
}
