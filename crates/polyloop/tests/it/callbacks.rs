use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use polyloop::{Callback, Loop, call_soon, sleep, yield_now};

use crate::{Log, run};

#[test]
fn a_cancelled_callback_is_dropped_unrun() {
    run(async {
        let witness = Rc::new(());
        let held = witness.clone();
        let handle = call_soon(move || {
            let _held = held;
            panic!("it was cancelled");
        });
        handle.cancel();
        assert!(handle.cancelled());
        assert_eq!(Rc::strong_count(&witness), 1);
        yield_now().await;
    });
}

#[test]
fn a_panic_in_a_callback_reaches_the_handler_and_the_loop_goes_on() {
    run(async {
        let seen = Rc::new(RefCell::new(Vec::new()));
        let log = seen.clone();
        Loop::current()
            .unwrap()
            .set_exception_handler(move |context| log.borrow_mut().push(context.panic.clone()));
        let ran = Rc::new(Cell::new(false));
        let flag = ran.clone();
        call_soon(|| panic!("first"));
        call_soon(move || flag.set(true));
        yield_now().await;
        assert!(ran.get());
        assert_eq!(seen.take(), ["first"]);
    });
}

/// A callback that is its own handle, and is scheduled again and again.
struct Counter {
    left: Cell<u32>,
    runs: Cell<u32>,
}

impl Callback for Counter {
    fn call(self: Rc<Self>) {
        self.runs.set(self.runs.get() + 1);
        if self.left.replace(self.left.get().saturating_sub(1)) > 1 {
            Loop::current().unwrap().schedule(self);
        }
    }
}

#[test]
fn a_callback_can_be_its_own_handle() {
    run(async {
        let counter = Rc::new(Counter { left: Cell::new(10), runs: Cell::new(0) });
        Loop::current().unwrap().schedule(counter.clone());
        sleep(Duration::from_millis(2)).await;
        assert_eq!(counter.runs.get(), 10);
    });
}

#[test]
fn what_a_callback_queues_runs_in_the_next_iteration() {
    run(async {
        let log = Log::default();
        let (first, second) = (log.clone(), log.clone());
        call_soon(move || {
            first.push("first");
            let nested = first.clone();
            call_soon(move || nested.push("nested"));
        });
        call_soon(move || second.push("second"));
        yield_now().await;
        yield_now().await;
        assert_eq!(log.take(), ["first", "second", "nested"]);
    });
}
