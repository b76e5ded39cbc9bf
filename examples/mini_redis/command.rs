//! What each command does to what is stored.

use std::collections::VecDeque;
use std::time::Duration;

use crate::channels::{Channels, message};
use crate::reply::Replies;
use crate::store::{Store, TimeToLive, WrongType};

/// What the connections share.
#[derive(Default)]
pub(crate) struct Database {
    pub(crate) store: Store,
    pub(crate) channels: Channels,
}

/// The commands, in upper case.
pub(crate) fn name_of(word: &[u8]) -> String {
    String::from_utf8_lossy(word).to_ascii_uppercase()
}

/// Does a command that answers with one reply.
pub(crate) fn execute(database: &Database, name: &str, words: &[&[u8]], replies: &mut Replies) {
    let store = &database.store;
    match (name, words) {
        ("PING", []) => replies.pong(),
        ("PING" | "ECHO", [text]) => replies.text(text),
        ("SET", [key, value, options @ ..]) => set(store, key, value, options, replies),
        ("MSET", pairs @ [_, _, ..]) if pairs.len() % 2 == 0 => {
            pairs.chunks(2).for_each(|pair| store.set(pair[0], pair[1].to_vec(), None));
            replies.ok();
        }
        ("GET", [key]) => told(store.text(key, |text| text_or_nil(text, replies)), replies),
        ("MGET", keys @ [_, ..]) => many(store, keys, replies),
        ("DEL", keys @ [_, ..]) => replies.integer(count(keys, |key| store.remove(key))),
        ("EXISTS", keys @ [_, ..]) => replies.integer(count(keys, |key| store.contains(key))),
        ("INCR", [key]) => increment(store, key, replies),
        ("EXPIRE", [key, seconds]) => expire(store, key, seconds, replies),
        ("TTL", [key]) => replies.integer(match store.time_to_live(key) {
            TimeToLive::NoKey => -2,
            TimeToLive::Forever => -1,
            TimeToLive::Left(left) => left.as_secs_f64().round() as i64,
        }),
        ("LPUSH", [key, items @ ..]) if !items.is_empty() => {
            push(store, key, items, VecDeque::push_front, replies);
        }
        ("RPUSH", [key, items @ ..]) if !items.is_empty() => {
            push(store, key, items, VecDeque::push_back, replies);
        }
        ("LLEN", [key]) => {
            told(store.list(key, |list| replies.integer(list.len() as i64)), replies);
        }
        ("LRANGE", [key, first, last]) => range(store, key, first, last, replies),
        ("PUBLISH", [channel, text]) => {
            let reached = database.channels.publish(channel, &message(channel, text));
            replies.integer(reached as i64);
        }
        (known, _) if COMMANDS.contains(&known) => replies.error(format_args!(
            "wrong number of arguments for '{}' command",
            known.to_ascii_lowercase()
        )),
        (unknown, _) => replies.error(format_args!("unknown command '{unknown}'")),
    }
}

/// Those that [`execute`] does, to tell a wrong use from an unknown name.
const COMMANDS: &[&str] = &[
    "DEL", "ECHO", "EXISTS", "EXPIRE", "GET", "INCR", "LLEN", "LPUSH", "LRANGE", "MGET", "MSET",
    "PING", "PUBLISH", "RPUSH", "SET", "TTL",
];

/// Answers instead of a command that the value's type forbade.
fn told(answered: Result<(), WrongType>, replies: &mut Replies) {
    if let Err(WrongType) = answered {
        replies.wrong_type();
    }
}

fn text_or_nil(text: Option<&[u8]>, replies: &mut Replies) {
    match text {
        Some(text) => replies.text(text),
        None => replies.nil(),
    }
}

fn many(store: &Store, keys: &[&[u8]], replies: &mut Replies) {
    replies.array(keys.len());
    for key in keys {
        // Of a list it tells that there is no text, as Redis does.
        if store.text(key, |text| text_or_nil(text, replies)).is_err() {
            replies.nil();
        }
    }
}

fn count(keys: &[&[u8]], is_so: impl Fn(&[u8]) -> bool) -> i64 {
    keys.iter().filter(|key| is_so(key)).count() as i64
}

fn integer(word: &[u8]) -> Option<i64> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

const NO_INTEGER: &str = "value is not an integer or out of range";

fn set(store: &Store, key: &[u8], value: &[u8], options: &[&[u8]], replies: &mut Replies) {
    let mut lifetime = None;
    let mut allowed = true;
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let unit = match name_of(option).as_str() {
            "NX" => {
                allowed &= !store.contains(key);
                continue;
            }
            "XX" => {
                allowed &= store.contains(key);
                continue;
            }
            "EX" => 1000,
            "PX" => 1,
            _ => return replies.error("syntax error"),
        };
        let count = options.next().and_then(|word| integer(word)).filter(|count| *count > 0);
        match count.and_then(|count| u64::try_from(count).ok()?.checked_mul(unit)) {
            Some(millis) => lifetime = Some(Duration::from_millis(millis)),
            None => return replies.error("invalid expire time in 'set' command"),
        }
    }
    if allowed {
        store.set(key, value.to_vec(), lifetime);
        replies.ok();
    } else {
        replies.nil();
    }
}

fn increment(store: &Store, key: &[u8], replies: &mut Replies) {
    match store.text(key, |text| integer(text.unwrap_or(b"0")).and_then(|n| n.checked_add(1))) {
        Err(WrongType) => replies.wrong_type(),
        Ok(None) => replies.error(NO_INTEGER),
        Ok(Some(value)) => {
            store.replace_text(key, value.to_string().into_bytes());
            replies.integer(value);
        }
    }
}

fn expire(store: &Store, key: &[u8], seconds: &[u8], replies: &mut Replies) {
    let known = match integer(seconds) {
        None => return replies.error(NO_INTEGER),
        // A time that is past removes the key at once.
        Some(..=0) => store.remove(key),
        Some(seconds) => store.expire(key, Duration::from_secs(seconds as u64)),
    };
    replies.integer(known.into());
}

fn push(
    store: &Store,
    key: &[u8],
    items: &[&[u8]],
    add: impl Fn(&mut VecDeque<Vec<u8>>, Vec<u8>),
    replies: &mut Replies,
) {
    let pushed = store.list_mut(key, |list| {
        items.iter().for_each(|item| add(list, item.to_vec()));
        replies.integer(list.len() as i64);
    });
    told(pushed, replies);
}

fn range(store: &Store, key: &[u8], first: &[u8], last: &[u8], replies: &mut Replies) {
    let (Some(first), Some(last)) = (integer(first), integer(last)) else {
        return replies.error(NO_INTEGER);
    };
    let answered = store.list(key, |list| {
        // Negative positions count from the end.
        let len = list.len() as i64;
        let position = |at: i64| if at < 0 { len.saturating_add(at) } else { at };
        let (first, end) = (position(first).max(0), position(last).min(len - 1) + 1);
        let count = (end - first).max(0) as usize;
        replies.array(count);
        list.iter().skip(first as usize).take(count).for_each(|item| replies.text(item));
    });
    told(answered, replies);
}
