use polyloop_core::{
    Buffer, CloseMode, ErrorKind, Interest, Key, Op, OpKind, Output, Submission, SyncScope, Token,
};

use crate::harness::Harness;
use crate::parts::payload;
use crate::rig::buffer_of;

/// A failure is a completion, with the token and the op.
pub(crate) fn a_failure_is_a_completion_with_token_and_op(harness: &Harness) {
    let mut rig = harness.rig();
    let never = Key::from_bits(u64::MAX);
    let token = Token(u64::MAX);
    match rig.events.submit(Op::Recv { key: never, buffer: Buffer::with_capacity(8) }, token) {
        Submission::Done(completion) => {
            assert_eq!(completion.token, token, "the completion carries the caller's token");
            let error = completion.result.expect_err("a receive of no resource fails");
            assert_eq!(error.kind(), ErrorKind::StaleKey);
            let op = completion.op.expect("a terminal completion gives the op back");
            assert_eq!(buffer_of(op).capacity(), 8, "the buffer comes back");
        }
        Submission::Queued(_) => {
            let done = rig.wait("the completion of a refused op", |rig| rig.take_all().pop());
            assert_eq!(done.token, token, "the completion carries the caller's token");
            assert!(done.op.is_some(), "a terminal completion gives the op back");
        }
    }
}

/// Every op that fails comes back as it was given: same kind, same key, same bytes.
pub(crate) fn an_op_that_fails_comes_back_whole(harness: &Harness) {
    let mut rig = harness.rig();
    let key = Key::from_bits(7 << 32 | 999_999);
    let bytes = payload(300);
    let filled = || {
        let mut buffer = Buffer::with_capacity(512);
        buffer.append(&bytes);
        buffer
    };
    let address = crate::parts::anywhere().into();
    let ops = [
        Op::Recv { key, buffer: filled() },
        Op::Send { key, buffer: filled() },
        Op::RecvFrom { key, buffer: filled() },
        Op::SendTo { key, buffer: filled(), address },
        Op::ReadAt { key, buffer: filled(), offset: 3 },
        Op::WriteAt { key, buffer: filled(), offset: 3 },
    ];
    for op in ops {
        let kind = op.kind();
        let (error, op) = rig.err(op);
        assert_eq!(error.kind(), ErrorKind::StaleKey, "{} of no resource", kind.name());
        assert_eq!(op.kind(), kind, "the op that comes back is the one that was given");
        assert_eq!(op.key(), Some(key), "{} comes back with its key", kind.name());
        let buffer = buffer_of(op);
        assert_eq!(buffer.capacity(), 512, "{} gives its storage back", kind.name());
        assert_eq!(&buffer[..], &bytes[..], "{} leaves a failed buffer alone", kind.name());
    }
    let buffers = vec![filled(), filled()];
    match rig.err(Op::SendVectored { key, buffers }).1 {
        Op::SendVectored { buffers, .. } => {
            assert_eq!(buffers.len(), 2, "a vectored send gives every buffer back");
            assert!(buffers.iter().all(|buffer| buffer[..] == bytes[..]));
        }
        other => panic!("a vectored send came back as {}", other.kind().name()),
    }
}

/// A key that was never minted is stale for every op.
pub(crate) fn a_key_that_was_never_minted_is_stale_for_every_op(harness: &Harness) {
    let mut rig = harness.rig();
    let key = Key::from_bits(3 << 32 | 70_000);
    let buffer = || Buffer::with_capacity(4);
    let interest = Interest::READABLE;
    let ops = [
        Op::Accept { key },
        Op::AcceptMulti { key },
        Op::Connect { key, address: crate::parts::anywhere().into() },
        Op::Recv { key, buffer: buffer() },
        Op::RecvMulti { key },
        Op::Send { key, buffer: buffer() },
        Op::SendVectored { key, buffers: vec![buffer()] },
        Op::RecvFrom { key, buffer: buffer() },
        Op::SendTo { key, buffer: buffer(), address: crate::parts::anywhere().into() },
        Op::Poll { key, interest },
        Op::PollMulti { key, interest },
        Op::Shutdown { key, how: std::net::Shutdown::Both },
        Op::Close { key, mode: CloseMode::Flush },
        Op::ReadAt { key, buffer: buffer(), offset: 0 },
        Op::WriteAt { key, buffer: buffer(), offset: 0 },
        Op::Sync { key, scope: SyncScope::All },
        Op::ReadVectoredAt { key, buffers: vec![buffer()], offset: 0 },
        Op::WriteVectoredAt { key, buffers: vec![buffer()], offset: 0 },
        Op::Truncate { key, len: 0 },
        Op::Stat { key },
        Op::SendFile { key, file: key, offset: 0, len: 1 },
    ];
    for op in ops {
        let kind = op.kind();
        let (error, _) = rig.err(op);
        assert_eq!(error.kind(), ErrorKind::StaleKey, "{}", kind.name());
    }
}

