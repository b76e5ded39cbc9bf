//! Where a home is, and what its tasks do when it is nowhere.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::task::{Context, Poll};
use std::thread;

use super::{Events, Noted, OwnHome, Polled, posted, run};
use crate::{Home, LocalWaker, TaskRef};

#[test]
fn a_waker_that_stays_at_home_wakes_when_the_home_is_closed_too() {
    let home = Home::new();
    let record = Noted { ended: Cell::new(0), events: Events::default() };
    let body = Polled(|_: &TaskRef<Noted>, _: &mut Context<'_>| Poll::Pending, Events::default());
    let task = crate::spawn(home, record, body);
    let (local, waker) = (task.local_waker(), task.waker());
    home.close();
    local.wake();
    assert!(task.is_queued());
    waker.wake();
    assert!(LocalWaker::<Noted>::of(&task.waker()).is_none());
    assert_eq!((run(), posted(home).len()), (1, 1), "one that may go anywhere goes the long way");
}

#[test]
fn a_home_is_here_while_its_thread_ends() {
    struct AtTheEnd(Cell<Option<(Home, mpsc::Sender<bool>)>>);
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            let (home, sender) = self.0.take().expect("it is set");
            sender.send(home.is_here()).expect("somebody waits for it");
            home.close();
        }
    }
    thread_local!(static AT_THE_END: AtTheEnd = const { AtTheEnd(Cell::new(None)) });
    let (sender, receiver) = mpsc::channel();
    let here = move || AT_THE_END.with(|at_the_end| at_the_end.0.set(Some((Home::new(), sender))));
    thread::spawn(here).join().expect("it does not panic");
    assert_eq!(receiver.recv(), Ok(true));
}

#[test]
fn a_home_is_here_on_its_thread_until_it_is_closed() {
    let home = Home::new();
    assert!(home.is_here() && !home.is_running());
    let running = home.run();
    assert!(home.is_running() && Home::running() == Some(home));
    let inner = OwnHome::new();
    drop(inner.0.run());
    assert!(home.is_running());
    drop(running);
    assert_eq!((Home::running(), home.is_here()), (None, true));
    let elsewhere = move || {
        assert!(!home.is_here());
        catch_unwind(|| drop(home.run())).expect_err("it is not of this thread");
        home.close();
    };
    thread::spawn(elsewhere).join().expect("it does not panic");
    assert!(home.is_here(), "only its own thread can close it");
    home.close();
    assert!(!home.is_here());
    assert!(catch_unwind(|| drop(home.run())).is_err());
    let record = Noted { ended: Cell::new(0), events: Events::default() };
    let body = Polled(|_: &TaskRef<Noted>, _: &mut Context<'_>| Poll::Pending, Events::default());
    let spawned = catch_unwind(AssertUnwindSafe(|| drop(crate::spawn(home, record, body))));
    assert!(spawned.is_err(), "a task is of the thread of its home");
}
