//! What is stored: texts and lists by key, some of them for a time.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::{Rc, Weak};
use std::time::Duration;

use polyloop::TimerHandle;

/// Every key, for the connections of one loop.
#[derive(Default)]
pub(crate) struct Store {
    entries: Rc<Entries>,
}

type Entries = RefCell<HashMap<Vec<u8>, Entry>>;

struct Entry {
    value: Value,
    expiry: Option<Expiry>,
}

pub(crate) enum Value {
    Text(Vec<u8>),
    List(VecDeque<Vec<u8>>),
}

/// A timer that removes a key; dropping it disarms the timer.
struct Expiry {
    timer: TimerHandle,
}

impl Drop for Expiry {
    fn drop(&mut self) {
        self.timer.cancel();
    }
}

/// A value of another type than the command is for.
pub(crate) struct WrongType;

/// What a key that was asked about has.
pub(crate) enum TimeToLive {
    NoKey,
    Forever,
    Left(Duration),
}

impl Store {
    pub(crate) fn set(&self, key: &[u8], value: Vec<u8>, lifetime: Option<Duration>) {
        let expiry = lifetime.map(|lifetime| self.expire_after(key, lifetime));
        let entry = Entry { value: Value::Text(value), expiry };
        // An old entry's timer is disarmed when it is dropped, here.
        self.entries.borrow_mut().insert(key.to_vec(), entry);
    }

    pub(crate) fn remove(&self, key: &[u8]) -> bool {
        self.entries.borrow_mut().remove(key).is_some()
    }

    pub(crate) fn contains(&self, key: &[u8]) -> bool {
        self.entries.borrow().contains_key(key)
    }

    /// Shows a text to `read`, or the absence of one.
    pub(crate) fn text<R>(
        &self,
        key: &[u8],
        read: impl FnOnce(Option<&[u8]>) -> R,
    ) -> Result<R, WrongType> {
        match self.entries.borrow().get(key).map(|entry| &entry.value) {
            None => Ok(read(None)),
            Some(Value::Text(text)) => Ok(read(Some(text))),
            Some(Value::List(_)) => Err(WrongType),
        }
    }

    /// Replaces a text without touching its expiry.
    pub(crate) fn replace_text(&self, key: &[u8], text: Vec<u8>) {
        let mut entries = self.entries.borrow_mut();
        match entries.get_mut(key) {
            Some(entry) => entry.value = Value::Text(text),
            None => {
                entries.insert(key.to_vec(), Entry { value: Value::Text(text), expiry: None });
            }
        }
    }

    /// Shows a list to `read`; a key that is not there is an empty one.
    pub(crate) fn list<R>(
        &self,
        key: &[u8],
        read: impl FnOnce(&VecDeque<Vec<u8>>) -> R,
    ) -> Result<R, WrongType> {
        match self.entries.borrow().get(key).map(|entry| &entry.value) {
            None => Ok(read(&VecDeque::new())),
            Some(Value::List(list)) => Ok(read(list)),
            Some(Value::Text(_)) => Err(WrongType),
        }
    }

    /// Lends a list to be added to, made if it is not there.
    pub(crate) fn list_mut<R>(
        &self,
        key: &[u8],
        change: impl FnOnce(&mut VecDeque<Vec<u8>>) -> R,
    ) -> Result<R, WrongType> {
        let mut entries = self.entries.borrow_mut();
        if !entries.contains_key(key) {
            let value = Value::List(VecDeque::new());
            entries.insert(key.to_vec(), Entry { value, expiry: None });
        }
        match entries.get_mut(key).map(|entry| &mut entry.value) {
            Some(Value::List(list)) => Ok(change(list)),
            _ => Err(WrongType),
        }
    }

    /// Has a key removed after `lifetime`; false if there is none.
    pub(crate) fn expire(&self, key: &[u8], lifetime: Duration) -> bool {
        if !self.contains(key) {
            return false;
        }
        let expiry = self.expire_after(key, lifetime);
        let mut entries = self.entries.borrow_mut();
        let old = entries.get_mut(key).and_then(|entry| entry.expiry.replace(expiry));
        drop(old);
        true
    }

    pub(crate) fn time_to_live(&self, key: &[u8]) -> TimeToLive {
        match self.entries.borrow().get(key) {
            None => TimeToLive::NoKey,
            Some(Entry { expiry: None, .. }) => TimeToLive::Forever,
            Some(Entry { expiry: Some(expiry), .. }) => {
                TimeToLive::Left(expiry.timer.when().since(polyloop::time()))
            }
        }
    }

    fn expire_after(&self, key: &[u8], lifetime: Duration) -> Expiry {
        let entries: Weak<Entries> = Rc::downgrade(&self.entries);
        let key = key.to_vec();
        let timer = polyloop::call_later(lifetime, move || {
            // The timer of an entry that was replaced has been disarmed, so this is its entry.
            if let Some(entries) = entries.upgrade() {
                let expired = entries.borrow_mut().remove(&key);
                drop(expired);
            }
        });
        Expiry { timer }
    }
}
