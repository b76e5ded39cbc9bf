//! One connection: reads requests, answers those that came together with one write.

use std::rc::Rc;
use std::time::Duration;

use polyloop::{ErrorKind, Result, TcpStream};

use crate::date::Clock;
use crate::request::{self, HEAD_LEN_MAX, Method, Request};
use crate::response::{self, Failure};

/// How long a client may take with a request, and stay without one.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much is answered at once at most, while more requests wait.
const OUTPUT_LEN: usize = 64 * 1024;

/// A connection. `input` holds what was received and not yet answered; of a body only `skip`
/// bytes are still to be thrown away.
struct Connection {
    stream: TcpStream,
    clock: Rc<Clock>,
    input: Vec<u8>,
    output: Vec<u8>,
    skip: u64,
}

/// Whether the connection goes on.
#[derive(PartialEq)]
enum Next {
    Request,
    End,
}

/// Serves a client until one of the two has enough.
pub(crate) async fn serve(stream: TcpStream, clock: Rc<Clock>) -> Result<()> {
    let (input, output) = (Vec::new(), Vec::new());
    let mut connection = Connection { stream, clock, input, output, skip: 0 };
    while connection.receive().await? == Next::Request {
        let next = connection.answer().await?;
        connection.flush().await?;
        if next == Next::End {
            return connection.linger().await;
        }
    }
    Ok(())
}

impl Connection {
    /// Waits for more of a request.
    async fn receive(&mut self) -> Result<Next> {
        match polyloop::timeout(PATIENCE, self.stream.read_chunk()).await {
            Ok(Ok(Some(chunk))) => {
                self.input.extend_from_slice(&chunk);
                Ok(Next::Request)
            }
            Ok(Ok(None)) => Ok(Next::End),
            Ok(Err(error)) => Err(error),
            Err(_) => {
                if !self.input.is_empty() {
                    self.refuse(Failure::RequestTimeout);
                    self.flush().await?;
                }
                Ok(Next::End)
            }
        }
    }

    /// Answers the requests that are there as a whole.
    async fn answer(&mut self) -> Result<Next> {
        let mut done = 0;
        let next = loop {
            done += self.skip_body(done);
            if self.skip > 0 {
                break Next::Request;
            }
            match request::read(&self.input[done..]) {
                Ok(Some(request)) => {
                    done += request.len;
                    if self.respond(&request, done) == Next::End {
                        break Next::End;
                    }
                }
                Ok(None) => break Next::Request,
                Err(failure) => {
                    self.refuse(failure);
                    break Next::End;
                }
            }
            if self.output.len() >= OUTPUT_LEN {
                self.flush().await?;
            }
        };
        self.input.drain(..done);
        Ok(next)
    }

    /// Throws away what is there of a body, and tells how much that was.
    fn skip_body(&mut self, from: usize) -> usize {
        let there = self.input.len() - from;
        let skipped = usize::try_from(self.skip).map_or(there, |skip| skip.min(there));
        self.skip -= skipped as u64;
        skipped
    }

    fn respond(&mut self, request: &Request, head_end: usize) -> Next {
        let body_is_to_come = self.input.len() == head_end && request.body_len > 0;
        if request.waits_to_continue && body_is_to_come {
            response::go_on(&mut self.output);
        }
        self.skip = request.body_len;
        match request.method {
            Method::Get | Method::Head => {
                response::greet(&mut self.output, &self.clock, request.method, request.keeps_alive);
            }
            Method::Other => {
                let failure = Failure::MethodNotAllowed;
                response::fail(&mut self.output, &self.clock, failure, request.keeps_alive);
            }
        }
        if request.keeps_alive { Next::Request } else { Next::End }
    }

    fn refuse(&mut self, failure: Failure) {
        response::fail(&mut self.output, &self.clock, failure, false);
    }

    async fn flush(&mut self) -> Result<()> {
        if !self.output.is_empty() {
            self.stream.write_all(&self.output).await?;
            self.output.clear();
        }
        Ok(())
    }

    /// Reads a little of what the client still sends: closing at once would reset the
    /// connection, and the client might lose the last response (RFC 9112, section 9.6).
    async fn linger(&mut self) -> Result<()> {
        self.stream.shutdown(std::net::Shutdown::Write).await?;
        let mut patience = HEAD_LEN_MAX * 16;
        let read_on = async {
            while patience > 0
                && let Some(chunk) = self.stream.read_chunk().await?
            {
                patience = patience.saturating_sub(chunk.len());
            }
            Ok::<(), polyloop::Error>(())
        };
        match polyloop::timeout(Duration::from_secs(2), read_on).await {
            Ok(Err(error))
                if error.kind() != ErrorKind::Io(std::io::ErrorKind::ConnectionReset) =>
            {
                Err(error)
            }
            _ => Ok(()),
        }
    }
}
