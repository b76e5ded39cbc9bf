use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::epoll;

use super::{EVENTS, Exchange, Latencies, Load, Phase, STALL, Until, stalled, timespec};

/// After this long a datagram is taken for lost and sent again.
const LOST_AFTER: Duration = Duration::from_millis(200);

/// Sockets with one datagram on its way each.
pub(crate) struct Datagrams {
    epoll: OwnedFd,
    sockets: Vec<Socket>,
    exchange: Exchange,
}

struct Socket {
    socket: UdpSocket,
    /// When the datagram that is on its way was sent.
    begun: Option<Instant>,
}

impl Datagrams {
    /// Opens so many sockets, each of which has an address of its own.
    pub(crate) fn open(server: SocketAddr, sockets: usize, size: usize) -> io::Result<Datagrams> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let sockets = (0..sockets as u64).map(|index| {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
            socket.connect(server)?;
            socket.set_nonblocking(true)?;
            let flags = epoll::EventFlags::IN;
            epoll::add(&epoll, &socket, epoll::EventData::new_u64(index), flags)?;
            Ok(Socket { socket, begun: None })
        });
        let sockets = sockets.collect::<io::Result<_>>()?;
        Ok(Datagrams { epoll, sockets, exchange: Exchange::echo(size, 1) })
    }

    /// Sends again what is taken for lost, and gives how many these were.
    fn send_lost(&mut self) -> io::Result<u64> {
        let mut lost = 0;
        for socket in &mut self.sockets {
            if socket.begun.is_some_and(|begun| begun.elapsed() >= LOST_AFTER) {
                socket.send(&self.exchange)?;
                lost += 1;
            }
        }
        Ok(lost)
    }
}

impl Load for Datagrams {
    fn run(&mut self, until: Until) -> io::Result<Phase> {
        let begin = Instant::now();
        let mut phase =
            Phase { messages: 0, elapsed: Duration::ZERO, latencies: Latencies::new(), lost: 0 };
        for socket in &mut self.sockets {
            socket.send(&self.exchange)?;
        }
        let mut on_their_way = self.sockets.len();
        let mut last_back = begin;
        let mut events = Vec::with_capacity(EVENTS);
        let mut buffer = vec![0; self.exchange.reply_len() + 1];
        while on_their_way > 0 {
            events.clear();
            let spare = rustix::buffer::spare_capacity(&mut events);
            match epoll::wait(&self.epoll, spare, Some(&timespec(LOST_AFTER))) {
                Ok(0) if last_back.elapsed() >= STALL => return Err(stalled()),
                Ok(0) => phase.lost += self.send_lost()?,
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            }
            for event in &events {
                let socket = &mut self.sockets[event.data.u64() as usize];
                let count = match socket.socket.recv(&mut buffer) {
                    Ok(count) => count,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                    Err(error) => return Err(error),
                };
                if count != self.exchange.reply_len() {
                    let told = format!("{count} bytes came back");
                    return Err(io::Error::new(io::ErrorKind::InvalidData, told));
                }
                self.exchange.check(0, &buffer[..count])?;
                // One that was taken for lost may come back twice.
                let Some(begun) = socket.begun.take() else { continue };
                last_back = Instant::now();
                phase.latencies.record(last_back - begun);
                phase.messages += 1;
                if until.is_over(begin, last_back, phase.messages) {
                    on_their_way -= 1;
                } else {
                    socket.send(&self.exchange)?;
                }
            }
        }
        phase.elapsed = begin.elapsed();
        Ok(phase)
    }
}

impl Socket {
    fn send(&mut self, exchange: &Exchange) -> io::Result<()> {
        self.begun = Some(Instant::now());
        let message = exchange.bytes(0, exchange.request_len());
        match self.socket.send(message) {
            // No room: it is sent again like one that was lost.
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(()),
        }
    }
}
