//! A loop over mio: what `c/epoll.c` does, in Rust.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::{self, Read, Write};
use std::net;

use mio::net::{TcpListener, TcpStream, UdpSocket};
use mio::{Events, Interest, Poll, Token};

use super::BUFFER_BYTES;
use super::requests::Requests;
use crate::work::{HELLO, Service};

const EVENTS: usize = 256;
const LISTENER: Token = Token(usize::MAX);

struct Connection {
    stream: TcpStream,
    requests: Requests,
    /// What the socket did not take; nothing is read as long as there is any.
    kept: VecDeque<u8>,
}

/// Whether a connection is of any more use.
#[derive(PartialEq, Eq)]
enum Served {
    Waits,
    Ended,
}

pub(crate) fn streams(listener: net::TcpListener, service: Service) -> io::Result<Infallible> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(EVENTS);
    let mut listener = TcpListener::from_std(listener);
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut connections: Vec<Option<Connection>> = Vec::new();
    let mut free = Vec::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            if event.token() == LISTENER {
                accept_all(&poll, &listener, &mut connections, &mut free)?;
                continue;
            }
            let Token(index) = event.token();
            let Some(connection) = &mut connections[index] else { continue };
            // Room to send that nobody waits for: the first event of a new connection.
            if !event.is_readable() && connection.kept.is_empty() && !event.is_error() {
                continue;
            }
            if serve(connection, service, &mut buffer).unwrap_or(Served::Ended) == Served::Ended {
                connections[index] = None;
                free.push(index);
            }
        }
    }
}

fn accept_all(
    poll: &Poll,
    listener: &TcpListener,
    connections: &mut Vec<Option<Connection>>,
    free: &mut Vec<usize>,
) -> io::Result<()> {
    loop {
        let mut stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        stream.set_nodelay(true)?;
        let index = free.pop().unwrap_or_else(|| {
            connections.push(None);
            connections.len() - 1
        });
        let interest = Interest::READABLE | Interest::WRITABLE;
        poll.registry().register(&mut stream, Token(index), interest)?;
        let (requests, kept) = (Requests::default(), VecDeque::new());
        connections[index] = Some(Connection { stream, requests, kept });
    }
}

/// Reads and answers until there is no more to read or no more room to send.
fn serve(connection: &mut Connection, service: Service, buffer: &mut [u8]) -> io::Result<Served> {
    loop {
        while !connection.kept.is_empty() {
            match connection.stream.write(connection.kept.as_slices().0) {
                Ok(count) => drop(connection.kept.drain(..count)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(Served::Waits);
                }
                Err(error) => return Err(error),
            }
        }
        let count = match connection.stream.read(buffer) {
            Ok(0) => return Ok(Served::Ended),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Served::Waits),
            Err(error) => return Err(error),
        };
        if service == Service::Http {
            for _ in 0..connection.requests.ends_in(&buffer[..count]) {
                answer(connection, HELLO)?;
            }
        } else {
            answer(connection, &buffer[..count])?;
        }
        // A short read has emptied the socket; what comes later is a new edge.
        if count < buffer.len() && connection.kept.is_empty() {
            return Ok(Served::Waits);
        }
    }
}

/// Sends, and keeps the rest.
fn answer(connection: &mut Connection, bytes: &[u8]) -> io::Result<()> {
    let sent = if connection.kept.is_empty() {
        match connection.stream.write(bytes) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(error) => return Err(error),
        }
    } else {
        0
    };
    connection.kept.extend(&bytes[sent..]);
    Ok(())
}

pub(crate) fn datagrams(socket: net::UdpSocket) -> io::Result<Infallible> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(EVENTS);
    let mut socket = UdpSocket::from_std(socket);
    poll.registry().register(&mut socket, Token(0), Interest::READABLE)?;
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        poll.poll(&mut events, None)?;
        loop {
            match socket.recv_from(&mut buffer) {
                // A full queue loses the datagram, as a network would.
                Ok((count, from)) => drop(socket.send_to(&buffer[..count], from)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
    }
}
