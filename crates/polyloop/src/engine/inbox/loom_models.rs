//! Posting to a loop that waits, runs or closes, in every order of what the threads do.

use loom::sync::Condvar;
use loom::sync::atomic::AtomicUsize;
use loom::thread;
use polyloop_core::{Notify, WakeGate};

use super::*;
use crate::loop_handle::LoopHandle;

/// What a loop sleeps on in the place of the kernel.
#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

struct Ringer(Arc<Bell>);

impl Notify for Ringer {
    fn notify(&self) {
        *lock(&self.0.rung) = true;
        self.0.changed.notify_one();
    }
}

impl Bell {
    fn sleep(&self) {
        let mut rung = lock(&self.rung);
        while !std::mem::take(&mut *rung) {
            rung = self.changed.wait(rung).expect("nothing panics with the lock held");
        }
    }
}

/// A loop's side of its inbox.
struct Home {
    shared: Arc<Shared>,
    gate: WakeGate,
    bell: Arc<Bell>,
}

impl Home {
    fn new() -> Home {
        let bell = Arc::new(Bell::default());
        let gate = WakeGate::new(Box::new(Ringer(bell.clone())));
        Home { shared: Shared::register(gate.waker()), gate, bell }
    }

    /// Does what a turn does: sleeps unless it was woken, and tells whether it was.
    fn turn(&self) -> bool {
        if self.gate.begin_wait() {
            self.bell.sleep();
        }
        self.gate.end_wait()
    }

    /// Runs what was posted.
    fn run_posted(&self) {
        let mut posted = Vec::new();
        self.shared.take(&mut posted);
        posted.into_iter().for_each(run);
    }
}

fn run(posted: Posted) {
    let Posted::Call(call, _) = posted else { panic!("only calls are posted here") };
    call();
}

fn post(shared: &Shared, call: Box<dyn FnOnce() + Send>) -> Result<(), Posted> {
    shared.post(Posted::Call(call, Location::caller()))
}

fn counter() -> (Arc<AtomicUsize>, impl Fn() -> Box<dyn FnOnce() + Send>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let call = move || -> Box<dyn FnOnce() + Send> {
        let count = counted.clone();
        Box::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
        })
    };
    (count, call)
}

/// A wake that is lost leaves the loop asleep, which the checker reports as a deadlock.
#[test]
fn a_loop_that_sleeps_wakes_for_all_that_is_posted() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let home = Home::new();
        let (count, call) = counter();
        let threads = [(); 2].map(|()| {
            let (shared, call) = (home.shared.clone(), call());
            thread::spawn(move || post(&shared, call).is_ok())
        });
        while count.load(Ordering::Relaxed) < 2 {
            if home.turn() {
                home.run_posted();
            }
        }
        assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
        home.run_posted();
        assert_eq!(count.load(Ordering::Relaxed), 2, "each ran once");
        assert_eq!(home.shared.posts(), 2);
        home.shared.close();
    });
}

#[test]
fn what_is_posted_while_the_loop_closes_goes_back_or_is_found() {
    loom::model(|| {
        let home = Home::new();
        let (count, call) = counter();
        let (shared, call) = (home.shared.clone(), call());
        let thread = thread::spawn(move || post(&shared, call).map_err(run).is_ok());
        let found = home.shared.close();
        let was_posted = !found.is_empty();
        found.into_iter().for_each(run);
        assert_eq!(thread.join().unwrap(), was_posted);
        assert_eq!(count.load(Ordering::Relaxed), 1);
        home.run_posted();
        assert_eq!(count.load(Ordering::Relaxed), 1, "nothing is added to a closed loop");
    });
}

#[test]
fn who_waits_for_a_call_to_a_loop_that_closes_learns_it() {
    loom::model(|| {
        let home = Home::new();
        let handle = LoopHandle::new(home.shared.clone());
        let thread = thread::spawn(move || {
            let task = handle.run_coroutine_threadsafe(|| async { unreachable!("it is closed") });
            match task {
                Ok(task) => {
                    assert!(task.wait().map(|never: u32| never).unwrap_err().is_cancelled())
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::LoopClosed),
            }
            assert!(handle.is_closed());
        });
        drop(home.shared.close());
        thread.join().unwrap();
    });
}

#[test]
fn a_loop_that_sleeps_wakes_for_an_interrupt_and_sees_it() {
    loom::model(|| {
        let home = Home::new();
        let shared = home.shared.clone();
        let thread = thread::spawn(move || assert!(shared.interrupt(), "it is the first"));
        while !home.turn() {}
        assert!(home.shared.take_interrupt());
        thread.join().unwrap();
        home.shared.close();
    });
}
