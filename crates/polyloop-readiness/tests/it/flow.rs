//! Which attempts reach the kernel. A reader that is told *would block* without asking finds bytes
//! when it tries again: so the tests see the difference. They use pipes, because what was written
//! to one is there at once.

use std::io::{PipeWriter, Write};

use polyloop_core::{EventLoop, Interest, Key, Op, OsHandle, Output, limits};
use polyloop_readiness::{Event, ReadinessLoop, Tag, Trigger};

use crate::scripted::{Script, Scripted, stream, submit_queued, turn};

/// A watched pipe whose reader has been told *readable* of what was written to it.
struct Watched {
    script: Script,
    events: ReadinessLoop<Scripted>,
    key: Key,
    tag: Tag,
    writer: PipeWriter,
}

impl Watched {
    fn told(bytes: &[u8], closed: bool) -> Watched {
        let script = Script::new(Trigger::Edge);
        let mut events = script.build();
        let (reader, mut writer) = std::io::pipe().unwrap();
        let key = events.attach(OsHandle::PipeReader(reader)).unwrap();
        submit_queued(&mut events, Op::RecvMulti { key }, 1);
        let tag = script.registered();
        writer.write_all(bytes).unwrap();
        script.answer(Ok(vec![Event { tag, ready: Interest::READABLE, closed }]));
        let completions = turn(&mut events);
        assert!(matches!(completions[0].result, Ok(Output::Readable)));
        Watched { script, events, key, tag, writer }
    }

    /// Tries once, into `len` bytes: nothing if that would block.
    fn read(&mut self, len: usize) -> Option<usize> {
        match self.events.try_recv(self.key, &mut vec![0; len]) {
            Ok(len) => Some(len),
            Err(error) => {
                assert!(error.is_would_block(), "{error}");
                None
            }
        }
    }

    /// Turns after an event, and tells whether the reader is told.
    fn is_told(&mut self, ready: Interest) -> bool {
        self.script.ready(self.tag, ready);
        !turn(&mut self.events).is_empty()
    }
}

#[test]
fn a_short_read_is_taken_to_have_emptied_the_stream_once() {
    let mut watched = Watched::told(b"abc", false);
    assert_eq!(watched.read(16), Some(3));
    watched.writer.write_all(b"def").unwrap();
    assert_eq!(watched.read(16), None, "the kernel was not asked");
    assert_eq!(watched.read(16), Some(3));
}

#[test]
fn a_full_read_says_nothing_of_what_is_left() {
    let mut watched = Watched::told(b"abc", false);
    assert_eq!(watched.read(2), Some(2));
    assert_eq!(watched.read(2), Some(1));
}

#[test]
fn after_an_end_was_reported_a_short_read_says_nothing() {
    let mut watched = Watched::told(b"abc", true);
    assert_eq!(watched.read(16), Some(3));
    watched.writer.write_all(b"def").unwrap();
    assert_eq!(watched.read(16), Some(3), "no second edge will tell of it");
}

#[test]
fn readable_is_told_again_only_after_would_block() {
    let mut watched = Watched::told(b"abc", false);
    assert!(!watched.is_told(Interest::READABLE), "told already");
    assert_eq!(watched.read(16), Some(3));
    assert!(!watched.is_told(Interest::READABLE), "the reader has not met would block");
    assert_eq!(watched.read(16), None);
    assert!(watched.is_told(Interest::READABLE));
}

#[test]
fn an_event_of_the_other_direction_does_not_tell_readable() {
    let mut watched = Watched::told(b"abc", false);
    assert_eq!(watched.read(16), Some(3));
    assert_eq!(watched.read(16), None);
    // Found without an event, and read up to the last byte: nothing is known of what is left.
    watched.writer.write_all(b"def").unwrap();
    assert_eq!(watched.read(3), Some(3));
    assert!(!watched.is_told(Interest::WRITABLE));
}

#[test]
fn a_huge_send_to_a_fast_peer_yields_to_the_others() {
    use std::io::Read;

    let script = Script::new(Trigger::OneShot);
    let mut events = script.build();
    let (key, mut peer) = stream(&mut events);
    let reader = std::thread::spawn(move || {
        let (mut buf, mut total) = (vec![0; 1 << 16], 0);
        while let Ok(len @ 1..) = peer.read(&mut buf) {
            total += len;
        }
        total
    });
    // More than the calls of one submission can pass on, however fast the peer is.
    let whole = 2 * limits::CALLS_PER_SEND * limits::SEND_CALL_MAX;
    let op = Op::Send { key, buffer: vec![0; whole].into() };
    submit_queued(&mut events, op, 1);
    let tag = script.registered();
    let completion = loop {
        script.ready(tag, Interest::WRITABLE);
        if let Some(completion) = turn(&mut events).pop() {
            break completion;
        }
    };
    assert!(matches!(completion.result, Ok(Output::Transferred(len)) if len == whole));
    drop(events);
    assert_eq!(reader.join().unwrap(), whole);
}
