//! Signals as callbacks and streams. What ends a process is tried on a child: the test runs itself
//! again.

#![cfg(unix)]

mod dispositions;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use polyloop::signal::{SignalKind, signals};
use polyloop::{ErrorKind, Loop, LoopFuture};

use crate::run;

/// Signals of which each test takes its own, because they all share the process; their default is
/// to be ignored, or the test says why it does not matter.
const A: SignalKind = SignalKind::USER_DEFINED_1;
const B: SignalKind = SignalKind::USER_DEFINED_2;
const C: SignalKind = SignalKind::WINDOW_CHANGE;
const D: SignalKind = SignalKind::ALARM;
const E: SignalKind = SignalKind::CONTINUE;
const F: SignalKind = SignalKind::QUIT;

/// Sends a signal to this process.
fn raise(kind: SignalKind) {
    let signal = rustix::process::Signal::from_named_raw(kind.as_raw()).unwrap();
    rustix::process::kill_process(rustix::process::getpid(), signal).unwrap();
}

#[test]
fn a_handler_is_called_for_each_signal_until_it_is_removed() {
    run(async {
        let events = Loop::current().unwrap();
        let called: Rc<RefCell<Option<LoopFuture<()>>>> = Rc::default();
        let calls = Rc::new(Cell::new(0));
        let (call, count) = (called.clone(), calls.clone());
        let handler = move || {
            count.set(count.get() + 1);
            if let Some(future) = call.take() {
                future.set_result(()).unwrap();
            }
        };
        events.add_signal_handler(A, handler).unwrap();
        for n in 1..=3 {
            let next = polyloop::create_future();
            called.replace(Some(next.clone()));
            raise(A);
            next.await.unwrap();
            assert_eq!(calls.get(), n);
        }
        assert!(events.remove_signal_handler(A));
        assert!(!events.remove_signal_handler(A), "it was removed already");
    });
}

#[test]
fn a_stream_gives_all_its_kinds_and_no_others() {
    run(async {
        let mut both = signals([C, B, C]).unwrap();
        let mut only_c = signals([C]).unwrap();
        assert_eq!(both.kinds(), [C, B]);
        // What the kernel has not merged the loop has, unless it looked in between.
        (0..3).for_each(|_| raise(B));
        raise(C);
        assert_eq!(only_c.next().await, Some(C));
        let mut times = 0;
        while both.next().await == Some(B) {
            times += 1;
        }
        assert!(times <= 3, "{times}");
        raise(B);
        assert_eq!(both.recv().await.unwrap(), B);
    });
}

#[test]
fn a_wait_that_is_given_up_loses_no_signal() {
    run(async {
        let mut stream = signals([D]).unwrap();
        let none = polyloop::timeout(Duration::from_millis(1), stream.recv()).await;
        assert!(none.is_err());
        raise(D);
        assert_eq!(stream.recv().await.unwrap(), D);
    });
}

#[test]
fn every_loop_of_the_process_gets_a_signal() {
    let (ready, all_ready) = std::sync::mpsc::channel();
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let ready = ready.clone();
            std::thread::spawn(move || {
                run(async move {
                    let mut stream = signals([E]).unwrap();
                    ready.send(()).unwrap();
                    let begin = Instant::now();
                    // Nothing else ends the wait of this loop.
                    assert_eq!(stream.recv().await.unwrap(), E);
                    begin.elapsed()
                })
            })
        })
        .collect();
    (0..3).for_each(|_| all_ready.recv().unwrap());
    raise(E);
    for thread in threads {
        assert!(thread.join().unwrap() < Duration::from_secs(10), "the wait was not ended at once");
    }
}

