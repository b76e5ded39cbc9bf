use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::{Duration, Instant};

use polyloop::{call_at, call_later, create_task, sleep, sleep_until, time, yield_now};

use crate::{Log, run};

const MS: Duration = Duration::from_millis(1);

#[test]
fn a_sleep_tells_its_deadline_from_its_first_poll_on() {
    run(async {
        let mut nap = pin!(sleep(MS * 1000));
        assert_eq!(nap.as_ref().get_ref().deadline(), None);
        let before = time();
        poll_fn(|cx| {
            assert!(nap.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        let deadline = nap.as_ref().get_ref().deadline().expect("its time has begun");
        assert!(deadline >= before + MS * 1000);
        assert_eq!(sleep_until(deadline).deadline(), Some(deadline));
        assert_eq!(yield_now().deadline(), None);
    });
}

#[test]
fn a_sleep_is_never_early() {
    run(async {
        for n in 1..20 {
            let (begin, loop_begin) = (Instant::now(), time());
            sleep(MS * n / 3).await;
            assert!(begin.elapsed() >= MS * n / 3);
            assert!(time().since(loop_begin) >= MS * n / 3);
        }
    });
}

#[test]
fn equal_deadlines_fire_in_the_order_in_which_they_were_made() {
    run(async {
        let order = Rc::new(RefCell::new(Vec::new()));
        let when = time() + MS * 5;
        for n in 0..50 {
            let order = order.clone();
            call_at(when, move || order.borrow_mut().push(n));
        }
        sleep(MS * 8).await;
        assert_eq!(order.take(), (0..50).collect::<Vec<_>>());
    });
}

#[test]
fn a_later_timer_that_was_made_first_fires_last() {
    run(async {
        let log = Log::default();
        let (a, b) = (log.clone(), log.clone());
        call_later(MS * 6, move || a.push("late"));
        call_later(MS * 2, move || b.push("soon"));
        sleep(MS * 10).await;
        assert_eq!(log.take(), ["soon", "late"]);
    });
}

#[test]
fn a_cancelled_timer_does_not_fire() {
    run(async {
        let log = Log::default();
        let told = log.clone();
        let handle = call_later(MS, move || told.push("fired"));
        assert!(handle.when() > time());
        handle.cancel();
        assert!(handle.cancelled());
        sleep(MS * 3).await;
        assert!(log.take().is_empty());
    });
}

#[test]
fn a_timer_cancelled_by_another_of_the_same_moment_does_not_fire() {
    run(async {
        let log = Log::default();
        let when = time() + MS * 2;
        let slot: Rc<RefCell<Option<polyloop::TimerHandle>>> = Rc::default();
        let victim = slot.clone();
        call_at(when, move || victim.borrow().as_ref().unwrap().cancel());
        let told = log.clone();
        slot.replace(Some(call_at(when, move || told.push("fired"))));
        sleep(MS * 5).await;
        assert!(log.take().is_empty());
    });
}

#[test]
fn zero_and_past_deadlines_yield_once_and_enormous_ones_never_end() {
    run(async {
        sleep(Duration::ZERO).await;
        sleep_until(polyloop::Time::ZERO).await;
        let forever = create_task(sleep(Duration::MAX));
        sleep(MS).await;
        assert!(!forever.done());
        forever.cancel();
        assert!(forever.await.unwrap_err().is_cancelled());
    });
}

#[test]
fn ready_work_does_not_starve_timers() {
    run(async {
        let spinner = create_task(async {
            loop {
                yield_now().await;
            }
        });
        let begin = Instant::now();
        sleep(MS * 5).await;
        assert!(begin.elapsed() < Duration::from_secs(5));
        spinner.cancel();
    });
}

#[test]
fn a_hundred_thousand_sleeps_all_end() {
    run(async {
        let sleeps = (0..100_000u64).map(|n| sleep(Duration::from_micros(n % 5_000)));
        polyloop::gather(sleeps).await.unwrap();
    });
}
