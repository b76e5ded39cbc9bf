use std::io;
use std::time::{Duration, Instant};

use polyloop_core::{
    Batch, Buffer, CloseMode, ErrorKind, EventLoop, Interest, Op, OpenSpec, Output, Time,
};
use polyloop_readiness::Trigger;

use crate::scripted::{Script, stream, submit_done, submit_queued, turn};

const ENOMEM: i32 = 12;
const EBADF: i32 = 9;

#[test]
fn an_event_of_a_resource_that_is_gone_does_not_reach_its_successor() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (old, _peer) = stream(&mut events);
    submit_queued(&mut events, Op::RecvMulti { key: old }, 1);
    let stale = script.registered();
    let _ = events.submit(Op::Close { key: old, mode: CloseMode::Abort }, Default::default());
    turn(&mut events);
    let (new, _peer) = stream(&mut events);
    submit_queued(&mut events, Op::RecvMulti { key: new }, 2);
    let fresh = script.registered();
    assert_eq!(stale.to_usize() as u32, fresh.to_usize() as u32, "the position is used again");
    script.ready(stale, Interest::READABLE);
    assert!(turn(&mut events).is_empty());
    script.ready(fresh, Interest::READABLE);
    assert_eq!(turn(&mut events).len(), 1);
}

#[test]
fn a_registration_that_fails_ends_the_op_and_gives_it_back() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (key, _peer) = stream(&mut events);
    script.refuse_registrations(ENOMEM);
    let buffer = Buffer::with_capacity(7);
    let completion = submit_done(&mut events, Op::Recv { key, buffer });
    assert_eq!(completion.result.unwrap_err().raw_os_error(), Some(ENOMEM));
    assert!(matches!(completion.op, Some(Op::Recv { buffer, .. }) if buffer.capacity() == 7));
    let completion = submit_done(&mut events, Op::RecvMulti { key });
    assert_eq!(completion.result.unwrap_err().raw_os_error(), Some(ENOMEM));
    let poll = Op::Poll { key, interest: Interest::READABLE };
    assert!(submit_done(&mut events, poll).result.is_err());
    assert_eq!(events.census().ops, 0);
}

#[test]
fn an_arming_that_fails_ends_what_waits() {
    let script = Script::new(Trigger::OneShot);
    let mut events = script.build();
    let (key, _peer) = stream(&mut events);
    submit_queued(&mut events, Op::Recv { key, buffer: Buffer::with_capacity(1) }, 1);
    let tag = script.registered();
    script.refuse_registrations(ENOMEM);
    script.ready(tag, Interest::READABLE);
    let completions = turn(&mut events);
    assert_eq!(completions.len(), 1);
    let error = completions[0].result.as_ref().unwrap_err();
    assert_eq!(error.raw_os_error(), Some(ENOMEM));
    assert_eq!(events.census().ops, 0);
}

#[test]
fn an_interrupted_wait_goes_on_for_what_is_left() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    script.answer(Err(io::ErrorKind::Interrupted.into()));
    script.answer(Err(io::ErrorKind::Interrupted.into()));
    let mut batch = Batch::new();
    let deadline = events.now() + Duration::from_secs(5);
    events.turn(deadline, &mut batch);
    assert_eq!(script.calls().len(), 3);
}

#[test]
fn a_wait_that_fails_ends_every_op_with_its_error() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (one, _peer) = stream(&mut events);
    let (two, _peer) = stream(&mut events);
    submit_queued(&mut events, Op::RecvMulti { key: one }, 1);
    submit_queued(&mut events, Op::Recv { key: two, buffer: Buffer::with_capacity(1) }, 2);
    submit_queued(&mut events, Op::Recv { key: two, buffer: Buffer::with_capacity(1) }, 3);
    submit_queued(&mut events, Op::Poll { key: two, interest: Interest::READABLE }, 4);
    script.answer(Err(io::Error::from_raw_os_error(EBADF)));
    let mut batch = Batch::new();
    events.turn(Time::NEVER, &mut batch);
    let mut ended: Vec<u64> = batch
        .drain()
        .map(|completion| {
            assert!(!completion.is_more());
            assert_eq!(completion.result.unwrap_err().raw_os_error(), Some(EBADF));
            completion.token.0
        })
        .collect();
    ended.sort_unstable();
    assert_eq!(ended, [1, 2, 3, 4]);
    assert_eq!(events.census().ops, 0);
    assert_eq!(events.census().resources, 2);
}

#[test]
fn a_loop_goes_on_after_a_wait_that_failed() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (key, mut peer) = stream(&mut events);
    let recv = || Op::Recv { key, buffer: Buffer::with_capacity(1) };
    submit_queued(&mut events, recv(), 1);
    let tag = script.registered();
    script.answer(Err(io::Error::from_raw_os_error(EBADF)));
    assert!(turn(&mut events).pop().unwrap().result.is_err());
    submit_queued(&mut events, recv(), 2);
    io::Write::write_all(&mut peer, b"x").unwrap();
    script.ready(tag, Interest::READABLE);
    let done = turn(&mut events).pop().expect("the second receive");
    assert!(matches!(done.result, Ok(Output::Transferred(1))), "{done:?}");
}

#[test]
fn an_idle_loop_whose_selector_is_broken_does_not_spin() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    script.answer(Err(io::Error::from_raw_os_error(EBADF)));
    let begun = Instant::now();
    events.turn(Time::NEVER, &mut Batch::new());
    assert!(begun.elapsed() >= Duration::from_millis(10));
}

#[test]
fn a_spurious_event_completes_nothing() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (key, _peer) = stream(&mut events);
    submit_queued(&mut events, Op::Recv { key, buffer: Buffer::with_capacity(1) }, 1);
    submit_queued(&mut events, Op::Poll { key, interest: Interest::READABLE }, 2);
    let tag = script.registered();
    script.ready(tag, Interest::BOTH);
    assert!(turn(&mut events).is_empty());
}

#[test]
fn everything_is_loop_closed_after_the_close() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (key, _peer) = stream(&mut events);
    submit_queued(&mut events, Op::RecvMulti { key }, 1);
    let closed = events.close(Duration::from_secs(1));
    assert_eq!((closed.reaped, closed.leaked), (1, 0));
    let completion = submit_done(&mut events, Op::Open { spec: Box::new(OpenSpec::Pipe) });
    assert_eq!(completion.result.unwrap_err().kind(), ErrorKind::LoopClosed);
    assert_eq!(events.try_recv(key, &mut [0]).unwrap_err().kind(), ErrorKind::LoopClosed);
    assert_eq!(events.guest_descriptor().unwrap_err().kind(), ErrorKind::LoopClosed);
    assert!(turn(&mut events).is_empty());
}

#[test]
fn a_full_batch_keeps_the_order_of_a_direction() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (key, _peer) = stream(&mut events);
    let recv = || Op::Recv { key, buffer: Buffer::with_capacity(1) };
    let first = submit_queued(&mut events, recv(), 1);
    events.cancel(first);
    events.unread(key, b"xy").unwrap();
    // Bytes are there, but the completion of the first has not been delivered.
    submit_queued(&mut events, recv(), 2);
    assert!(events.try_recv(key, &mut [0]).unwrap_err().is_would_block());
    let completions = turn(&mut events);
    assert_eq!(completions.iter().map(|done| done.token.0).collect::<Vec<_>>(), [1, 2]);
    assert!(matches!(completions[1].result, Ok(Output::Transferred(1))));
}
