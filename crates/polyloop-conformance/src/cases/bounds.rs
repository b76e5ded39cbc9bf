use polyloop_core::{ErrorKind, LoopConfig, Op, OpenSpec};

use crate::harness::Harness;
use crate::rig::buffer_of;

/// A loop that could take on no op, or hold no chunk, is not made, and the error says why not.
pub(crate) fn bounds_that_no_loop_can_work_within_are_refused(harness: &Harness) {
    drop(harness.rig());
    type Set = fn(&mut LoopConfig);
    let broken: [(&str, Set); 7] = [
        ("ops_max", |config| config.ops_max = 0),
        ("chunk_size", |config| config.chunk_size = 0),
        ("chunk_size", |config| config.chunk_size = usize::MAX),
        ("pulled_chunk_size", |config| config.pulled_chunk_size = 0),
        ("pulled_chunk_size", |config| config.pulled_chunk_size = usize::MAX),
        ("chunks_max", |config| config.chunks_max = 0),
        ("unread_chunks_max", |config| config.unread_chunks_max = 0),
    ];
    for (field, set) in broken {
        let mut config = LoopConfig::default();
        set(&mut config);
        let error = match harness.factory().build(&config) {
            Err(error) => error,
            Ok(_) => panic!("a loop was made with a {field} that cannot be"),
        };
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{field}: {error}");
        assert!(error.to_string().contains(field), "the error names {field}: {error}");
    }
}

/// At the bound an op comes back as exhausted; when there is room again ops are taken on.
pub(crate) fn ops_are_bounded(harness: &Harness) {
    let mut config = LoopConfig::default();
    config.ops_max = 8;
    let mut rig = harness.rig_with(&config);
    let pair = rig.pair();
    let idle = rig.pair();
    let recvs: Vec<_> = (0..8).map(|_| rig.submit_recv(pair.server, 1)).collect();
    for _ in 0..3 {
        let over = rig.submit_recv(pair.server, 99);
        let (error, op) = rig.fail(over);
        assert_eq!(error.kind(), ErrorKind::ResourceExhausted, "{error}");
        assert_eq!(buffer_of(op).capacity(), 99, "the op comes back");
    }
    assert_eq!(rig.events.census().ops, 8, "what was refused is not in flight");
    // What ends a resource is always taken on: it could not be told from a leak otherwise.
    rig.close(idle.client);
    rig.cancel(recvs[7]);
    rig.fail(recvs[7]);
    rig.send(pair.client, b"abcdefg");
    for (recv, expected) in recvs[..7].iter().zip(b"abcdefg") {
        assert_eq!(&rig.transferred(*recv).1[..], [*expected]);
    }
    rig.send(pair.client, b"x");
    assert_eq!(rig.recv(pair.server, 1), b"x", "the loop works on");
}

/// At the bound the end of a direction is taken on, one for each: who submits it and forgets it is not
/// told that it was not.
pub(crate) fn the_end_of_a_direction_is_taken_on_at_the_bound(harness: &Harness) {
    let mut config = LoopConfig::default();
    config.ops_max = 4;
    let mut rig = harness.rig_with(&config);
    let pair = rig.pair();
    let large = crate::parts::payload(12 << 20);
    let send = rig.submit_send(pair.client, &large);
    let waiting: Vec<_> = (0..3).map(|_| rig.submit_recv(pair.client, 1)).collect();
    let over = rig.submit_recv(pair.client, 1);
    assert_eq!(rig.fail(over).0.kind(), ErrorKind::ResourceExhausted, "the bound is reached");
    let how = std::net::Shutdown::Write;
    let shutdown = rig.submit(Op::Shutdown { key: pair.client, how });
    let another = rig.submit(Op::Shutdown { key: pair.client, how });
    assert_eq!(rig.fail(another).0.kind(), ErrorKind::ResourceExhausted, "there is one already");
    let mut received = 0;
    rig.wait("the end of a stream", |rig| {
        let (part, ended) = rig.drain(pair.server);
        received += part.len();
        (ended != crate::parts::Ended::WouldBlock).then_some(())
    });
    assert_eq!(received, large.len(), "the end comes after what was sent before");
    rig.succeed(send);
    rig.succeed(shutdown);
    for recv in waiting {
        rig.cancel(recv);
        rig.fail(recv);
    }
}

/// At the bound opening is exhausted, and leaks nothing; when there is room it works.
pub(crate) fn resources_are_bounded(harness: &Harness) {
    let mut config = LoopConfig::default();
    config.resources_max = 3;
    let mut rig = harness.rig_with(&config);
    let keys = [rig.socket(), rig.socket()];
    let (error, _) = rig.err(Op::Open { spec: Box::new(OpenSpec::Pipe) });
    assert_eq!(error.kind(), ErrorKind::ResourceExhausted, "a pipe is two: {error}");
    assert_eq!(rig.events.census().resources, 2, "half a pipe is left");
    let last = rig.socket();
    for _ in 0..3 {
        let spec = OpenSpec::Tcp(polyloop_core::TcpSpec::to(crate::parts::anywhere()));
        let (error, op) = rig.err(Op::Open { spec: Box::new(spec) });
        assert_eq!(error.kind(), ErrorKind::ResourceExhausted, "{error}");
        assert!(matches!(op, Op::Open { .. }), "the op comes back");
    }
    assert_eq!(rig.events.census().resources, 3);
    rig.close(keys[0]);
    rig.close(last);
    rig.pipe();
    assert_eq!(rig.events.census().resources, 3);
}

/// Hundreds of resources come and go, and nothing is left of them.
pub(crate) fn what_comes_and_goes_leaves_nothing(harness: &Harness) {
    let mut config = LoopConfig::default();
    config.resources_max = 4;
    let mut rig = harness.rig_with(&config);
    for _ in 0..200 {
        let (listener, address) = rig.listen();
        let client = rig.connect(address);
        let server = rig.accept(listener);
        rig.send(client, b"hello");
        assert_eq!(rig.recv(server, 5), b"hello");
        [client, server, listener].into_iter().for_each(|key| rig.close(key));
    }
    let census = rig.events.census();
    assert_eq!((census.resources, census.ops, census.chunks), (0, 0, 0), "{census:?}");
}
