//! Running, stopping and closing a loop by hand.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

use polyloop::{
    Callback, Context, ErrorKind, Guest, Loop, Time, WaitHook, call_soon, new_event_loop, sleep,
};

use crate::Log;

const MS: Duration = Duration::from_millis(1);

#[test]
fn stop_ends_the_run_after_what_was_ready() {
    let events = new_event_loop().unwrap();
    let log = Log::default();
    let (first, second, inner) = (log.clone(), log.clone(), events.clone());
    events.call_soon(move || {
        inner.stop();
        inner.stop();
        assert!(inner.is_running());
        let nested = first.clone();
        call_soon(move || nested.push("queued by the stopping callback"));
        first.push("stop");
    });
    events.call_soon(move || second.push("ready"));
    events.run_forever().unwrap();
    assert!(!events.is_running());
    assert_eq!(log.take(), ["stop", "ready"]);
    events.stop();
    events.run_forever().unwrap();
    assert_eq!(log.take(), ["queued by the stopping callback"]);
    events.close();
}

#[test]
fn a_stop_before_the_run_allows_one_iteration_that_does_not_wait() {
    let events = new_event_loop().unwrap();
    let log = Log::default();
    let (timer, ready) = (log.clone(), log.clone());
    events.call_later(Duration::from_secs(600), move || timer.push("timer"));
    events.stop();
    events.run_forever().unwrap();
    events.call_soon(move || ready.push("ready"));
    events.stop();
    events.run_forever().unwrap();
    assert_eq!(log.take(), ["ready"]);
    events.close();
}

#[test]
fn a_callback_stops_the_loop_with_an_error_and_the_first_counts() {
    let events = new_event_loop().unwrap();
    let inner = events.clone();
    events.call_soon(move || {
        inner.stop_with(ErrorKind::TimedOut);
        inner.stop_with(ErrorKind::Busy);
    });
    assert_eq!(events.run_forever().unwrap_err().kind(), ErrorKind::TimedOut);
    events.stop();
    events.run_forever().unwrap();
    let inner = events.clone();
    let main = async move { inner.stop_with(ErrorKind::Busy) };
    assert_eq!(events.run_until_complete(main).unwrap_err().kind(), ErrorKind::Busy);
    events.close();
}

#[test]
fn run_until_complete_gives_the_result_and_can_be_repeated() {
    let events = new_event_loop().unwrap();
    let begun = events.create_task(async { 5 });
    assert_eq!(events.run_until_complete(async { 1 }).unwrap(), 1);
    assert_eq!(events.run_until_complete(begun).unwrap().unwrap(), 5);
    let future = events.create_future::<u8>();
    future.set_result(9).unwrap();
    assert_eq!(events.run_until_complete(future).unwrap().unwrap(), 9);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        events.run_until_complete(async { panic!("out") }).unwrap();
    }));
    assert_eq!(*panicked.unwrap_err().downcast_ref::<&str>().unwrap(), "out");
    assert_eq!(events.run_until_complete(async { 2 }).unwrap(), 2, "after a panic");
    events.close();
}

#[test]
fn a_stop_before_the_end_leaves_the_future_a_task() {
    let events = new_event_loop().unwrap();
    let log = Log::default();
    let told = log.clone();
    let inner = events.clone();
    events.call_later(MS, move || inner.stop());
    let error = events.run_until_complete(async move {
        sleep(MS * 10).await;
        told.push("ended");
    });
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert!(error.to_string().contains("stopped"), "{error}");
    assert_eq!(events.task_count(), 1);
    events.run_until_complete(sleep(MS * 20)).unwrap();
    assert_eq!(log.take(), ["ended"]);
    events.close();
}

#[test]
fn a_loop_is_not_run_inside_a_loop() {
    crate::run(async {
        let inside = Loop::current().unwrap();
        assert_eq!(inside.run_forever().unwrap_err().kind(), ErrorKind::InvalidInput);
        let other = new_event_loop().unwrap();
        let error = other.run_until_complete(async {}).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let task = other.create_task(async { 1 });
        assert!(!Guest::new(&other).turn() && task.done(), "as a guest it runs");
        other.close();
    });
}

#[test]
fn a_closed_loop_says_so() {
    struct Never;
    impl Callback for Never {
        fn call(self: Rc<Self>) {}
    }
    let events = new_event_loop().unwrap();
    assert!(!events.is_closed());
    events.close();
    events.close();
    assert!(events.is_closed() && !events.is_running());
    assert_eq!(events.run_forever().unwrap_err().kind(), ErrorKind::LoopClosed);
    assert_eq!(events.run_until_complete(async {}).unwrap_err().kind(), ErrorKind::LoopClosed);
    let calls: [&dyn Fn(&Loop); 8] = [
        &|events| drop(events.call_soon(|| ())),
        &|events| drop(events.call_later(MS, || ())),
        &|events| drop(events.call_at(Time::NEVER, || ())),
        &|events| events.schedule(Rc::new(Never)),
        &|events| drop(events.create_task(async {})),
        &|events| drop(events.create_named_task("late", async {})),
        &|events| drop(events.create_eager_task(async {})),
        &|events| drop(events.create_task_in(Context::new(), async {})),
    ];
    for call in calls {
        let panic = catch_unwind(AssertUnwindSafe(|| call(&events))).unwrap_err();
        let text = panic.downcast_ref::<&str>().unwrap();
        assert!(text.contains("the loop is closed"), "{text}");
    }
    assert_eq!(events.task_count(), 0);
    events.stop();
}

#[test]
fn a_panic_in_what_a_closing_loop_drops_leaves_nothing_open() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in a destructor");
        }
    }
    let events = new_event_loop().unwrap();
    let (bomb, witness) = (Bomb, Rc::new(()));
    let held = witness.clone();
    events.call_soon(move || drop(bomb));
    events.call_later(MS * 1000, move || drop(held));
    events.close();
    assert_eq!(Rc::strong_count(&witness), 1);
}

struct Hook {
    name: &'static str,
    log: Log,
    ending: Cell<bool>,
}

impl WaitHook for Hook {
    fn before_wait(&self, until: Time) {
        self.log.push(format!("before {} {}", self.name, until.is_never()));
        if self.ending.get() {
            // What a hook schedules shortens the wait, which would be endless.
            let events = Loop::current().unwrap();
            call_soon(move || events.stop());
        }
    }

    fn after_wait(&self) {
        self.log.push(format!("after {}", self.name));
        assert!(!self.ending.get(), "hooks may panic");
    }
}

#[test]
fn hooks_run_around_the_wait_and_nest() {
    let events = new_event_loop().unwrap();
    events.set_exception_handler(|_| ());
    let log = Log::default();
    let hook = |name, ending| {
        Rc::new(Hook { name, log: log.clone(), ending: Cell::new(ending) }) as Rc<dyn WaitHook>
    };
    let removed = events.add_wait_hook(hook("removed", false));
    events.add_wait_hook(hook("outer", false));
    events.add_wait_hook(hook("inner", true));
    assert!(events.remove_wait_hook(removed));
    assert!(!events.remove_wait_hook(removed));
    events.run_forever().unwrap();
    let expected = ["before outer true", "before inner true", "after inner", "after outer"];
    assert_eq!(log.take(), expected);
    events.close();
}
