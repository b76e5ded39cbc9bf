use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use polyloop_core::Result;

use super::SignalKind;
use super::handler::Handler;
use super::stream::Mailbox;
use crate::engine::{Engine, Ready, Shared};
use crate::exception::guard_here;
use crate::sys::signals::{self, Purpose, Watch};

/// What a loop does with signals: an entry for each one that it asked for.
///
/// An entry has a handler or a mailbox, else it is removed, and with it what the process tells
/// the loop. Nothing of the user's is dropped or called while the table is borrowed.
#[derive(Default)]
pub(crate) struct SignalTable {
    entries: RefCell<BTreeMap<SignalKind, Entry>>,
}

struct Entry {
    handler: Option<Rc<Handler>>,
    mailboxes: Vec<Rc<Mailbox>>,
    /// Held for its end.
    _watch: Watch,
}

impl SignalTable {
    pub(super) fn set_handler(
        &self,
        kind: SignalKind,
        handler: Rc<Handler>,
        shared: &Arc<Shared>,
    ) -> Result<()> {
        let old = self.change(kind, shared, |entry| entry.handler.replace(handler))?;
        if let Some(old) = old {
            old.remove();
        }
        Ok(())
    }

    pub(super) fn remove_handler(&self, kind: SignalKind) -> bool {
        let mut entries = self.entries.borrow_mut();
        let handler = entries.get_mut(&kind).and_then(|entry| entry.handler.take());
        let ended = take_if_idle(&mut entries, kind);
        drop(entries);
        drop(ended);
        handler.as_ref().inspect(|handler| handler.remove()).is_some()
    }

    pub(super) fn add_mailbox(
        &self,
        kind: SignalKind,
        mailbox: Rc<Mailbox>,
        shared: &Arc<Shared>,
    ) -> Result<()> {
        self.change(kind, shared, |entry| entry.mailboxes.push(mailbox))
    }

    pub(super) fn remove_mailbox(&self, kind: SignalKind, mailbox: &Rc<Mailbox>) {
        let mut entries = self.entries.borrow_mut();
        if let Some(entry) = entries.get_mut(&kind) {
            // Its owner holds it too, so nothing of the user's is dropped here.
            entry.mailboxes.retain(|other| !Rc::ptr_eq(other, mailbox));
        }
        let ended = take_if_idle(&mut entries, kind);
        drop(entries);
        drop(ended);
    }

    /// Makes ready what waits for a signal that has arrived.
    pub(crate) fn deliver(&self, engine: &Engine, kind: SignalKind) {
        let (handler, mailboxes) = match self.entries.borrow().get(&kind) {
            Some(entry) => (entry.handler.clone(), entry.mailboxes.clone()),
            None => return,
        };
        if let Some(handler) = handler {
            engine.push_ready(Ready::Callback(handler));
        }
        for mailbox in mailboxes {
            engine.reporter.guard(|| mailbox.put(kind));
        }
    }

    /// Removes every handler, and ends every stream.
    pub(crate) fn close(&self) {
        let entries = self.entries.take();
        for entry in entries.values() {
            entry.mailboxes.iter().for_each(|mailbox| guard_here(|| mailbox.close()));
        }
    }

    fn change<R>(
        &self,
        kind: SignalKind,
        shared: &Arc<Shared>,
        change: impl FnOnce(&mut Entry) -> R,
    ) -> Result<R> {
        let mut entries = self.entries.borrow_mut();
        if let Some(entry) = entries.get_mut(&kind) {
            return Ok(change(entry));
        }
        let watch = signals::watch(kind, Purpose::Handle, shared)?;
        let mut entry = Entry { handler: None, mailboxes: Vec::new(), _watch: watch };
        let result = change(&mut entry);
        entries.insert(kind, entry);
        Ok(result)
    }
}

fn take_if_idle(entries: &mut BTreeMap<SignalKind, Entry>, kind: SignalKind) -> Option<Entry> {
    let entry = entries.get(&kind)?;
    let is_idle = entry.handler.is_none() && entry.mailboxes.is_empty();
    if is_idle { entries.remove(&kind) } else { None }
}
