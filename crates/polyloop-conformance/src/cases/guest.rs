use std::fs::File;
use std::net::Shutdown;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use polyloop_core::{Batch, Op, Time};

use super::sending_soon::{reading, send_soon};
use crate::harness::{Harness, skip};
use crate::rig::Rig;
use crate::sys::is_readable;

/// Makes a loop with a guest descriptor, or leaves the case.
fn guest(harness: &Harness) -> (Rig, Arc<File>) {
    let mut rig = harness.rig();
    if !rig.events.capabilities().guest_descriptor {
        skip("the loop has no guest descriptor");
    }
    let descriptor = rig.events.guest_descriptor().expect("the capabilities say so");
    (rig, descriptor)
}

/// Turns without waiting until the loop is idle.
fn calm(rig: &mut Rig) {
    for _ in 0..20 {
        rig.turn(Duration::ZERO);
    }
    rig.take_all();
    rig.events.prepare();
}

/// Checks that the descriptor of a loop with nothing to do falls silent.
///
/// What a kernel tells late may show once and be found to be nothing; it must not go on.
fn falls_silent(rig: &mut Rig, descriptor: &File) {
    for _ in 0..5 {
        calm(rig);
        if !is_readable(descriptor, Duration::from_millis(20)) {
            return;
        }
    }
    panic!("the descriptor of an idle guest is readable again and again");
}

/// An idle loop's descriptor is not readable.
pub(crate) fn an_idle_guest_is_not_readable(harness: &Harness) {
    let (mut rig, descriptor) = guest(harness);
    let pair = rig.pair();
    rig.submit_recv(pair.server, 8);
    falls_silent(&mut rig, &descriptor);
}

/// What a turn would complete makes the descriptor readable, level-triggered.
pub(crate) fn arriving_bytes_make_a_guest_readable(harness: &Harness) {
    let (mut rig, descriptor) = guest(harness);
    let pair = rig.pair();
    let recv = rig.submit_recv(pair.server, 8);
    calm(&mut rig);
    let sent = rig.events.try_send(pair.client, &[std::io::IoSlice::new(b"bytes")]);
    assert_eq!(sent.expect("there is room"), 5);
    rig.events.prepare();
    let patience = rig.patience();
    for look in 0..3 {
        assert!(is_readable(&descriptor, patience), "look {look} finds it not readable");
    }
    rig.turn(Duration::ZERO);
    assert_eq!(&rig.transferred(recv).1[..], b"bytes");
    falls_silent(&mut rig, &descriptor);
}

/// A wake makes the descriptor readable, from any thread.
pub(crate) fn a_wake_makes_a_guest_readable(harness: &Harness) {
    let (mut rig, descriptor) = guest(harness);
    calm(&mut rig);
    let waker = rig.events.waker();
    thread::spawn(move || waker.wake()).join().expect("no panic");
    assert!(is_readable(&descriptor, rig.patience()), "a wake does not reach the host");
    assert!(rig.turn(Duration::ZERO).woken, "the turn tells of it");
    falls_silent(&mut rig, &descriptor);
}

/// What has completed without a wait shows after `prepare`.
pub(crate) fn a_pending_completion_makes_a_guest_readable(harness: &Harness) {
    let (mut rig, descriptor) = guest(harness);
    let pair = rig.pair();
    let recv = rig.submit_recv(pair.server, 8);
    calm(&mut rig);
    rig.cancel(recv);
    rig.events.prepare();
    assert!(is_readable(&descriptor, rig.patience()), "the end of a cancelled op does not show");
    rig.turn(Duration::ZERO);
    let (error, _) = rig.fail(recv);
    assert!(error.is_canceled(), "expected cancelled, not {error}");
}

