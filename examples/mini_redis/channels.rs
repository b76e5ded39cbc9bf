//! Channels: what one connection publishes, others are sent.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use polyloop::{OwnedWriteHalf, Queue};

use crate::command::Database;
use crate::reply::Replies;

/// How many messages wait for a subscriber that does not read. One that has more is cut off: it
/// would otherwise take all memory, or hold the publishers up.
const WAITING_MAX: usize = 1024;

/// How much is written at once, while more waits.
const WRITE_LEN: usize = 64 * 1024;

/// The subscribers of each channel.
#[derive(Default)]
pub(crate) struct Channels {
    by_name: RefCell<HashMap<Vec<u8>, Subscribers>>,
    numbered: Cell<u64>,
}

/// By the number of the connection.
type Subscribers = BTreeMap<u64, Rc<Mailbox>>;

/// What is on its way to a subscriber: replies and messages, in order.
pub(crate) struct Mailbox {
    queue: Queue<Rc<[u8]>>,
}

/// The channels that one connection has subscribed to; dropping it ends the subscriptions.
pub(crate) struct Subscriptions {
    number: u64,
    names: BTreeSet<Vec<u8>>,
    mailbox: Rc<Mailbox>,
    database: Rc<Database>,
}

impl Channels {
    /// Sends a message to everyone on a channel, and tells to how many.
    pub(crate) fn publish(&self, channel: &[u8], message: &Rc<[u8]>) -> usize {
        let by_name = self.by_name.borrow();
        let Some(subscribers) = by_name.get(channel) else { return 0 };
        subscribers.values().filter(|mailbox| mailbox.post(message)).count()
    }
}

impl Mailbox {
    /// Makes one, and a task that delivers what is put into it.
    pub(crate) fn deliver_to(writer: OwnedWriteHalf) -> Rc<Mailbox> {
        let mailbox = Rc::new(Mailbox { queue: Queue::new(WAITING_MAX) });
        polyloop::create_task(deliver(mailbox.clone(), writer)).detach();
        mailbox
    }

    /// Adds the connection's own replies, waiting while it is full.
    pub(crate) async fn reply(&self, bytes: Vec<u8>) {
        // One that was shut down has nobody to read this.
        let _ = self.queue.put(bytes.into()).await;
    }

    /// Adds a message; one that finds no room cuts the subscriber off.
    fn post(&self, message: &Rc<[u8]>) -> bool {
        let posted = self.queue.put_nowait(message.clone()).is_ok();
        if !posted {
            self.queue.shutdown(true);
        }
        posted
    }
}

/// Writes what comes, as much at once as there is, until the mailbox is shut down.
async fn deliver(mailbox: Rc<Mailbox>, mut writer: OwnedWriteHalf) {
    let mut together = Vec::new();
    while let Ok(first) = mailbox.queue.get().await {
        together.extend_from_slice(&first);
        while together.len() < WRITE_LEN
            && let Ok(next) = mailbox.queue.get_nowait()
        {
            together.extend_from_slice(&next);
        }
        if writer.write_all(&together).await.is_err() {
            mailbox.queue.shutdown(true);
        }
        together.clear();
    }
    // Dropping the writer ends the stream, which a subscriber that was cut off sees.
}

impl Subscriptions {
    pub(crate) fn new(database: Rc<Database>, mailbox: Rc<Mailbox>) -> Subscriptions {
        let number = database.channels.numbered.replace(database.channels.numbered.get() + 1);
        Subscriptions { number, names: BTreeSet::new(), mailbox, database }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    pub(crate) fn mailbox(&self) -> &Rc<Mailbox> {
        &self.mailbox
    }

    pub(crate) fn add(&mut self, channel: &[u8], replies: &mut Replies) {
        self.names.insert(channel.to_vec());
        let mut by_name = self.database.channels.by_name.borrow_mut();
        let subscribers = by_name.entry(channel.to_vec()).or_default();
        subscribers.insert(self.number, self.mailbox.clone());
        drop(by_name);
        self.tell(b"subscribe", Some(channel), replies);
    }

    pub(crate) fn remove(&mut self, channel: &[u8], replies: &mut Replies) {
        self.names.remove(channel);
        self.forget(channel);
        self.tell(b"unsubscribe", Some(channel), replies);
    }

    pub(crate) fn remove_all(&mut self, replies: &mut Replies) {
        if self.names.is_empty() {
            self.tell(b"unsubscribe", None, replies);
        }
        while let Some(channel) = self.names.first().cloned() {
            self.remove(&channel, replies);
        }
    }

    fn forget(&self, channel: &[u8]) {
        let mut by_name = self.database.channels.by_name.borrow_mut();
        if let Some(subscribers) = by_name.get_mut(channel) {
            subscribers.remove(&self.number);
            if subscribers.is_empty() {
                by_name.remove(channel);
            }
        }
    }

    fn tell(&self, what: &[u8], channel: Option<&[u8]>, replies: &mut Replies) {
        replies.array(3);
        replies.text(what);
        match channel {
            Some(channel) => replies.text(channel),
            None => replies.nil(),
        }
        replies.integer(self.names.len() as i64);
    }
}

impl Drop for Subscriptions {
    fn drop(&mut self) {
        self.names.iter().for_each(|channel| self.forget(channel));
        // What waits is still delivered, if somebody reads it.
        self.mailbox.queue.shutdown(false);
    }
}

/// Writes a message as its subscribers are sent it.
pub(crate) fn message(channel: &[u8], text: &[u8]) -> Rc<[u8]> {
    let mut replies = Replies::default();
    replies.array(3);
    [b"message", channel, text].into_iter().for_each(|part| replies.text(part));
    replies.take().into()
}
