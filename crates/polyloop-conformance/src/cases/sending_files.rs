use polyloop_core::{CloseMode, ErrorKind, Key, Op, Output};

use crate::harness::Harness;
use crate::parts::{Ended, Scratch, payload};
use crate::rig::{Rig, Ticket};

/// What no socket's buffers hold, on either side.
const LARGE: usize = 12 << 20;

fn file_of(rig: &mut Rig, scratch: &Scratch, bytes: &[u8]) -> Key {
    let key = rig.file(scratch);
    let mut offset = 0;
    while offset < bytes.len() {
        let buffer = bytes[offset..].into();
        let write = rig.submit(Op::WriteAt { key, buffer, offset: offset as u64 });
        offset += rig.transferred(write).0;
    }
    key
}

fn sent(rig: &mut Rig, ticket: Ticket) -> usize {
    match rig.succeed(ticket) {
        (Output::Transferred(count), Op::SendFile { .. }) => count,
        other => panic!("sending a file gave {other:?}"),
    }
}

fn end_of(rig: &mut Rig, key: Key) -> Vec<u8> {
    let mut bytes = Vec::new();
    rig.wait("the end of a stream", |rig| {
        let (part, ended) = rig.drain(key);
        bytes.extend(part);
        (ended != Ended::WouldBlock).then_some(())
    });
    bytes
}

/// A part of a file is sent whole, or what there is of it.
pub(crate) fn a_part_of_a_file_is_sent_whole(harness: &Harness) {
    let mut rig = harness.rig();
    let (pair, scratch) = (rig.pair(), Scratch::new());
    let bytes = payload(3_000_000);
    let file = file_of(&mut rig, &scratch, &bytes);
    let key = pair.client;
    let send = rig.submit(Op::SendFile { key, file, offset: 7, len: 2_500_000 });
    assert!(
        rig.recv(pair.server, 2_500_000)[..] == bytes[7..2_500_007],
        "the part that was asked for"
    );
    assert_eq!(sent(&mut rig, send), 2_500_000);
    let over_the_end = rig.submit(Op::SendFile { key, file, offset: 2_999_990, len: 1 << 20 });
    assert_eq!(sent(&mut rig, over_the_end), 10, "what there is");
    for (offset, len) in [(0, 0), (5_000_000, 100)] {
        let nothing = rig.submit(Op::SendFile { key, file, offset, len });
        assert_eq!(sent(&mut rig, nothing), 0, "there is nothing at {offset} of length {len}");
    }
    rig.close(key);
    assert!(rig.recv(pair.server, 100)[..] == bytes[2_999_990..], "nothing else was sent");
}

/// A file is sent in the order of the sends.
pub(crate) fn a_file_is_sent_in_the_order_of_the_sends(harness: &Harness) {
    let mut rig = harness.rig();
    let (pair, scratch) = (rig.pair(), Scratch::new());
    let bytes = payload(LARGE);
    let file = file_of(&mut rig, &scratch, b"of a file ");
    let key = pair.client;
    let tickets = [
        rig.submit_send(key, &bytes),
        rig.submit(Op::SendFile { key, file, offset: 0, len: 10 }),
        rig.submit_send(key, b"after it"),
    ];
    let close = rig.submit_close(key, CloseMode::Flush);
    let mut received = Vec::new();
    while received.len() < LARGE + 18 {
        let part = rig.recv(pair.server, 1 << 18);
        assert!(!part.is_empty(), "the end came after {} bytes", received.len());
        received.extend(part);
    }
    assert!(received[..LARGE] == bytes[..] && received[LARGE..] == *b"of a file after it");
    tickets.into_iter().for_each(|ticket| drop(rig.succeed(ticket)));
    rig.succeed(close);
}

/// A file goes into a pipe too.
pub(crate) fn a_file_goes_into_a_pipe(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let (read, write) = rig.pipe();
    let bytes = payload(1_000_000);
    let file = file_of(&mut rig, &scratch, &bytes);
    let send = rig.submit(Op::SendFile { key: write, file, offset: 0, len: 1_000_000 });
    assert!(rig.recv(read, 1_000_000) == bytes);
    assert_eq!(sent(&mut rig, send), 1_000_000);
}

/// What is sent from must be a file whose key is not stale.
pub(crate) fn what_is_sent_from_must_be_a_file(harness: &Harness) {
    let mut rig = harness.rig();
    let (pair, scratch) = (rig.pair(), Scratch::new());
    let file = rig.file(&scratch);
    let of = |key, file, offset| Op::SendFile { key, file, offset, len: 1 };
    let ops = [
        of(pair.client, pair.server, 0),
        of(pair.listener, file, 0),
        of(file, file, 0),
        of(pair.client, file, i64::MAX as u64),
    ];
    for op in ops {
        let (error, op) = rig.err(op);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{op:?}");
    }
    rig.close(file);
    let (error, op) = rig.err(of(pair.client, file, 0));
    assert_eq!(error.kind(), ErrorKind::StaleKey);
    assert!(matches!(op, Op::SendFile { .. }), "the op comes back");
}

/// A close of a file waits for what is sent from it, also one that aborts.
pub(crate) fn a_close_of_a_file_waits_for_what_is_sent_from_it(harness: &Harness) {
    let mut rig = harness.rig();
    let (pair, scratch) = (rig.pair(), Scratch::new());
    let bytes = payload(LARGE);
    let file = file_of(&mut rig, &scratch, &bytes);
    let send = rig.submit(Op::SendFile { key: pair.client, file, offset: 0, len: LARGE });
    let close = rig.submit_close(file, CloseMode::Abort);
    rig.silent(close, std::time::Duration::from_millis(50));
    let (error, _) = rig.err(Op::Stat { key: file });
    assert_eq!(error.kind(), ErrorKind::StaleKey, "the key is stale at once");
    let mut received = 0;
    while received < LARGE {
        let part = rig.recv(pair.server, 1 << 18);
        assert!(part[..] == bytes[received..received + part.len()] && !part.is_empty());
        received += part.len();
    }
    let order = rig.order_of(&[send, close]);
    assert_eq!(order, [0, 1], "the close comes last");
    assert_eq!(rig.events.census().resources, 3, "the file is gone");
}

/// A cancelled send of a file tells how much went, and what is behind it goes on.
pub(crate) fn a_cancelled_send_of_a_file_tells_how_much_went(harness: &Harness) {
    let mut rig = harness.rig();
    let (pair, scratch) = (rig.pair(), Scratch::new());
    let bytes = payload(LARGE);
    let file = file_of(&mut rig, &scratch, &bytes);
    let send = rig.submit(Op::SendFile { key: pair.client, file, offset: 0, len: LARGE });
    let first = rig.recv(pair.server, 1000);
    rig.cancel(send);
    let (error, _) = rig.fail(send);
    assert!(error.is_canceled(), "{error}");
    let went = error.transferred();
    assert!((1000..LARGE).contains(&went), "{went} bytes went");
    let behind = rig.submit_send(pair.client, b"behind");
    let close = rig.submit_close(pair.client, CloseMode::Flush);
    let mut received = first;
    received.extend(end_of(&mut rig, pair.server));
    assert_eq!(received.len(), went + 6, "what went arrives, and what is behind it");
    assert!(received[..went] == bytes[..went] && received[went..] == *b"behind");
    rig.succeed(behind);
    rig.succeed(close);
    rig.close(file);
}
