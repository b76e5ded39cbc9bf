use std::io::Write;

use polyloop_core::{Buffer, CloseMode, EventLoop, Interest, Op, OsHandle};
use polyloop_readiness::Trigger;

use crate::scripted::{Call, Script, stream, submit_done, submit_queued, turn};

fn recv(key: polyloop_core::Key) -> Op {
    Op::Recv { key, buffer: Buffer::with_capacity(16) }
}

#[test]
fn an_edge_registration_is_made_once_and_when_something_waits() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (key, _peer) = stream(&mut events);
    let _ = events.try_recv(key, &mut [0; 1]).unwrap_err();
    assert_eq!(script.calls(), []);
    submit_queued(&mut events, recv(key), 1);
    assert!(matches!(script.calls()[..], [Call::Register(_, Interest::BOTH)]));
    submit_queued(&mut events, recv(key), 2);
    assert_eq!(script.calls(), []);
}

#[test]
fn a_one_shot_registration_is_armed_only_for_what_waits() {
    let script = Script::new(Trigger::OneShot);
    let mut events = script.build();
    let (key, _peer) = stream(&mut events);
    submit_queued(&mut events, recv(key), 1);
    let calls = script.calls();
    let [Call::Register(tag, Interest::READABLE)] = calls[..] else { panic!("{calls:?}") };
    script.ready(tag, Interest::READABLE);
    turn(&mut events);
    assert_eq!(script.calls()[1..], [Call::Rearm(tag, Interest::READABLE)]);
    let id = submit_queued(&mut events, recv(key), 2);
    events.cancel(id);
    assert_eq!(script.calls(), []);
}

#[test]
fn a_close_deregisters_before_it_closes() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (key, _peer) = stream(&mut events);
    submit_queued(&mut events, recv(key), 1);
    let tag = script.registered();
    let _ = events.submit(Op::Close { key, mode: CloseMode::Abort }, Default::default());
    assert_eq!(script.calls(), [Call::Deregister(tag)]);
}

#[test]
fn what_was_never_registered_is_not_deregistered() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (key, _peer) = stream(&mut events);
    submit_done(&mut events, Op::Close { key, mode: CloseMode::Flush }).result.unwrap();
    assert_eq!(script.calls(), []);
}

#[test]
fn dropping_the_loop_deregisters_everything() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let peers: Vec<_> = (0..3).map(|_| stream(&mut events)).collect();
    for (key, _) in &peers {
        submit_queued(&mut events, recv(*key), 1);
    }
    script.calls();
    drop(events);
    let calls = script.calls();
    assert_eq!(calls.len(), 3);
    assert!(calls.iter().all(|call| matches!(call, Call::Deregister(_))), "{calls:?}");
}

#[test]
fn a_turn_is_one_wait_and_none_for_what_waits_to_be_delivered() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (key, _peer) = stream(&mut events);
    let id = submit_queued(&mut events, recv(key), 1);
    script.calls();
    events.cancel(id);
    let mut batch = polyloop_core::Batch::new();
    // Without a deadline: it must not wait for ever, and the script checks that.
    events.turn(polyloop_core::Time::NEVER, &mut batch);
    assert_eq!(batch.len(), 1);
    assert_eq!(script.calls(), [Call::Select(Some(std::time::Duration::ZERO))]);
}

#[test]
fn preparing_notifies_only_if_a_turn_would_do_something() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (key, _peer) = stream(&mut events);
    let id = submit_queued(&mut events, recv(key), 1);
    turn(&mut events);
    events.prepare();
    assert_eq!(script.notified(), 0);
    events.waker().wake();
    assert_eq!(script.notified(), 1, "a wake reaches a host that waits");
    turn(&mut events);
    events.waker().wake();
    assert_eq!(script.notified(), 1, "nobody waits");
    events.prepare();
    assert_eq!(script.notified(), 2, "a wake that came before is shown");
    turn(&mut events);
    events.cancel(id);
    events.prepare();
    assert_eq!(script.notified(), 3, "a completion that waits is shown");
}

#[test]
fn after_a_short_read_a_registration_is_made_instead_of_an_attempt_that_would_block() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (reader, mut writer) = std::io::pipe().unwrap();
    let key = events.attach(OsHandle::PipeReader(reader)).unwrap();
    writer.write_all(b"abc").unwrap();
    assert_eq!(events.try_recv(key, &mut [0; 16]).unwrap(), 3);
    assert_eq!(script.calls(), [], "nobody waits yet");
    writer.write_all(b"def").unwrap();
    let error = events.try_recv(key, &mut [0; 16]).unwrap_err();
    assert!(error.is_would_block(), "the kernel was not asked, but {error}");
    // It tells of what has come since.
    let tag = script.registered();
    submit_queued(&mut events, Op::RecvMulti { key }, 1);
    assert_eq!(script.calls(), []);
    script.ready(tag, Interest::READABLE);
    assert_eq!(turn(&mut events).len(), 1, "readable is told");
    assert_eq!(events.try_recv(key, &mut [0; 16]).unwrap(), 3);
}

#[test]
fn a_registration_that_fails_after_a_short_read_leaves_the_attempt() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (reader, mut writer) = std::io::pipe().unwrap();
    let key = events.attach(OsHandle::PipeReader(reader)).unwrap();
    script.refuse_registrations(12);
    for _ in 0..3 {
        writer.write_all(b"abc").unwrap();
        assert_eq!(events.try_recv(key, &mut [0; 16]).unwrap(), 3);
    }
}

#[test]
fn a_poll_that_finds_something_ends_what_a_short_read_said() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (reader, mut writer) = std::io::pipe().unwrap();
    let key = events.attach(OsHandle::PipeReader(reader)).unwrap();
    submit_queued(&mut events, Op::RecvMulti { key }, 1);
    writer.write_all(b"abc").unwrap();
    assert_eq!(events.try_recv(key, &mut [0; 16]).unwrap(), 3);
    writer.write_all(b"def").unwrap();
    let poll = Op::Poll { key, interest: Interest::READABLE };
    assert!(submit_done(&mut events, poll).result.is_ok(), "there is something");
    assert_eq!(events.try_recv(key, &mut [0; 16]).unwrap(), 3, "as the poll has told");
}
