//! Child processes, which are named by an attached descriptor.

#![expect(clippy::zombie_processes, reason = "the loop under test waits for them")]

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use polyloop_core::{Exit, Interest, Key, Op, OpKind, OsHandle, Output, Route};

use crate::harness::{Harness, skip};
use crate::rig::{Rig, Ticket};

/// Makes a loop that tells of exits, or leaves the case.
fn telling(harness: &Harness) -> Rig {
    let rig = harness.rig();
    let capabilities = rig.events.capabilities();
    if !capabilities.attach || capabilities.route(OpKind::AwaitExit) == Route::Unsupported {
        skip("the loop cannot attach handles, or knows no descriptors of processes");
    }
    rig
}

/// Starts a shell that runs a script once its input has ended, or at once.
fn start(script: &str, input: Stdio) -> Child {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]).stdin(input).spawn().expect("a shell")
}

fn attach(rig: &mut Rig, child: &Child) -> Key {
    let Some(descriptor) = crate::sys::descriptor_of_process(child) else {
        skip("the kernel has no descriptors of processes")
    };
    match rig.events.attach(OsHandle::Descriptor(descriptor)) {
        Ok(key) => key,
        Err(rejected) => panic!("a loop that can attach refused: {}", rejected.error),
    }
}

fn exit(rig: &mut Rig, ticket: Ticket) -> Exit {
    match rig.succeed(ticket) {
        (Output::Exited(exit), _) => exit,
        (other, _) => panic!("waiting for an exit gave {other:?}"),
    }
}

/// An exit is told when it comes, once.
pub(crate) fn an_exit_is_told_once_with_its_code(harness: &Harness) {
    let mut rig = telling(harness);
    let mut child = start("read line; exit 7", Stdio::piped());
    let key = attach(&mut rig, &child);
    let wait = rig.submit(Op::AwaitExit { key });
    rig.silent(wait, Duration::from_millis(5));
    drop(child.stdin.take());
    assert_eq!(exit(&mut rig, wait), Exit::Code(7));
    let (error, op) = rig.err(Op::AwaitExit { key });
    assert!(matches!(op, Op::AwaitExit { .. }), "{op:?}");
    assert!(error.raw_os_error().is_some(), "the system has forgotten it: {error}");
}

/// A process that ended before anybody asked is told of too; so is the signal that ended it.
pub(crate) fn an_exit_before_the_wait_is_told_with_its_signal(harness: &Harness) {
    let mut rig = telling(harness);
    let child = start("kill -9 $$", Stdio::null());
    let key = attach(&mut rig, &child);
    rig.ok(Op::Poll { key, interest: Interest::READABLE });
    let wait = rig.submit(Op::AwaitExit { key });
    assert_eq!(exit(&mut rig, wait).signal(), Some(9));
}

/// A cancelled wait has taken no exit, and no wait takes another child's.
pub(crate) fn a_cancelled_wait_for_an_exit_loses_none(harness: &Harness) {
    let mut rig = telling(harness);
    let mut other = start("exit 3", Stdio::null());
    let mut child = start("read line; exit 7", Stdio::piped());
    let key = attach(&mut rig, &child);
    let canceled = rig.submit(Op::AwaitExit { key });
    rig.silent(canceled, Duration::from_millis(5));
    rig.cancel(canceled);
    let (error, _) = rig.fail(canceled);
    assert!(error.is_canceled(), "{error}");
    let wait = rig.submit(Op::AwaitExit { key });
    drop(child.stdin.take());
    assert_eq!(exit(&mut rig, wait), Exit::Code(7));
    let status = other.wait().expect("nobody has waited for the other child");
    assert_eq!(status.code(), Some(3));
}

/// A storm of exits is told whole.
pub(crate) fn many_exits_are_each_told(harness: &Harness) {
    let mut rig = telling(harness);
    let waits: Vec<(i32, Ticket)> = (0..20)
        .map(|code| {
            let child = start(&format!("exit {code}"), Stdio::null());
            let key = attach(&mut rig, &child);
            (code, rig.submit(Op::AwaitExit { key }))
        })
        .collect();
    for (code, wait) in waits {
        assert_eq!(exit(&mut rig, wait), Exit::Code(code));
    }
}
