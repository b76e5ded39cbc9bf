use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use polyloop_core::{
    Batch, CloseMode, EventLoop, Interest, Key, LoopConfig, Op, OsHandle, Output, SocketOption,
    Time, limits,
};
use polyloop_readiness::Trigger;

use crate::scripted::{Call, Script, submit_done, submit_queued, turn};

fn listener(events: &mut dyn EventLoop) -> (Key, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (events.attach(OsHandle::TcpListener(listener)).expect("attached"), address)
}

fn connect(address: SocketAddr, count: usize) -> Vec<TcpStream> {
    (0..count).map(|_| TcpStream::connect(address).unwrap()).collect()
}

#[test]
fn a_connect_storm_is_taken_in_portions_without_another_event() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (key, address) = listener(&mut events);
    let count = limits::ACCEPTS_PER_TURN + 10;
    let _peers = connect(address, count);
    submit_queued(&mut events, Op::AcceptMulti { key }, 1);
    let mut batch = Batch::new();
    let turned = events.turn(Time::NEVER, &mut batch);
    assert_eq!(batch.drain().len(), limits::ACCEPTS_PER_TURN);
    assert!(turned.more);
    let turned = events.turn(Time::NEVER, &mut batch);
    assert_eq!(batch.drain().len(), 10);
    assert!(!turned.more);
}

#[test]
fn a_small_batch_leaves_connections_for_the_next_turn() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (key, address) = listener(&mut events);
    let _peers = connect(address, 3);
    submit_queued(&mut events, Op::AcceptMulti { key }, 1);
    let mut batch = Batch::with_capacity(2);
    assert!(events.turn(Time::NEVER, &mut batch).more);
    assert_eq!(batch.drain().len(), 2);
    assert!(!events.turn(Time::NEVER, &mut batch).more);
    assert_eq!(batch.drain().len(), 1);
}

#[test]
fn accepting_pauses_at_the_bound_and_waits_no_longer_than_the_pause() {
    let mut config = LoopConfig::default();
    config.resources_max = 2;
    let script = Script::new(Trigger::OneShot);
    let mut events = script.build_with(&config);
    let (key, address) = listener(&mut events);
    let _peers = connect(address, 2);
    submit_queued(&mut events, Op::AcceptMulti { key }, 1);
    let tag = script.registered();
    script.ready(tag, Interest::READABLE);
    let completions = turn(&mut events);
    // Arming a listener that has connections would end every wait at once.
    assert_eq!(script.calls(), [Call::Select(Some(Duration::ZERO))]);
    let [Ok(Output::Accepted(first))] = [&completions[0].result] else { panic!("accepted") };
    assert_eq!(completions.len(), 1);
    let first = *first;
    let pause = events.next_deadline();
    assert!(pause <= events.now() + limits::ACCEPT_BACKOFF && !pause.is_never());
    // A turn that has no deadline of its own heeds the pause. The scripted selector does not
    // sleep, so this loop is short.
    submit_done(&mut events, Op::Close { key: first, mode: CloseMode::Flush });
    script.ready(tag, Interest::READABLE);
    if turn(&mut events).pop().is_some() {
        assert!(events.now() >= pause, "an event does not end the pause");
        return;
    }
    script.calls();
    let mut batch = Batch::new();
    while batch.is_empty() {
        events.turn(Time::NEVER, &mut batch);
    }
    assert!(events.now() >= pause);
    for call in script.calls() {
        match call {
            Call::Select(timeout) => {
                assert!(timeout.expect("the pause is a deadline") <= limits::ACCEPT_BACKOFF);
            }
            Call::Rearm(..) => assert!(events.now() >= pause),
            call => panic!("{call:?}"),
        }
    }
}

#[test]
fn a_single_accept_pauses_too_and_can_be_cancelled_meanwhile() {
    let mut config = LoopConfig::default();
    config.resources_max = 1;
    let script = Script::new(Trigger::Edge);
    let mut events = script.build_with(&config);
    let (key, address) = listener(&mut events);
    let _peers = connect(address, 1);
    let id = submit_queued(&mut events, Op::Accept { key }, 1);
    assert!(!events.next_deadline().is_never());
    events.cancel(id);
    let completions = turn(&mut events);
    assert!(completions[0].result.as_ref().unwrap_err().is_canceled());
    script.calls();
    std::thread::sleep(limits::ACCEPT_BACKOFF + Duration::from_millis(1));
    turn(&mut events);
    assert!(events.next_deadline().is_never());
    let _ = submit_queued(&mut events, Op::Poll { key, interest: Interest::WRITABLE }, 2);
}

#[test]
fn the_peer_of_an_accepted_connection_is_known_without_asking() {
    let script = Script::new(Trigger::Edge);
    let mut events = script.build();
    let (key, address) = listener(&mut events);
    let peer = connect(address, 1).pop().unwrap();
    let theirs = peer.local_addr().unwrap();
    let completion = submit_done(&mut events, Op::Accept { key });
    let Ok(Output::Accepted(accepted)) = completion.result else { panic!("{completion:?}") };
    // The system would not know once the connection has been reset.
    let peer = OsHandle::TcpStream(peer);
    polyloop_os::set_option(&peer, SocketOption::Linger(Some(Duration::ZERO))).unwrap();
    drop(peer);
    assert_eq!(events.peer_address(accepted).unwrap().as_ip(), Some(theirs));
}
