use std::time::{Duration, Instant};

use polyloop_core::{Batch, Interest, Op, OpenSpec, Time};

use crate::harness::Harness;
use crate::rig::{Rig, buffer_of};

const GRACE: Duration = Duration::from_secs(2);

fn is_closed<T>(result: polyloop_core::Result<T>) -> bool {
    result.is_err_and(|error| error.kind() == polyloop_core::ErrorKind::LoopClosed)
}

/// Submits a few ops that wait.
fn submit_waiting(rig: &mut Rig) -> usize {
    let pair = rig.pair();
    rig.submit_recv(pair.client, 8);
    rig.submit_recv(pair.client, 8);
    rig.submit(Op::AcceptMulti { key: pair.listener });
    rig.submit(Op::Poll { key: pair.client, interest: Interest::READABLE });
    rig.submit(Op::Send { key: pair.client, buffer: vec![0; 32 << 20].into() });
    rig.linger(Duration::from_millis(5));
    5
}

/// Closing a loop reaps every op within the grace time.
pub(crate) fn closing_a_loop_reaps_every_op(harness: &Harness) {
    let mut rig = harness.rig();
    let count = submit_waiting(&mut rig);
    assert_eq!(rig.events.census().ops, count);
    let begun = Instant::now();
    let closed = rig.events.close(GRACE);
    assert!(begun.elapsed() < GRACE + Duration::from_secs(1), "close took {:?}", begun.elapsed());
    assert_eq!((closed.reaped, closed.leaked), (count, 0), "every op ends, none is left");
    let census = rig.events.census();
    assert_eq!((census.resources, census.ops), (0, 0), "{census:?}");
    let again = rig.events.close(GRACE);
    assert_eq!((again.reaped, again.leaked), (0, 0), "closing again does nothing");
}

/// No completion is delivered for what a close of the loop ends.
pub(crate) fn a_closed_loop_delivers_nothing(harness: &Harness) {
    let mut rig = harness.rig();
    submit_waiting(&mut rig);
    rig.take_all();
    rig.events.close(GRACE);
    let mut batch = Batch::new();
    for _ in 0..3 {
        let turned = rig.events.turn(Time::ZERO, &mut batch);
        assert!(batch.is_empty() && !turned.more, "a closed loop delivered something");
    }
}

/// Every op of a closed loop comes back.
pub(crate) fn an_op_of_a_closed_loop_comes_back(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    rig.events.close(GRACE);
    let send = rig.submit_send(pair.client, b"too late");
    let completion = rig.take(send).expect("an op of a closed loop is done at once");
    assert!(is_closed(completion.result), "expected loop closed");
    assert_eq!(&buffer_of(completion.op.expect("terminal"))[..], b"too late");
    let open = rig.submit(Op::Open { spec: Box::new(OpenSpec::Pipe) });
    let completion = rig.take(open).expect("an op of a closed loop is done at once");
    assert!(is_closed(completion.result), "expected loop closed");
}

/// Every call of a closed loop says so.
pub(crate) fn a_call_of_a_closed_loop_says_so(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let key = pair.client;
    rig.events.close(GRACE);
    assert!(is_closed(rig.events.try_recv(key, &mut [0; 4])), "try_recv");
    assert!(is_closed(rig.events.try_recv_chunk(key)), "try_recv_chunk");
    assert!(is_closed(rig.events.try_send(key, &[])), "try_send");
    assert!(is_closed(rig.events.unread(key, b"x")), "unread");
    assert!(is_closed(rig.events.local_address(key)), "local_address");
    assert!(is_closed(rig.events.peer_address(key)), "peer_address");
    let option = polyloop_core::SocketOption::Nodelay(true);
    assert!(is_closed(rig.events.set_option(key, option)), "set_option");
    rig.events.waker().wake();
}

/// A loop that is dropped with a thousand ops in flight ends within its grace time.
pub(crate) fn a_loop_drops_with_a_thousand_ops_in_flight(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    for index in 0..1000 {
        match index % 2 {
            0 => rig.submit_recv(pair.server, 64),
            _ => rig.submit(Op::Poll { key: pair.client, interest: Interest::READABLE }),
        };
    }
    rig.turn(Duration::ZERO);
    let begun = Instant::now();
    drop(rig);
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(2), "dropping took {took:?}");
}

/// A forked child that drops its copy of a loop does no harm to the parent's.
pub(crate) fn a_forked_child_drops_its_loop_without_harm(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let recv = rig.submit_recv(pair.server, 8);
    let watch = rig.submit(Op::RecvMulti { key: pair.client });
    rig.turn(Duration::ZERO);
    let patience = rig.patience();
    match crate::sys::drop_in_forked_child(&mut rig.events, patience) {
        Ok(()) => {}
        Err(crate::sys::ForkError::Unsupported) => crate::harness::skip("no fork on this system"),
        Err(crate::sys::ForkError::Failed(message)) => panic!("{message}"),
    }
    rig.send(pair.client, b"parent");
    assert_eq!(&rig.transferred(recv).1[..], b"parent", "the parent's op completes");
    rig.send(pair.server, b"child");
    rig.more(watch);
    assert_eq!(rig.recv_watched(pair.client, 5), b"child", "the parent's watch goes on");
    let (listener, address) = rig.listen();
    rig.connect(address);
    rig.accept(listener);
}
