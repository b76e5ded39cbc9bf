use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::{Exchange, STALL};

/// Connections that have been used once, and wait.
pub(crate) struct Idle {
    server: SocketAddr,
    exchange: Exchange,
    streams: Vec<TcpStream>,
}

impl Idle {
    pub(crate) fn new(server: SocketAddr, size: usize) -> Idle {
        Idle { server, exchange: Exchange::echo(size, 1), streams: Vec::new() }
    }

    /// Opens so many more, and has each send a message and get it back.
    pub(crate) fn open(&mut self, count: usize) -> io::Result<()> {
        let message = self.exchange.bytes(0, self.exchange.request_len());
        let mut buffer = vec![0; self.exchange.reply_len()];
        for _ in 0..count {
            let mut stream = TcpStream::connect(self.server)?;
            stream.set_read_timeout(Some(STALL))?;
            stream.write_all(message)?;
            stream.read_exact(&mut buffer)?;
            self.exchange.check(0, &buffer)?;
            self.streams.push(stream);
        }
        // What the server still does with the last of them.
        std::thread::sleep(Duration::from_millis(20));
        Ok(())
    }
}