#[test]
fn what_cannot_be_handled_is_refused_with_the_reason() {
    run(async {
        let events = Loop::current().unwrap();
        let refused = |number: i32| {
            let kind = SignalKind::from_raw(number);
            let error = events.add_signal_handler(kind, || {}).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{number}");
            assert_eq!(signals([A, kind]).unwrap_err().to_string(), error.to_string());
            error.to_string()
        };
        for number in [SignalKind::KILL.as_raw(), SignalKind::STOP.as_raw()] {
            assert!(refused(number).contains("lets nobody handle it"));
        }
        // SIGSEGV, SIGFPE and SIGILL have these numbers everywhere.
        for number in [11, 8, 4] {
            assert!(refused(number).contains("raised again for ever"));
        }
        for number in [0, -1, 128, i32::MAX] {
            assert!(refused(number).contains("no such signal"));
        }
        assert!(refused(9).starts_with("handle SIGKILL "));
    });
    assert_eq!(signals([A]).unwrap_err().kind(), ErrorKind::InvalidInput, "there is no loop");
}

#[test]
fn a_handler_may_replace_and_remove_itself_and_ends_with_its_loop() {
    struct Dropped(Rc<Cell<u32>>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }
    let dropped = Rc::new(Cell::new(0));
    let events = polyloop::new_event_loop().unwrap();
    let seen = Rc::new(Cell::new(""));
    let (inner, saw, guard) = (events.clone(), seen.clone(), Dropped(dropped.clone()));
    let first = move || {
        let _guard = &guard;
        saw.set("first");
        let (stop, saw) = (inner.clone(), saw.clone());
        let second = move || {
            saw.set("second");
            assert!(stop.remove_signal_handler(F));
            stop.stop();
        };
        inner.add_signal_handler(F, second).unwrap();
        inner.stop();
    };
    events.add_signal_handler(F, first).unwrap();
    for expected in ["first", "second"] {
        raise(F);
        events.run_forever().unwrap();
        assert_eq!(seen.get(), expected);
    }
    assert_eq!(dropped.get(), 1, "the one that was replaced is gone");
    let guard = Dropped(dropped.clone());
    events
        .add_signal_handler(F, move || {
            let _guard = &guard;
        })
        .unwrap();
    let mut stream = events.run_until_complete(async { signals([F]).unwrap() }).unwrap();
    events.close();
    assert_eq!(dropped.get(), 2);
    let refused = events.add_signal_handler(F, || {}).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::LoopClosed);
    assert_eq!(run(async move { stream.next().await }), None);
}

/// Panics when it is woken.
struct Panics;

impl std::task::Wake for Panics {
    fn wake(self: std::sync::Arc<Self>) {
        panic!("a waker that panics");
    }
}

/// Notes that it was woken.
#[derive(Default)]
struct Woken(std::sync::atomic::AtomicBool);

impl std::task::Wake for Woken {
    fn wake(self: std::sync::Arc<Self>) {
        // Relaxed: read on the same thread.
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}

#[test]
fn a_waker_that_panics_does_not_keep_the_end_from_other_streams() {
    use std::sync::Arc;
    use std::task::{Context, Waker};

    let (mut streams, woken) = {
        let events = Loop::new(&polyloop::Backend::Auto).unwrap();
        let woken = Arc::new(Woken::default());
        let wakers = [Waker::from(Arc::new(Panics)), Waker::from(woken.clone())];
        let streams = events.run_until_complete(async move {
            // The entries of a loop are told in the order of the numbers.
            let mut streams = [signals([SignalKind::HANGUP]).unwrap(), signals([C]).unwrap()];
            for (stream, waker) in streams.iter_mut().zip(&wakers) {
                assert!(stream.poll_next_unpin(&mut Context::from_waker(waker)).is_pending());
            }
            streams
        });
        events.close();
        (streams.unwrap(), woken)
    };
    assert!(woken.0.load(std::sync::atomic::Ordering::Relaxed), "the other is told");
    for stream in &mut streams {
        let next = stream.poll_next_unpin(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(next, std::task::Poll::Ready(None)), "the loop is closed");
    }
}
