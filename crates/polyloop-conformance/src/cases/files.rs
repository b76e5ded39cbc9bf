use polyloop_core::{Buffer, ErrorKind, FileSpec, Key, Op, OpenSpec, Output, SyncScope};

use crate::harness::Harness;
use crate::parts::{Scratch, payload};
use crate::rig::{Rig, Ticket, buffer_of};
use crate::sys::keep_first_page;

fn write_at(rig: &mut Rig, key: Key, bytes: &[u8], offset: u64) {
    let mut written = 0;
    while written < bytes.len() {
        let buffer = Buffer::from(&bytes[written..]);
        let offset = offset + written as u64;
        let ticket = rig.submit(Op::WriteAt { key, buffer, offset });
        let (count, buffer) = rig.transferred(ticket);
        assert_eq!(&buffer[..], &bytes[written..], "the buffer comes back unchanged");
        assert!(count > 0, "a write of {} bytes wrote none", buffer.len());
        written += count;
    }
}

fn submit_read(rig: &mut Rig, key: Key, capacity: usize, offset: u64) -> Ticket {
    rig.submit(Op::ReadAt { key, buffer: Buffer::with_capacity(capacity), offset })
}

fn read_at(rig: &mut Rig, key: Key, capacity: usize, offset: u64) -> Vec<u8> {
    let ticket = submit_read(rig, key, capacity, offset);
    let (count, buffer) = rig.transferred(ticket);
    assert_eq!(count, buffer.len(), "the buffer's length is what was read");
    buffer.to_vec()
}

/// What was written at an offset is read there.
pub(crate) fn a_file_is_read_where_it_was_written(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let file = rig.file(&scratch);
    write_at(&mut rig, file, b"0123456789", 0);
    write_at(&mut rig, file, b"ab", 4);
    assert_eq!(read_at(&mut rig, file, 10, 0), b"0123ab6789");
    assert_eq!(read_at(&mut rig, file, 3, 5), b"b67");
}

/// The end of a file is zero bytes, and a read across it is short.
pub(crate) fn the_end_of_a_file_is_zero_bytes(harness: &Harness) {
    let mut rig = harness.rig();
    for scratch in Scratch::of_each_kind() {
        let file = rig.file(&scratch);
        write_at(&mut rig, file, b"short", 0);
        assert_eq!(read_at(&mut rig, file, 100, 2), b"ort");
        assert_eq!(read_at(&mut rig, file, 100, 5), b"");
        assert_eq!(read_at(&mut rig, file, 100, 1 << 40), b"");
    }
}

/// How much of a file the system has in memory is not seen in what a read gives: it is short at the
/// end of the file only.
pub(crate) fn what_is_partly_in_memory_is_read_whole(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let file = rig.file(&scratch);
    let bytes = payload(300_000);
    write_at(&mut rig, file, &bytes, 0);
    let ranges = [(0, 60_000), (5, 40_000), (4096, 50_000), (200_000, 100_000), (270_000, 60_000)];
    for (offset, len) in ranges {
        // The model keeps its files elsewhere, and not every file system follows the advice.
        let _ = keep_first_page(scratch.path());
        let read = read_at(&mut rig, file, len, offset as u64);
        let whole = &bytes[offset..bytes.len().min(offset + len)];
        assert_eq!(read.len(), whole.len(), "{len} bytes at {offset}");
        assert!(read == whole, "{len} bytes at {offset} are those of the file");
    }
    let _ = keep_first_page(scratch.path());
    let buffers = [3_000, 0, 9_000, 40_000].map(Buffer::with_capacity).into();
    let (output, op) = rig.ok(Op::ReadVectoredAt { key: file, buffers, offset: 0 });
    assert!(matches!(output, Output::Transferred(52_000)), "a vectored read gave {output:?}");
    let Op::ReadVectoredAt { buffers, .. } = op else { panic!("the op comes back") };
    assert!(buffers.iter().flat_map(|buffer| buffer.to_vec()).eq(bytes[..52_000].iter().copied()));
}

