//! Much at once, in pieces of any size: everything arrives in order, and then the right end.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use futures::io::{AsyncReadExt, AsyncWriteExt};
use polyloop::{
    Error, Protocol, SocketOption, StreamReader, StreamWriter, Transport, connect_accepted_socket,
    create_task, sleep, timeout,
};

use crate::stream_reader::piped;
use crate::streams::pair;

const MS: Duration = Duration::from_millis(1);

/// What goes each way.
const TOTAL: usize = 64 << 20;

/// The largest piece that is written, and read.
const PIECE_MAX: u64 = 200_000;

fn run<F: Future + 'static>(future: F) -> F::Output {
    polyloop::run(timeout(Duration::from_secs(120), future)).unwrap().expect("a test ends in time")
}

/// Numbers that look random, the same for the same seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    /// A size: small ones and large ones are both frequent.
    fn size(&mut self) -> usize {
        let max = if self.below(2) == 0 { 100 } else { PIECE_MAX };
        1 + self.below(max) as usize
    }
}

/// Bytes of which no two neighbourhoods are alike: byte `n` is always the same.
fn pattern() -> Rc<[u8]> {
    (0..(1_usize << 20) + 7).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

/// What has come so far, compared with the pattern as it comes.
struct Checked {
    pattern: Rc<[u8]>,
    at: usize,
    total: usize,
}

impl Checked {
    fn new(pattern: &Rc<[u8]>) -> Checked {
        Checked { pattern: pattern.clone(), at: 0, total: 0 }
    }

    fn take(&mut self, mut bytes: &[u8]) {
        self.total += bytes.len();
        while !bytes.is_empty() {
            let step = bytes.len().min(self.pattern.len() - self.at);
            assert!(bytes[..step] == self.pattern[self.at..self.at + step], "other bytes came");
            self.at = (self.at + step) % self.pattern.len();
            bytes = &bytes[step..];
        }
    }
}

/// Gives what comes next, to be written; at most so many bytes.
struct Next {
    pattern: Rc<[u8]>,
    at: usize,
    left: usize,
}

impl Next {
    fn new(pattern: &Rc<[u8]>, total: usize) -> Next {
        Next { pattern: pattern.clone(), at: 0, left: total }
    }

    fn take(&mut self, most: usize) -> &[u8] {
        let count = most.min(self.pattern.len() - self.at).min(self.left);
        let taken = &self.pattern[self.at..self.at + count];
        self.at = (self.at + count) % self.pattern.len();
        self.left -= count;
        taken
    }
}

async fn write_all(writer: &StreamWriter, total: usize, seed: u64) {
    let mut random = Random::new(seed);
    let mut next = Next::new(&pattern(), total);
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
    let mut checked = Checked::new(&pattern());
    let mut buf = vec![0; PIECE_MAX as usize];
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

/// Both ends write and read all at once; `first` ends its direction as soon as it can, the other
/// only when it has read everything.
fn exchange<F>(pair: F, first_is_client: bool)
where
    F: Future<Output = (StreamReader, StreamWriter, (StreamReader, StreamWriter))> + 'static,
{
    run(async move {
        let (reader, writer, (peer_reader, peer_writer)) = pair.await;
        let side = |mut reader: StreamReader, writer: StreamWriter, is_first: bool, seed| async move {
            let writing = create_task(async move {
                write_all(&writer, TOTAL, seed).await;
                if is_first {
                    writer.write_eof();
                }
                writer
            });
            let got = read_all(&mut reader, seed + 1).await;
            let writer = writing.await.unwrap();
            if !is_first {
                writer.write_eof();
            }
            (got, reader, writer)
        };
        let client = create_task(side(reader, writer, first_is_client, 1));
        let server = create_task(side(peer_reader, peer_writer, !first_is_client, 3));
        // Who ends second must not wait for the end to have read everything, so it counts.
        let (client, server) = (client.await.unwrap(), server.await.unwrap());
        assert_eq!((client.0, server.0), (TOTAL, TOTAL));
    });
}

#[test]
fn streams_carry_64_mib_each_way_and_the_client_ends_first() {
    exchange(piped(), true);
}

#[test]
fn streams_carry_64_mib_each_way_and_the_server_ends_first() {
    exchange(piped(), false);
}

#[cfg(unix)]
#[test]
fn unix_streams_carry_64_mib_each_way() {
    let unix = || async {
        let (one, other) = polyloop::UnixStream::pair().await.unwrap();
        let (reader, writer) = one.into_streams();
        (reader, writer, other.into_streams())
    };
    exchange(unix(), true);
    exchange(unix(), false);
}

/// How much each connection received, and why it ended.
type Ends = Rc<RefCell<Vec<(usize, Option<String>)>>>;

/// Writes all it may while it may, and checks what comes.
struct Flood {
    next: Next,
    random: Random,
    checked: Checked,
    paused: bool,
    ends: Ends,
}

impl Flood {
    fn new(seed: u64, ends: &Ends) -> Flood {
        let pattern = pattern();
        Flood {
            next: Next::new(&pattern, TOTAL),
            random: Random::new(seed),
            checked: Checked::new(&pattern),
            paused: false,
            ends: ends.clone(),
        }
    }

    /// Writes some, and lets what is ready have its turn before more.
    fn go_on(&mut self, transport: &Transport) {
        for _ in 0..16 {
            if self.paused || transport.is_closing() || self.next.left == 0 {
                return;
            }
            let size = self.random.size();
            transport.write(self.next.take(size));
            if self.next.left == 0 {
                return transport.write_eof();
            }
            // The transport tells after this method has returned.
            self.paused = transport.write_buffer_size() > 64 * 1024;
        }
        self.again(transport);
    }

    fn again(&self, transport: &Transport) {
        let transport = transport.clone();
        polyloop::call_soon(move || {
            transport.clone().with_protocol(|flood: &mut Flood| flood.go_on(&transport));
        });
    }
}

impl Protocol for Flood {
    fn connection_made(&mut self, transport: &Transport) {
        self.go_on(transport);
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) {
        self.checked.take(data);
    }

    fn eof_received(&mut self, transport: &Transport) -> bool {
        // The peer has ended; this side goes on until it has written everything.
        if self.next.left == 0 {
            transport.close();
        }
        true
    }

    fn resume_writing(&mut self, transport: &Transport) {
        self.paused = false;
        self.again(transport);
    }

    fn connection_lost(&mut self, _: &Transport, error: Option<Error>) {
        self.ends.borrow_mut().push((self.checked.total, error.map(|error| error.to_string())));
    }
}

#[test]
fn transports_carry_64_mib_each_way() {
    run(async {
        let (here, there) = pair().await;
        let ends = Rc::new(RefCell::new(Vec::new()));
        let one = connect_accepted_socket(|| Flood::new(5, &ends), here);
        let other = connect_accepted_socket(|| Flood::new(6, &ends), there);
        let whole = |transport: &Transport| {
            transport.with_protocol(|flood: &mut Flood| {
                flood.checked.total == TOTAL && flood.next.left == 0
            }) != Some(false)
        };
        while !(whole(&one) && whole(&other)) {
            sleep(MS * 5).await;
        }
        one.close();
        other.close();
        while ends.borrow().len() < 2 {
            sleep(MS).await;
        }
        assert_eq!(*ends.borrow(), [(TOTAL, None), (TOTAL, None)]);
    });
}

#[test]
fn pipes_carry_64_mib() {
    run(async {
        let (reader, mut writer) = polyloop::io::pipe().await.unwrap();
        create_task(async move {
            let mut random = Random::new(7);
            let mut next = Next::new(&pattern(), TOTAL);
            while next.left > 0 {
                AsyncWriteExt::write_all(&mut writer, next.take(random.size())).await.unwrap();
            }
        })
        .detach();
        let mut reader = StreamReader::over(reader);
        assert_eq!(read_all(&mut reader, 8).await, TOTAL);
        assert_eq!(AsyncReadExt::read(&mut reader, &mut [0; 1]).await.unwrap(), 0);
    });
}

#[test]
fn a_reset_in_the_middle_comes_after_every_byte_that_came_before() {
    for seed in 0..20 {
        run(async move {
            let mut random = Random::new(seed + 100);
            let before = random.below(200_000) as usize;
            let (mut reader, _writer, (_peer_reader, peer)) = piped().await;
            write_all(&peer, before, seed).await;
            let mut checked = Checked::new(&pattern());
            // What the kernel holds when the reset comes it may drop, so all of it is waited for.
            while reader_has(&mut reader, &mut checked, before).await {}
            let linger = SocketOption::Linger(Some(Duration::ZERO));
            peer.extra_info().set_option(linger).unwrap();
            peer.abort();
            let error = reader.read(1).await.unwrap_err();
            assert_eq!(error.io_kind(), std::io::ErrorKind::ConnectionReset, "seed {seed}");
            assert_eq!(checked.total, before);
        });
    }
}

/// Reads some of what is to come; false when all has.
async fn reader_has(reader: &mut StreamReader, checked: &mut Checked, all: usize) -> bool {
    if checked.total == all {
        return false;
    }
    let some = reader.read(10_000).await.unwrap();
    assert!(!some.is_empty(), "an early end");
    checked.take(&some);
    true
}

/// Reads of every kind are given up again and again, at random moments, under load.
#[test]
fn reads_that_are_given_up_at_random_points_lose_no_byte() {
    for seed in 0..4 {
        run(async move {
            let total = 2 << 20;
            let (mut reader, _writer, (_peer_reader, peer)) = piped().await;
            create_task(async move {
                let mut random = Random::new(seed + 50);
                let mut next = Next::new(&pattern(), total);
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
            let mut checked = Checked::new(&pattern());
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
