//! One connection: reads requests, does them, and answers those that came together at once.

use std::rc::Rc;

use polyloop::{OwnedReadHalf, OwnedWriteHalf, Result, TcpStream};

use crate::channels::{Mailbox, Subscriptions};
use crate::command::{self, Database};
use crate::reply::Replies;
use crate::request;

/// How much is received at once at most.
const READ_LEN: usize = 16 * 1024;
/// How much is answered at once at most, while more requests wait.
const REPLIES_LEN: usize = 64 * 1024;

/// A connection. Its writing half moves to a task of its own at the first subscription: from
/// then on others write there too.
pub(crate) struct Client {
    database: Rc<Database>,
    reader: OwnedReadHalf,
    writer: Writer,
    replies: Replies,
}

enum Writer {
    Alone(OwnedWriteHalf),
    Shared(Subscriptions),
    /// Only while one becomes the other.
    Moving,
}

/// Whether the connection goes on.
#[derive(PartialEq)]
enum Next {
    Request,
    End,
}

impl Client {
    pub(crate) fn new(database: Rc<Database>, stream: TcpStream) -> Client {
        let (reader, writer) = stream.into_split();
        Client { database, reader, writer: Writer::Alone(writer), replies: Replies::default() }
    }

    /// Serves until the peer has no more to ask.
    pub(crate) async fn serve(mut self) -> Result<()> {
        let mut input = Vec::new();
        loop {
            let received = receive(&mut self.reader, &mut input).await?;
            if received == 0 || self.answer(&mut input).await? == Next::End {
                return Ok(());
            }
        }
    }

    /// Does the requests that are there as a whole, and removes them from `input`.
    async fn answer(&mut self, input: &mut Vec<u8>) -> Result<Next> {
        let mut done = 0;
        let mut next = Next::Request;
        while next == Next::Request {
            let request = match request::read(&input[done..]) {
                Ok(Some(request)) => request,
                Ok(None) => break,
                Err(error) => {
                    self.replies.error(format_args!("Protocol error: {error}"));
                    next = Next::End;
                    break;
                }
            };
            done += request.len;
            if let [name, words @ ..] = &request.words[..] {
                next = self.execute(&command::name_of(name), words);
            }
            if self.replies.as_bytes().len() >= REPLIES_LEN {
                self.flush().await?;
            }
        }
        input.drain(..done);
        self.flush().await?;
        Ok(next)
    }

    fn execute(&mut self, name: &str, words: &[&[u8]]) -> Next {
        match (name, words) {
            ("QUIT", _) => {
                self.replies.ok();
                return Next::End;
            }
            ("SUBSCRIBE", channels @ [_, ..]) => {
                let subscriptions = self.writer.share(&self.database);
                channels.iter().for_each(|channel| subscriptions.add(channel, &mut self.replies));
            }
            ("UNSUBSCRIBE", channels) => {
                let subscriptions = self.writer.share(&self.database);
                match channels {
                    [] => subscriptions.remove_all(&mut self.replies),
                    some => some.iter().for_each(|channel| {
                        subscriptions.remove(channel, &mut self.replies);
                    }),
                }
            }
            ("PING", _) if self.writer.is_subscribed() => {
                self.replies.array(2);
                self.replies.text(b"pong");
                self.replies.text(words.first().unwrap_or(&&b""[..]));
            }
            _ if self.writer.is_subscribed() => self.replies.error(format_args!(
                "Can't execute '{}': only (UN)SUBSCRIBE / PING / QUIT are allowed in this context",
                name.to_ascii_lowercase()
            )),
            _ => command::execute(&self.database, name, words, &mut self.replies),
        }
        Next::Request
    }

    async fn flush(&mut self) -> Result<()> {
        if self.replies.is_empty() {
            return Ok(());
        }
        match &mut self.writer {
            Writer::Alone(writer) => {
                writer.write_all(self.replies.as_bytes()).await?;
                self.replies.clear();
            }
            Writer::Shared(subscriptions) => {
                subscriptions.mailbox().reply(self.replies.take()).await;
            }
            Writer::Moving => unreachable!("it moves within one call"),
        }
        Ok(())
    }
}

impl Writer {
    fn is_subscribed(&self) -> bool {
        matches!(self, Writer::Shared(subscriptions) if !subscriptions.is_empty())
    }

    /// Lets others write too, from the first call on.
    fn share(&mut self, database: &Rc<Database>) -> &mut Subscriptions {
        *self = match std::mem::replace(self, Writer::Moving) {
            Writer::Alone(writer) => {
                let mailbox = Mailbox::deliver_to(writer);
                Writer::Shared(Subscriptions::new(database.clone(), mailbox))
            }
            shared => shared,
        };
        match self {
            Writer::Shared(subscriptions) => subscriptions,
            _ => unreachable!("it was shared just now"),
        }
    }
}

/// Adds what comes to `input`, and tells how much; zero at the end of the stream.
async fn receive(reader: &mut OwnedReadHalf, input: &mut Vec<u8>) -> Result<usize> {
    let len = input.len();
    input.resize(len + READ_LEN, 0);
    let received = reader.read(&mut input[len..]).await;
    input.truncate(len + received.as_ref().copied().unwrap_or(0));
    received
}
