//! One connection: reads requests, answers those that came together with one write.

use std::rc::Rc;
use std::time::Duration;

use polyloop::{Error, ErrorKind, Result};

use crate::page::{Page, Wish};
use crate::request::{self, HEAD_LEN_MAX, Method, Request};
use crate::response::{self, Failure};
use crate::service::{Reply, Service};
use crate::stream::Stream;

/// How long a client may take with a request, and stay without one.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much is answered at once at most, while more requests wait.
const OUTPUT_LEN: usize = 64 * 1024;

/// A connection. `input` holds what was received and not yet answered; of a body only `skip`
/// bytes are still to be thrown away.
struct Connection {
    stream: Stream,
    service: Rc<Service>,
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
pub(crate) async fn serve(stream: Stream, service: Rc<Service>) -> Result<()> {
    let (input, output) = (Vec::new(), Vec::new());
    let mut connection = Connection { stream, service, input, output, skip: 0 };
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
        match polyloop::timeout(PATIENCE, self.stream.read(&mut self.input)).await {
            Ok(Ok(true)) => Ok(Next::Request),
            Ok(Ok(false)) => Ok(Next::End),
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
            let request = match request::read(&self.input[done..]) {
                Ok(Some(request)) => request,
                Ok(None) => break Next::Request,
                Err(failure) => {
                    self.refuse(failure);
                    break Next::End;
                }
            };
            done += request.len;
            let body_is_to_come = self.input.len() == done && request.body_len > 0;
            if request.waits_to_continue && body_is_to_come {
                response::go_on(&mut self.output);
            }
            self.skip = request.body_len;
            let Request { method, keeps_alive, .. } = request;
            let reply = self.service.reply_to(&request);
            self.send(reply, method, keeps_alive).await?;
            if !keeps_alive {
                break Next::End;
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

    /// Answers one request; only a file goes out at once.
    async fn send(&mut self, reply: Reply, method: Method, keeps_alive: bool) -> Result<()> {
        let clock = &self.service.clock;
        let failure = match reply {
            Reply::Greeting => {
                response::greet(&mut self.output, clock, method, keeps_alive);
                return Ok(());
            }
            Reply::Failure(failure) => failure,
            Reply::File(path, wish) => match Page::open(&path).await {
                Ok(page) => return self.send_page(&page, &wish, method, keeps_alive).await,
                Err(failure) => failure,
            },
        };
        response::fail(&mut self.output, &self.service.clock, failure, method, keeps_alive);
        Ok(())
    }

    async fn send_page(
        &mut self,
        page: &Page,
        wish: &Wish,
        method: Method,
        keeps_alive: bool,
    ) -> Result<()> {
        let answer = page.answer(wish);
        page.with_head(&answer, keeps_alive, |head| {
            head.write(&mut self.output, &self.service.clock);
        });
        if method == Method::Head || answer.part.is_empty() {
            return Ok(());
        }
        self.flush().await?;
        let promised = answer.part.end - answer.part.start;
        let sent = self.stream.send_file(&page.file, answer.part).await?;
        if sent < promised {
            // The client can tell only by the end of the connection.
            return Err(Error::other("a file was cut while it was sent"));
        }
        Ok(())
    }

    fn refuse(&mut self, failure: Failure) {
        response::fail(&mut self.output, &self.service.clock, failure, Method::Other, false);
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
        self.stream.shutdown().await?;
        let mut patience = HEAD_LEN_MAX * 16;
        let read_on = async {
            let mut ignored = Vec::new();
            while patience > 0 && self.stream.read(&mut ignored).await? {
                patience = patience.saturating_sub(ignored.len());
                ignored.clear();
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
