//! One iteration's order is a contract: completions, then due timers, then exactly what was
//! ready, first in first out.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use polyloop::sync::Event;
use polyloop::{Loop, Time, WaitHook, call_later, call_soon, create_task, sleep, yield_now};

use crate::{Log, run};

#[test]
fn tasks_and_callbacks_share_one_queue() {
    run(async {
        let log = Log::default();
        let logs: Vec<Log> = (0..4).map(|_| log.clone()).collect();
        let [a, b, c, d] = logs.try_into().ok().unwrap();
        call_soon(move || a.push("callback 1"));
        let task = create_task(async move { b.push("task 1") });
        call_soon(move || c.push("callback 2"));
        let other = create_task(async move { d.push("task 2") });
        let _ = (task.await, other.await);
        assert_eq!(log.take(), ["callback 1", "task 1", "callback 2", "task 2"]);
    });
}

#[test]
fn two_tasks_that_yield_take_turns() {
    run(async {
        let log = Log::default();
        let step = |name: &'static str| {
            let log = log.clone();
            async move {
                for n in 0..3 {
                    log.push(format!("{name}{n}"));
                    yield_now().await;
                }
            }
        };
        polyloop::gather!(step("a"), step("b")).await.unwrap();
        assert_eq!(log.take(), ["a0", "b0", "a1", "b1", "a2", "b2"]);
    });
}

#[test]
fn due_timers_run_behind_what_was_ready_before_them() {
    run(async {
        let log = Log::default();
        let (timer, ready) = (log.clone(), log.clone());
        call_later(Duration::ZERO, move || timer.push("timer"));
        call_soon(move || ready.push("ready"));
        sleep(Duration::from_millis(1)).await;
        assert_eq!(log.take(), ["ready", "timer"]);
    });
}

#[test]
fn a_finished_tasks_awaiter_runs_in_the_next_iteration() {
    run(async {
        let log = Log::default();
        let (inner, later) = (log.clone(), log.clone());
        let task = create_task(async move {
            inner.push("task");
            call_soon(move || later.push("queued before the end"));
        });
        task.await.unwrap();
        log.push("awaiter");
        assert_eq!(log.take(), ["task", "queued before the end", "awaiter"]);
    });
}

#[test]
fn a_callback_that_calls_itself_for_ever_starves_nobody() {
    fn again() {
        call_soon(again);
    }
    run(async {
        call_soon(again);
        let listener = polyloop::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let echo = create_task(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buf = [0; 4];
            let count = stream.read(&mut buf).await.unwrap();
            stream.write_all(&buf[..count]).await.unwrap();
        });
        let mut client = polyloop::TcpStream::connect(address).await.unwrap();
        client.write_all(b"ping").await.unwrap();
        let mut buf = [0; 4];
        assert_eq!(client.read(&mut buf).await.unwrap(), 4);
        echo.await.unwrap();
        sleep(Duration::from_millis(2)).await;
    });
}

/// Counts the callbacks between two looks at the backend, and keeps the most there were.
#[derive(Default)]
struct Looks {
    since: Cell<usize>,
    most: Cell<usize>,
}

impl WaitHook for Looks {
    fn before_wait(&self, _: Time) {
        self.most.set(self.most.get().max(self.since.replace(0)));
    }
}

/// Runs so many callbacks, each queued by the one before it, and gives the most between two looks.
fn most_between_looks(callbacks: usize, each: fn()) -> usize {
    fn link(left: usize, each: fn(), looks: Rc<Looks>, end: Rc<Event>) {
        each();
        looks.since.set(looks.since.get() + 1);
        match left {
            1 => end.set(),
            _ => drop(call_soon(move || link(left - 1, each, looks, end))),
        }
    }
    // No timer is armed, not even the one that ends other tests: timers have the clock read.
    let waited = async move {
        let (looks, end) = (Rc::new(Looks::default()), Rc::new(Event::new()));
        Loop::current().unwrap().add_wait_hook(looks.clone());
        let (counted, ended) = (looks.clone(), end.clone());
        call_soon(move || link(callbacks, each, counted, ended));
        end.wait().await;
        looks.most.get().max(looks.since.get())
    };
    polyloop::run(waited).unwrap()
}

#[test]
fn the_backend_is_looked_at_while_work_is_ready() {
    let most = most_between_looks(5_000, || ());
    assert!((1..=256).contains(&most), "{most} quick callbacks without a look");
    let most = most_between_looks(100, || std::thread::sleep(Duration::from_micros(300)));
    assert!((1..=9).contains(&most), "{most} slow callbacks without a look");
}