/// Ops that do not fit their resource are invalid, and come back.
pub(crate) fn an_op_that_does_not_fit_its_resource_is_invalid(harness: &Harness) {
    let mut rig = harness.rig();
    let (listener, _) = rig.listen();
    let (datagram, _) = rig.datagram();
    let (read, write) = rig.pipe();
    let stream = rig.socket();
    let buffer = || Buffer::from(&b"four"[..]);
    let address = || crate::parts::anywhere().into();
    let ops = [
        Op::Recv { key: listener, buffer: buffer() },
        Op::RecvMulti { key: listener },
        Op::Send { key: listener, buffer: buffer() },
        Op::Connect { key: listener, address: address() },
        Op::Accept { key: stream },
        Op::AcceptMulti { key: datagram },
        Op::RecvFrom { key: stream, buffer: buffer() },
        Op::SendTo { key: stream, buffer: buffer(), address: address() },
        Op::RecvMulti { key: datagram },
        Op::ReadAt { key: stream, buffer: buffer(), offset: 0 },
        Op::WriteAt { key: datagram, buffer: buffer(), offset: 0 },
        Op::Sync { key: read, scope: SyncScope::Data },
        Op::ReadVectoredAt { key: read, buffers: vec![buffer()], offset: 0 },
        Op::WriteVectoredAt { key: write, buffers: vec![buffer()], offset: 0 },
        Op::Truncate { key: stream, len: 0 },
        Op::Stat { key: listener },
        Op::Recv { key: write, buffer: buffer() },
        Op::Send { key: read, buffer: buffer() },
        Op::Shutdown { key: write, how: std::net::Shutdown::Write },
        Op::Poll { key: stream, interest: Interest::NONE },
        Op::PollMulti { key: stream, interest: Interest::NONE },
    ];
    for op in ops {
        let (kind, key) = (op.kind(), op.key());
        let (error, op) = rig.err(op);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{} of {key:?}", kind.name());
        assert_eq!((op.kind(), op.key()), (kind, key), "the op comes back");
    }
}

/// A receive without room would look like the end of the stream.
pub(crate) fn an_inward_buffer_without_capacity_is_invalid(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let (datagram, _) = rig.datagram();
    for op in [
        Op::Recv { key: pair.server, buffer: Buffer::with_capacity(0) },
        Op::RecvFrom { key: datagram, buffer: Buffer::with_capacity(0) },
    ] {
        let kind = op.kind();
        let (error, _) = rig.err(op);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{}", kind.name());
    }
}

/// Sending nothing on a stream is done with zero bytes.
pub(crate) fn sending_nothing_is_done(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let (_, writer) = rig.pipe();
    for key in [pair.client, writer] {
        for slices in [&[][..], &[std::io::IoSlice::new(b"")]] {
            let sent = rig.events.try_send(key, slices);
            assert_eq!(sent.expect("nothing to send fits always"), 0);
        }
    }
    let ticket = rig.submit_send(pair.client, b"");
    assert_eq!(rig.transferred(ticket).0, 0);
    let vectored = Op::SendVectored { key: pair.client, buffers: Vec::new() };
    let (output, _) = rig.ok(vectored);
    assert!(matches!(output, Output::Transferred(0)), "sending no buffers gave {output:?}");
}

/// A pending op can have any token, also one that another has.
pub(crate) fn tokens_come_back_as_they_were_given(harness: &Harness) {
    let mut rig = harness.rig();
    let pair = rig.pair();
    let same = Token(0);
    for _ in 0..3 {
        let op = Op::Recv { key: pair.server, buffer: Buffer::with_capacity(1) };
        let queued = rig.events.submit(op, same);
        assert!(matches!(queued, Submission::Queued(_)), "nothing is there to receive yet");
    }
    rig.send(pair.client, b"abc");
    let mut seen = Vec::new();
    rig.wait("three receives of one token", |rig| {
        for completion in rig.take_all() {
            assert_eq!(completion.token, same, "the token is the one that was given");
            seen.extend(completion.op.map(buffer_of));
        }
        (seen.len() == 3).then_some(())
    });
    let bytes: Vec<u8> = seen.iter().flat_map(|buffer| buffer.to_vec()).collect();
    assert_eq!(bytes, b"abc");
}

/// An op that only some other loop knows comes back with what it carries.
pub(crate) fn an_unknown_op_is_unsupported_and_comes_back(harness: &Harness) {
    let mut rig = harness.rig();
    let (error, op) = rig.err(Op::Extension { payload: Box::new(0x5eed_u32) });
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(op.kind(), OpKind::Extension);
    let Op::Extension { payload } = op else { unreachable!("its kind says so") };
    assert_eq!(payload.downcast_ref::<u32>(), Some(&0x5eed), "the payload is intact");
}
