use std::io::IoSliceMut;

use polyloop_core::{ErrorKind, Op};

use crate::harness::{Harness, skip};

/// Looking at what a stream has takes nothing, whether it was received ahead or not.
pub(crate) fn a_look_takes_nothing(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let mut buf = [0; 4];
    let error = rig.events.try_peek(pair.server, &mut buf).expect_err("nothing is there");
    assert!(error.is_would_block(), "expected would block, not {error}");
    let error = rig.events.try_peek(pair.server, &mut []).expect_err("no room to look into");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    for watched in [false, true] {
        let watch = watched.then(|| rig.submit(Op::RecvMulti { key: pair.server }));
        rig.send(pair.client, b"look");
        for _ in 0..3 {
            let len =
                rig.wait("bytes to look at", |rig| rig.events.try_peek(pair.server, &mut buf).ok());
            assert_eq!(&buf[..len], b"look", "watched: {watched}");
        }
        assert_eq!(rig.recv_watched(pair.server, 4), b"look", "watched: {watched}");
        if let Some(watch) = watch {
            rig.cancel(watch);
            rig.finish(watch);
        }
    }
    rig.close(pair.client);
    for _ in 0..3 {
        let len = rig.wait("the end", |rig| rig.events.try_peek(pair.server, &mut buf).ok());
        assert_eq!(len, 0, "the end can be looked at again and again");
    }
}

/// Looking at a datagram takes nothing, and says who sent it.
pub(crate) fn a_look_at_a_datagram_takes_nothing(harness: &Harness) {
    let mut rig = harness.rig();
    let ((here, here_at), (there, at)) = (rig.datagram(), rig.datagram());
    rig.ok(Op::SendTo { key: here, buffer: b"look"[..].into(), address: at.into() });
    rig.readable(there);
    let mut buf = [0; 8];
    for round in 0..3 {
        match rig.events.try_peek_from(there, &mut buf) {
            Err(error) if error.kind() == ErrorKind::Unsupported => skip("this loop cannot look"),
            result => {
                let (len, from) = result.unwrap_or_else(|error| panic!("look {round}: {error}"));
                assert_eq!((&buf[..len], from.as_ip()), (&b"look"[..], Some(here_at)));
            }
        }
    }
    let (len, _) = rig.events.try_recv_from(there, &mut buf).expect("it was left there");
    assert_eq!(&buf[..len], b"look");
    let error = rig.events.try_peek_from(there, &mut buf).expect_err("it was the only one");
    assert!(error.is_would_block(), "expected would block, not {error}");
}

/// Several buffers are filled in order, none behind one with room; a datagram is spread over them.
pub(crate) fn several_buffers_are_filled_in_order(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    rig.send(pair.client, b"scattered over buffers");
    rig.readable(pair.server);
    let mut received: Vec<u8> = Vec::new();
    while received.len() < 22 {
        let (mut none, mut first, mut second) = ([0; 0], [0; 3], [0; 5]);
        let bufs = &mut [
            IoSliceMut::new(&mut none),
            IoSliceMut::new(&mut first),
            IoSliceMut::new(&mut second),
        ];
        let len = rig.wait("bytes", |rig| rig.events.try_recv_vectored(pair.server, bufs).ok());
        received.extend([&first[..], &second[..]].concat()[..len].iter());
    }
    assert_eq!(received, b"scattered over buffers");
    let error = rig.events.try_recv_vectored(pair.server, &mut []).expect_err("no room");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);

    let ((here, _), (there, at)) = (rig.datagram(), rig.datagram());
    rig.ok(Op::SendTo { key: here, buffer: b"datagram"[..].into(), address: at.into() });
    rig.readable(there);
    let (mut first, mut second) = ([0; 3], [0; 16]);
    let bufs = &mut [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
    assert_eq!(rig.events.try_recv_vectored(there, bufs).expect("a datagram"), 8);
    assert_eq!((&first[..], &second[..5]), (&b"dat"[..], &b"agram"[..]));
}