/// What was never written before the end of a file is zeros, in memory or not.
pub(crate) fn a_hole_in_a_file_is_zeros(harness: &Harness) {
    let mut rig = harness.rig();
    let mut content = vec![0; 100_004];
    content[..5].copy_from_slice(b"first");
    content[100_000..].copy_from_slice(b"last");
    for scratch in Scratch::of_each_kind() {
        let file = rig.file(&scratch);
        write_at(&mut rig, file, b"first", 0);
        write_at(&mut rig, file, b"last", 100_000);
        for _ in 0..2 {
            for (offset, len) in [(0, 4096), (3, 60_000), (60_000, 60_000), (20_000, 100)] {
                let behind = content.len().min(offset + len);
                let read = read_at(&mut rig, file, len, offset as u64);
                assert!(read == content[offset..behind], "{len} bytes at {offset}");
            }
            let _ = keep_first_page(scratch.path());
        }
    }
}

/// An offset that no file reaches is invalid; it is never taken to mean the file's position.
pub(crate) fn an_offset_beyond_every_file_is_invalid(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let file = rig.file(&scratch);
    write_at(&mut rig, file, b"content", 0);
    for offset in [1 << 63, u64::MAX - 1, u64::MAX] {
        let read = Op::ReadAt { key: file, buffer: Buffer::with_capacity(16), offset };
        let write = Op::WriteAt { key: file, buffer: b"x"[..].into(), offset };
        for op in [read, write] {
            let kind = op.kind();
            let (error, op) = rig.err(op);
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{} at {offset}", kind.name());
            assert_eq!(op.kind(), kind, "the op comes back");
        }
    }
    assert_eq!(read_at(&mut rig, file, 16, 0), b"content", "nothing was written");
}

/// Writing nothing is an attempt all the same: of a file that is only read, an error. It makes no file
/// longer, wherever it is.
pub(crate) fn writing_nothing_needs_a_file_to_write(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let file = rig.file(&scratch);
    let nothing = |key| Op::WriteAt { key, buffer: Buffer::default(), offset: 9 };
    let (output, _) = rig.ok(nothing(file));
    assert!(matches!(output, Output::Transferred(0)), "writing nothing gave {output:?}");
    assert_eq!(read_at(&mut rig, file, 16, 0), b"", "the file is as long as before");
    let reader = rig.open(OpenSpec::File(FileSpec::read(scratch.path())));
    let (error, _) = rig.err(nothing(reader));
    assert!(error.raw_os_error().is_some(), "the system's number is kept: {error:?}");
}

/// A path that no system can name is invalid.
pub(crate) fn a_path_with_nul_is_invalid(harness: &Harness) {
    let mut rig = harness.rig();
    let spec = OpenSpec::File(FileSpec::create("polyloop\0conformance"));
    let (error, op) = rig.err(Op::Open { spec: Box::new(spec) });
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let Op::Open { spec } = op else { panic!("the op comes back") };
    assert!(matches!(*spec, OpenSpec::File(_)), "the spec comes back");
    let (error, op) = rig.err(Op::Rename { from: "a".into(), to: "b\0c".into() });
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(matches!(op, Op::Rename { .. }), "the op comes back");
}

/// Syncing is done, in both scopes.
pub(crate) fn a_file_can_be_synced(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let file = rig.file(&scratch);
    write_at(&mut rig, file, b"on the device", 0);
    for scope in [SyncScope::Data, SyncScope::All] {
        let (output, op) = rig.ok(Op::Sync { key: file, scope });
        assert!(matches!(output, Output::Done), "sync gave {output:?}");
        assert!(matches!(op, Op::Sync { .. }), "the op comes back");
    }
}

