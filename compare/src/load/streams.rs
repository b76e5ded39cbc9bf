use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::epoll;

use super::{EVENTS, Exchange, Latencies, Load, Phase, STALL, Until, stalled, timespec};

/// Bytes that are received at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// Connections with messages on their way.
pub(crate) struct Streams {
    epoll: OwnedFd,
    connections: Vec<Connection>,
    exchange: Exchange,
    depth: usize,
    buffer: Vec<u8>,
}

struct Connection {
    stream: TcpStream,
    /// When each message on its way was due to be sent, the first of them first.
    begun: VecDeque<Instant>,
    /// Bytes that are still to be sent, and their place in a request.
    unsent: usize,
    send_place: usize,
    /// The place in a reply of the byte that comes next.
    receive_place: usize,
}

impl Streams {
    /// Opens the connections, one after the other.
    pub(crate) fn open(
        server: SocketAddr,
        connections: usize,
        exchange: Exchange,
        depth: usize,
    ) -> io::Result<Streams> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let connections = (0..connections as u64).map(|index| {
            let stream = TcpStream::connect(server)?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            // Edges of both directions, so that nothing is registered again.
            let flags = epoll::EventFlags::IN
                | epoll::EventFlags::OUT
                | epoll::EventFlags::RDHUP
                | epoll::EventFlags::ET;
            epoll::add(&epoll, &stream, epoll::EventData::new_u64(index), flags)?;
            let begun = VecDeque::with_capacity(depth);
            Ok(Connection { stream, begun, unsent: 0, send_place: 0, receive_place: 0 })
        });
        let connections = connections.collect::<io::Result<_>>()?;
        Ok(Streams { epoll, connections, exchange, depth, buffer: vec![0; BUFFER_BYTES] })
    }
}

impl Load for Streams {
    fn run(&mut self, until: Until) -> io::Result<Phase> {
        let begin = Instant::now();
        let mut phase =
            Phase { messages: 0, elapsed: Duration::ZERO, latencies: Latencies::new(), lost: 0 };
        for connection in &mut self.connections {
            let now = Instant::now();
            for _ in 0..self.depth {
                connection.begin(&self.exchange, now);
            }
            connection.send(&self.exchange)?;
        }
        let mut on_their_way = self.connections.len() * self.depth;
        let mut events = Vec::with_capacity(EVENTS);
        while on_their_way > 0 {
            events.clear();
            let buffer = rustix::buffer::spare_capacity(&mut events);
            match epoll::wait(&self.epoll, buffer, Some(&timespec(STALL))) {
                Ok(0) => return Err(stalled()),
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            }
            for event in &events {
                let connection = &mut self.connections[event.data.u64() as usize];
                let back = connection.receive(&self.exchange, &mut self.buffer)?;
                let now = Instant::now();
                for begun in connection.begun.drain(..back) {
                    phase.latencies.record(now - begun);
                }
                phase.messages += back as u64;
                if until.is_over(begin, now, phase.messages) {
                    on_their_way -= back;
                } else {
                    (0..back).for_each(|_| connection.begin(&self.exchange, now));
                }
                connection.send(&self.exchange)?;
            }
        }
        phase.elapsed = begin.elapsed();
        Ok(phase)
    }
}

impl Connection {
    /// Has one more message to send.
    fn begin(&mut self, exchange: &Exchange, now: Instant) {
        self.begun.push_back(now);
        self.unsent += exchange.request_len();
    }

    /// Sends what the socket takes; the rest waits for an event.
    fn send(&mut self, exchange: &Exchange) -> io::Result<()> {
        while self.unsent > 0 {
            match (&self.stream).write(exchange.bytes(self.send_place, self.unsent)) {
                Ok(count) => {
                    self.unsent -= count;
                    self.send_place = (self.send_place + count) % exchange.request_len();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Receives all there is, and gives how many replies ended in it.
    fn receive(&mut self, exchange: &Exchange, buffer: &mut [u8]) -> io::Result<usize> {
        let mut back = 0;
        loop {
            let count = match (&self.stream).read(buffer) {
                Ok(0) => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it hung up")),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(back),
                Err(error) => return Err(error),
            };
            exchange.check(self.receive_place, &buffer[..count])?;
            let place = self.receive_place + count;
            back += place / exchange.reply_len();
            self.receive_place = place % exchange.reply_len();
            if back > self.begun.len() {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "more came than was sent"));
            }
            // A short read has emptied the socket; what comes later is a new edge.
            if count < buffer.len() {
                return Ok(back);
            }
        }
    }
}