/// A turn of a guest that does not wait tells whether more is ready, and that shows too.
pub(crate) fn what_is_left_keeps_a_guest_readable(harness: &Harness) {
    let (mut rig, descriptor) = guest(harness);
    let pair = rig.pair();
    let recvs = [1, 2, 3].map(|_| rig.submit_recv(pair.server, 1));
    calm(&mut rig);
    rig.set_batch(1);
    let sent = rig.events.try_send(pair.client, &[std::io::IoSlice::new(b"abc")]);
    assert_eq!(sent.expect("there is room"), 3);
    let patience = rig.patience();
    for recv in recvs {
        while rig.take(recv).is_none() {
            rig.events.prepare();
            assert!(is_readable(&descriptor, patience), "what is left does not show");
            let deadline = Time::ZERO;
            let mut batch = Batch::with_capacity(1);
            rig.events.turn(deadline, &mut batch);
            rig.keep(batch);
        }
    }
}

/// What waits behind a send soon ends in a guest too, where what else came filled the batch of the turn
/// that sent it.
pub(crate) fn what_waits_behind_a_send_soon_shows_in_a_guest(harness: &Harness) {
    let (mut rig, descriptor) = guest(harness);
    let (near, far) = reading(&mut rig);
    let (told, teller) = reading(&mut rig);
    calm(&mut rig);
    let sent = rig.events.try_send(teller, &[std::io::IoSlice::new(b"!")]);
    assert_eq!(sent.expect("there is room"), 1);
    send_soon(&mut rig, near, &[b"last words"]);
    rig.set_batch(1);
    rig.turn(Duration::ZERO);
    let shutdown = rig.submit(Op::Shutdown { key: near, how: Shutdown::Write });
    while rig.take(shutdown).is_none() {
        rig.events.prepare();
        assert!(is_readable(&descriptor, rig.patience()), "its end does not show");
        rig.turn(Duration::ZERO);
    }
    assert_eq!(rig.recv(far, 100), b"last words");
    rig.close(told);
}

/// A loop that only its guest wait drives, on a helper thread, goes through 200 round trips.
pub(crate) fn a_helper_thread_can_wait_for_a_guest(harness: &Harness) {
    let (mut rig, _descriptor) = guest(harness);
    let pair = rig.pair();
    let wait = rig.events.guest_wait().expect("a loop with a descriptor has a wait");
    let (ask, asked) = mpsc::channel::<Duration>();
    let (answer, answered) = mpsc::channel();
    let helper = thread::spawn(move || {
        for timeout in asked {
            if answer.send(wait.wait(Some(timeout))).is_err() {
                return;
            }
        }
    });
    let patience = rig.patience();
    for round in 0..200_u8 {
        let recv = rig.submit_recv(pair.server, 1);
        rig.submit_send(pair.client, &[round]);
        let mut waits = 0;
        let done = loop {
            if let Some(done) = rig.take(recv) {
                break done;
            }
            rig.events.prepare();
            let deadline = rig.events.next_deadline();
            let timeout = deadline.since(rig.events.now()).min(patience);
            ask.send(timeout).expect("the helper runs");
            let ready = answered.recv().expect("the helper answers").expect("waiting works");
            assert!(ready || timeout < patience, "nothing came within {patience:?}");
            rig.turn(Duration::ZERO);
            waits += 1;
            assert!(waits < 50, "{waits} waits for one byte");
        };
        assert_eq!(&crate::rig::buffer_of(done.op.expect("terminal"))[..], [round]);
    }
    drop(ask);
    helper.join().expect("no panic");
}

/// An idle loop has no deadline of its own, and a wait for it ends with its timeout.
pub(crate) fn an_idle_guest_has_no_deadline(harness: &Harness) {
    let (mut rig, _descriptor) = guest(harness);
    rig.pair();
    calm(&mut rig);
    assert!(rig.events.next_deadline().is_never(), "{:?}", rig.events.next_deadline());
    let wait = rig.events.guest_wait().expect("a loop with a descriptor has a wait");
    let ready = wait.wait(Some(Duration::from_millis(5))).expect("waiting works");
    assert!(!ready, "an idle guest has nothing to do");
}
