//! Many connections to the example `echo_server`, made without polyloop, and what they leave behind.
//!
//! 10,000 connections in a row, of a server that has served a few, may make its memory grow by
//! `ROW_GROWTH_MAX`, some 200 bytes each: less than any task, buffer or socket that is left behind
//! would take, more than the noise of an allocator. They
//! come first, because 1,000 connections at once leave an allocator with free memory that would
//! hide a leak.
//!
//! The storms may take `STORM_GROWTH_MAX`: the pool's chunks are 16 MiB, the pieces of writes that
//! wait up to 64 KiB each. How much of that is in use at once, and
//! what an allocator keeps, varies: 28 to 57 MiB were seen with io_uring, where ten storms in a row
//! levelled off, and 9 to 14 with the others.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use polyloop_examples::available_backends;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::random::Random;
use crate::server::Server;

const AT_ONCE: usize = 1_000;
const IN_A_ROW: usize = 10_000;
const FIRST_FEW: usize = 500;
const LENGTH_MAX: usize = 64 * 1024;
const PIECE_MAX: usize = 8 * 1024;
const ROW_GROWTH_MAX: u64 = 2 * 1024 * 1024;
const STORM_GROWTH_MAX: u64 = 128 * 1024 * 1024;
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// One connection: what it sends is made as it goes, and made again to compare.
struct Peer {
    stream: TcpStream,
    pieces: Random,
    sending: Vec<u8>,
    sent: usize,
    received: usize,
}

impl Peer {
    fn connect(address: SocketAddr, seed: u64) -> Peer {
        let stream = TcpStream::connect(address).expect("the server accepts");
        stream.set_nonblocking(true).expect("a socket can be told not to wait");
        let mut random = Random::new(seed);
        let length = random.up_to(LENGTH_MAX);
        let sending = random.bytes(length);
        Peer { stream, pieces: random, sending, sent: 0, received: 0 }
    }

    fn wants(&self) -> PollFlags {
        let unsent = self.sent < self.sending.len();
        if unsent { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN }
    }

    /// Goes on as far as it can, and tells whether the connection has ended as it should.
    fn advance(&mut self) -> bool {
        while self.sent < self.sending.len() {
            let end = self.sending.len().min(self.sent + self.pieces.up_to(PIECE_MAX));
            match self.stream.write(&self.sending[self.sent..end]) {
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("a write failed after {} bytes: {error}", self.sent),
            }
            if self.sent == self.sending.len() {
                self.stream.shutdown(Shutdown::Write).expect("the connection stands");
            }
        }
        let mut buf = [0; PIECE_MAX];
        loop {
            match self.stream.read(&mut buf) {
                Ok(0) => {
                    assert_eq!(self.received, self.sending.len(), "the end came too early");
                    return true;
                }
                Ok(count) => {
                    let end = self.received + count;
                    assert_eq!(self.sending.get(self.received..end), Some(&buf[..count]));
                    self.received = end;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
                Err(error) => panic!("a read failed after {} bytes: {error}", self.received),
            }
        }
    }
}

/// Has all connections open at once, and checks every byte of each.
fn storm(address: SocketAddr, seed: u64) -> usize {
    let mut peers: Vec<Peer> =
        (0..AT_ONCE).map(|index| Peer::connect(address, seed ^ index as u64)).collect();
    let bytes = peers.iter().map(|peer| peer.sending.len()).sum();
    let expires = Instant::now() + PATIENCE;
    while !peers.is_empty() {
        assert!(Instant::now() < expires, "{} connections go on after {PATIENCE:?}", peers.len());
        let fds =
            peers.iter().map(|peer| PollFd::from_borrowed_fd(peer.stream.as_fd(), peer.wants()));
        let mut fds: Vec<PollFd<'_>> = fds.collect();
        poll(&mut fds, Some(&Timespec { tv_sec: 1, tv_nsec: 0 })).expect("poll(2) works");
        let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        drop(fds);
        let mut ready = ready.into_iter();
        peers.retain_mut(|peer| !(ready.next() == Some(true) && peer.advance()));
    }
    bytes
}

/// Opens and closes connections one after the other, with an echo on each.
pub(crate) fn row(address: SocketAddr, count: usize) {
    for index in 0..count {
        let mut stream = TcpStream::connect(address).expect("the server accepts");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket takes a timeout");
        let message = (index as u64).to_le_bytes();
        stream.write_all(&message).expect("the server reads");
        let mut echoed = [0; 8];
        stream.read_exact(&mut echoed).expect("the server answers");
        assert_eq!(echoed, message);
    }
}

fn descriptors(id: u32) -> usize {
    fs::read_dir(format!("/proc/{id}/fd")).expect("the server runs").count()
}

/// Gives the server's resident memory in bytes.
pub(crate) fn memory(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).expect("the server runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kibibytes.and_then(|number| number.parse::<u64>().ok()).expect("a size in kB") * 1024
}

/// Waits until the server holds as many descriptors as it did.
fn await_descriptors(id: u32, expected: usize) {
    let expires = Instant::now() + PATIENCE;
    while descriptors(id) != expected {
        let found = descriptors(id);
        assert!(Instant::now() < expires, "{found} descriptors are open, {expected} were before");
        std::thread::yield_now();
    }
}

#[test]
fn many_connections_echo_and_leave_nothing_behind() {
    for backend in available_backends() {
        let seed = 0x706f_6c79_6c6f_6f70;
        let server = Server::start(&backend);
        let (id, address) = (server.id(), server.address());
        let (fds, mut memories) = (descriptors(id), vec![memory(id)]);
        let mut note = || {
            await_descriptors(id, fds);
            memories.push(memory(id));
        };
        row(address, FIRST_FEW);
        note();
        row(address, IN_A_ROW);
        note();
        let bytes = storm(address, seed);
        note();
        storm(address, !seed);
        note();
        let kibibytes: Vec<u64> = memories.iter().map(|memory| memory / 1024).collect();
        println!(
            "{backend}: seed {seed:#x}: {fds} descriptors before and after; {bytes} bytes in a \
             storm; KiB of memory at the start, after {FIRST_FEW} connections, after {IN_A_ROW} in \
             a row, after a storm of {AT_ONCE}, after another: {kibibytes:?}",
        );
        let [_, few, row, _, storms] = memories[..] else { unreachable!("five notes") };
        assert!(row < few + ROW_GROWTH_MAX, "{backend}: memory grew from {few} to {row}");
        assert!(storms < row + STORM_GROWTH_MAX, "{backend}: memory grew from {row} to {storms}");
        assert_eq!(server.interrupt().0.code(), Some(0), "{backend}");
    }
}