/// Opening what is not there fails with its path in the message.
pub(crate) fn a_missing_file_is_named(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let spec = Box::new(OpenSpec::File(FileSpec::read(scratch.path())));
    let (error, op) = rig.err(Op::Open { spec });
    assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::NotFound), "{error}");
    assert!(error.raw_os_error().is_some(), "the system's number is kept: {error:?}");
    let path = scratch.path().display().to_string();
    assert!(error.to_string().contains(&path), "{error} does not say {path}");
    let Op::Open { spec } = op else { panic!("an open comes back as an open") };
    assert!(matches!(*spec, OpenSpec::File(file) if file.path == scratch.path()));
}

/// The flags of a file mean what the standard library means by them.
pub(crate) fn the_flags_of_a_file_hold(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let file = rig.file(&scratch);
    write_at(&mut rig, file, b"first", 0);
    let mut exclusive = FileSpec::create(scratch.path());
    exclusive.create_new = true;
    let spec = Box::new(OpenSpec::File(exclusive));
    let (error, _) = rig.err(Op::Open { spec });
    assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::AlreadyExists), "{error}");
    let mut append = FileSpec::read(scratch.path());
    append.append = true;
    let appending = rig.open(OpenSpec::File(append));
    write_at(&mut rig, appending, b" last", 0);
    assert_eq!(read_at(&mut rig, file, 100, 0), b"first last", "append writes at the end");
    let reader = rig.open(OpenSpec::File(FileSpec::read(scratch.path())));
    let write = Op::WriteAt { key: reader, buffer: b"x"[..].into(), offset: 0 };
    let (_, op) = rig.err(write);
    assert_eq!(&buffer_of(op)[..], b"x", "the buffer comes back");
    let emptied = rig.file(&scratch);
    assert_eq!(read_at(&mut rig, emptied, 100, 0), b"", "truncate cuts the file to nothing");
}

/// Many file ops at once each do their own part.
pub(crate) fn file_ops_go_on_at_once(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let file = rig.file(&scratch);
    let bytes = payload(64 * 1000);
    let writes: Vec<_> = bytes
        .chunks(1000)
        .enumerate()
        .map(|(index, part)| {
            let offset = index as u64 * 1000;
            rig.submit(Op::WriteAt { key: file, buffer: part.into(), offset })
        })
        .collect();
    for write in writes {
        assert_eq!(rig.transferred(write).0, 1000, "a write of a regular file is whole");
    }
    let reads: Vec<_> =
        (0..64).rev().map(|n| submit_read(&mut rig, file, 1000, n * 1000)).collect();
    for (read, part) in reads.into_iter().zip(bytes.chunks(1000).rev()) {
        assert!(rig.transferred(read).1[..] == *part, "each read gives its own part");
    }
}

/// A cancelled file op ends once: cancelled, or done.
pub(crate) fn a_cancelled_file_op_ends_once(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let file = rig.file(&scratch);
    write_at(&mut rig, file, b"content", 0);
    for _ in 0..20 {
        let read = submit_read(&mut rig, file, 16, 0);
        rig.cancel(read);
        let completion = rig.finish(read);
        let buffer = buffer_of(completion.op.expect("terminal"));
        assert_eq!(buffer.capacity(), 16, "the buffer comes back");
        match completion.result {
            Ok(_) => assert_eq!(&buffer[..], b"content", "a success is whole"),
            Err(error) => assert!(error.is_canceled(), "expected cancelled, not {error}"),
        }
        rig.turn(std::time::Duration::ZERO);
        assert!(rig.take(read).is_none(), "a file op ended twice");
    }
    assert_eq!(rig.events.census().ops, 0);
}

/// A close ends after the file ops of its key.
pub(crate) fn a_close_comes_after_file_ops(harness: &Harness) {
    let mut rig = harness.rig();
    let scratch = Scratch::new();
    let file = rig.file(&scratch);
    let mut tickets: Vec<_> = (0..10)
        .map(|n| rig.submit(Op::WriteAt { key: file, buffer: vec![n; 100].into(), offset: 0 }))
        .collect();
    tickets.push(rig.submit_close(file, polyloop_core::CloseMode::Flush));
    let order = rig.order_of(&tickets);
    assert_eq!(order.last(), Some(&10), "the close completes last, the order was {order:?}");
}
