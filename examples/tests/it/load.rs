//! Many connections to the example `echo_server`, made without polyloop, and what they leave behind.
//!
//! Memory is compared after a first storm of connections, when the server's tables and its
//! allocator have grown to their size. From then on 10,000 more connections may make it grow by
//! `GROWTH_MAX`, which is some 200 bytes each: less than any task, buffer or socket that is left
//! behind would take (a task of the server alone holds 16 KiB), more than the noise of an
//! allocator.

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
const LENGTH_MAX: usize = 64 * 1024;
const PIECE_MAX: usize = 8 * 1024;
const GROWTH_MAX: u64 = 2 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);

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
fn row(address: SocketAddr) {
    for index in 0..IN_A_ROW {
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
fn memory(id: u32) -> u64 {
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
        let (id, address) = (server.id(), server.address);
        let (fds, at_start) = (descriptors(id), memory(id));
        let bytes = storm(address, seed);
        await_descriptors(id, fds);
        let before = memory(id);
        let began = Instant::now();
        row(address);
        let took = began.elapsed();
        await_descriptors(id, fds);
        let after = memory(id);
        println!(
            "{backend}: seed {seed:#x}: {AT_ONCE} connections at once echoed {bytes} bytes, \
             {IN_A_ROW} in a row took {took:?}; descriptors {fds} before and after; memory KiB: {} \
             at the start, {} after the storm, {} after the row",
            at_start / 1024,
            before / 1024,
            after / 1024,
        );
        assert!(after < before + GROWTH_MAX, "{backend}: memory grew from {before} to {after}");
        assert_eq!(server.interrupt().0.code(), Some(0), "{backend}");
    }
}
