//! Ops of a backend, without the frontend.

use polyloop_core::{
    Batch, Buffer, CloseMode, EventLoop, Interest, Key, Op, OpenSpec, Output, PairKind, Submission,
    Time, Token,
};

use crate::section::Section;

/// Something to do with a backend.
type OpWork = (&'static str, fn(&mut dyn EventLoop));

pub(super) const WORKS: &[OpWork] = &[
    ("op poll", poll),
    ("op send and receive", send_and_receive),
    ("op cancel", cancel),
    ("op nothing", nothing),
];

const ROUNDS: u64 = 1_000;

/// Submits an op and turns until it has ended.
fn complete(events: &mut dyn EventLoop, batch: &mut Batch, op: Op) -> (Output, Op) {
    let completion = match events.submit(op, Token(1)) {
        Submission::Done(completion) => completion,
        Submission::Queued(_) => loop {
            events.turn(Time::NEVER, batch);
            if let Some(completion) = batch.drain().find(|it| it.token == Token(1)) {
                break completion;
            }
        },
    };
    (completion.result.expect("it succeeds"), completion.op.expect("it is terminal"))
}

fn pair(events: &mut dyn EventLoop, batch: &mut Batch) -> (Key, Key) {
    let spec = Box::new(OpenSpec::SocketPair(PairKind::Stream));
    match complete(events, batch, Op::Open { spec }).0 {
        Output::OpenedPair { read, write } => (read, write),
        other => unreachable!("a pair is two resources, not {other:?}"),
    }
}

fn close(events: &mut dyn EventLoop, batch: &mut Batch, keys: (Key, Key)) {
    for key in [keys.0, keys.1] {
        complete(events, batch, Op::Close { key, mode: CloseMode::Abort });
    }
}

fn poll(events: &mut dyn EventLoop) {
    let batch = &mut Batch::new();
    let keys = pair(events, batch);
    let op = || Op::Poll { key: keys.0, interest: Interest::WRITABLE };
    complete(events, batch, op());
    let section = Section::begin("submit a poll that is ready and complete it");
    for _ in 0..ROUNDS {
        complete(events, batch, op());
    }
    section.end(ROUNDS);
    close(events, batch, keys);
}

fn send_and_receive(events: &mut dyn EventLoop) {
    let batch = &mut Batch::new();
    let keys = pair(events, batch);
    let mut outward = Buffer::from([7; 64].as_slice());
    let mut inward = Buffer::with_capacity(64);
    let mut section = None;
    for round in 0..=ROUNDS {
        let sent = complete(events, batch, Op::Send { key: keys.0, buffer: outward });
        let received = complete(events, batch, Op::Recv { key: keys.1, buffer: inward });
        let (Op::Send { buffer: sent, .. }, Op::Recv { buffer: received, .. }) =
            (sent.1, received.1)
        else {
            unreachable!("a completion gives the op back");
        };
        (outward, inward) = (sent, received);
        inward.clear();
        if round == 0 {
            section = Some(Section::begin("submit and complete a send and a receive"));
        }
    }
    section.expect("set in the first round").end(ROUNDS);
    close(events, batch, keys);
}

fn cancel(events: &mut dyn EventLoop) {
    let batch = &mut Batch::new();
    let keys = pair(events, batch);
    let mut section = None;
    for round in 0..=ROUNDS {
        let op = Op::Recv { key: keys.1, buffer: Buffer::with_capacity(64) };
        let Submission::Queued(id) = events.submit(op, Token(1)) else {
            unreachable!("there is nothing to receive");
        };
        events.cancel(id);
        while batch.drain().next().is_none() {
            events.turn(Time::NEVER, batch);
        }
        if round == 0 {
            section = Some(Section::begin("submit a receive that waits and cancel it"));
        }
    }
    section.expect("set in the first round").end(ROUNDS);
    close(events, batch, keys);
}

fn nothing(events: &mut dyn EventLoop) {
    let batch = &mut Batch::new();
    events.turn(Time::ZERO, batch);
    let section = Section::begin("turn and find nothing");
    for _ in 0..ROUNDS {
        events.turn(Time::ZERO, batch);
    }
    section.end(ROUNDS);
}
