use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::epoll;
use socket2::SockRef;

use super::{EVENTS, Exchange, Latencies, Load, Phase, STALL, Until, stalled, timespec};

/// Connections that are opened, used for one message and closed, so many at a time.
pub(crate) struct Accepts {
    server: SocketAddr,
    at_once: usize,
    exchange: Exchange,
}

/// One that waits for its message to come back.
struct Opened {
    stream: TcpStream,
    begun: Instant,
    received: usize,
}

impl Accepts {
    pub(crate) fn new(server: SocketAddr, at_once: usize, size: usize) -> Accepts {
        Accepts { server, at_once, exchange: Exchange::echo(size, 1) }
    }

    /// Connects, which on loopback ends at once, and sends the message.
    fn open(&self, epoll: &OwnedFd, slot: usize) -> io::Result<Opened> {
        let begun = Instant::now();
        let stream = TcpStream::connect(self.server)?;
        // Closing resets the connection, so that no port waits for stray segments afterwards.
        SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
        stream.set_nonblocking(true)?;
        let message = self.exchange.bytes(0, self.exchange.request_len());
        (&stream).write_all(message)?;
        let flags = epoll::EventFlags::IN | epoll::EventFlags::RDHUP;
        epoll::add(epoll, &stream, epoll::EventData::new_u64(slot as u64), flags)?;
        Ok(Opened { stream, begun, received: 0 })
    }
}

impl Load for Accepts {
    fn run(&mut self, until: Until) -> io::Result<Phase> {
        let begin = Instant::now();
        let mut phase =
            Phase { messages: 0, elapsed: Duration::ZERO, latencies: Latencies::new(), lost: 0 };
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let mut slots = Vec::with_capacity(self.at_once);
        for slot in 0..self.at_once {
            slots.push(Some(self.open(&epoll, slot)?));
        }
        let mut open = slots.len();
        let mut events = Vec::with_capacity(EVENTS);
        let mut buffer = vec![0; self.exchange.reply_len()];
        while open > 0 {
            events.clear();
            let spare = rustix::buffer::spare_capacity(&mut events);
            match epoll::wait(&epoll, spare, Some(&timespec(STALL))) {
                Ok(0) => return Err(stalled()),
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            }
            for event in &events {
                let slot = event.data.u64() as usize;
                let Some(opened) = &mut slots[slot] else { continue };
                let count = match (&opened.stream).read(&mut buffer) {
                    Ok(0) => {
                        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it hung up"));
                    }
                    Ok(count) => count,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                    Err(error) => return Err(error),
                };
                self.exchange.check(opened.received, &buffer[..count])?;
                opened.received += count;
                if opened.received < self.exchange.reply_len() {
                    continue;
                }
                phase.messages += 1;
                phase.latencies.record(opened.begun.elapsed());
                slots[slot] = None;
                if until.is_over(begin, Instant::now(), phase.messages) {
                    open -= 1;
                } else {
                    slots[slot] = Some(self.open(&epoll, slot)?);
                }
            }
        }
        phase.elapsed = begin.elapsed();
        Ok(phase)
    }
}
