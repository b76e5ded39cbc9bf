//! `LoopFuture`: asyncio's `Future`.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use polyloop::{
    Loop, LoopFuture, Runner, call_soon, create_future, create_task, sleep, timeout, yield_now,
};

use crate::{Log, run};

#[test]
fn every_awaiter_gets_the_result() {
    run(async {
        let future = create_future();
        let tasks: Vec<_> = (0..5).map(|_| create_task(future.clone())).collect();
        yield_now().await;
        future.set_result("set".to_owned()).unwrap();
        for task in tasks {
            assert_eq!(task.await.unwrap().unwrap(), "set");
        }
        assert_eq!(future.clone().await.unwrap(), "set", "and again");
        assert_eq!(future.result().unwrap().unwrap(), "set");
    });
}

#[test]
fn awaiters_and_callbacks_are_told_in_order_in_the_next_iteration() {
    run(async {
        let log = Log::default();
        let future = create_future::<u32>();
        let (one, two) = (log.clone(), log.clone());
        future.add_done_callback(move |_| one.push("callback 1"));
        let (told, awaited) = (log.clone(), future.clone());
        let task = create_task(async move {
            awaited.await.unwrap();
            told.push("awaiter");
        });
        yield_now().await;
        future.add_done_callback(move |done| {
            two.push(format!("callback 2: {}", done.result().unwrap().unwrap()));
        });
        let before = log.clone();
        call_soon(move || before.push("queued before"));
        future.set_result(7).unwrap();
        log.push("set");
        task.await.unwrap();
        yield_now().await;
        let expected = ["set", "queued before", "callback 1", "awaiter", "callback 2: 7"];
        assert_eq!(log.take(), expected);
    });
}

#[test]
fn a_result_is_set_once_and_the_second_comes_back() {
    run(async {
        let future = create_future();
        future.set_result(vec![1]).unwrap();
        let error = future.set_result(vec![2]).unwrap_err();
        assert_eq!(error.to_string(), "the future is done already");
        assert_eq!(error.into_rejected(), [2]);
        assert_eq!(future.set_exception("late").unwrap_err().into_rejected(), "late");
        assert!(!future.cancel());
        assert!(!future.cancelled());
        assert_eq!(future.result().unwrap().unwrap(), &[1]);
        assert!(future.exception().unwrap().is_none());
    });
}

#[test]
fn asking_before_it_is_done_is_an_invalid_state() {
    run(async {
        let future = create_future::<u8>();
        assert!(!future.done());
        assert_eq!(future.result().unwrap_err().to_string(), "the future is not done");
        let error: polyloop::Error = future.exception().unwrap_err().into();
        assert_eq!(error.kind(), polyloop::ErrorKind::InvalidInput);
    });
}

#[test]
fn an_error_reaches_every_awaiter_with_its_type() {
    run(async {
        let future = create_future::<u8>();
        let task = create_task(future.clone());
        yield_now().await;
        future.set_exception(io::Error::from(io::ErrorKind::AddrInUse)).unwrap();
        let error = task.await.unwrap().unwrap_err();
        assert!(!error.is_cancelled());
        assert_eq!(error.downcast_ref::<io::Error>().unwrap().kind(), io::ErrorKind::AddrInUse);
        assert!(future.exception().unwrap().is_some());
    });
}

#[test]
fn cancelling_tells_the_awaiters_and_keeps_its_message() {
    run(async {
        let future = create_future::<u8>();
        let task = create_task(future.clone());
        yield_now().await;
        assert!(future.cancel_with("enough"));
        assert!(future.cancelled() && future.done());
        let error = task.await.unwrap().unwrap_err();
        assert!(error.is_cancelled());
        assert_eq!(error.message().as_deref(), Some("enough"));
        assert_eq!(future.set_result(1).unwrap_err().into_rejected(), 1);
    });
}

#[test]
fn giving_up_awaiting_leaves_the_future_to_the_others() {
    run(async {
        let future = create_future::<u8>();
        let mut own = future.clone();
        assert!(timeout(Duration::from_millis(1), &mut own).await.is_err());
        assert!(timeout(Duration::from_millis(1), future.clone()).await.is_err());
        assert!(!future.done());
        future.set_result(3).unwrap();
        assert_eq!(own.await.unwrap(), 3);
    });
}

#[test]
fn callbacks_can_be_removed_and_added_late() {
    run(async {
        let log = Log::default();
        let future = create_future::<u8>();
        let (kept, removed, late) = (log.clone(), log.clone(), log.clone());
        let id = future.add_done_callback(move |_| removed.push("removed"));
        future.add_done_callback(move |_| kept.push("kept"));
        assert!(future.remove_done_callback(id));
        assert!(!future.remove_done_callback(id));
        future.set_result(1).unwrap();
        let late_id = future.add_done_callback(move |_| late.push("late"));
        assert!(!future.remove_done_callback(late_id), "it is on its way");
        assert!(log.take().is_empty());
        yield_now().await;
        assert_eq!(log.take(), ["kept", "late"]);
    });
}

#[test]
fn an_error_that_nobody_asks_for_reaches_the_exception_handler() {
    run(async {
        let seen = Rc::new(RefCell::new(Vec::new()));
        let log = seen.clone();
        let events = Loop::current().unwrap();
        events.set_exception_handler(move |context| log.borrow_mut().push(context.panic.clone()));
        let lost = create_future::<u8>();
        lost.set_exception("lost").unwrap();
        let (asked, cancelled) = (create_future::<u8>(), create_future::<u8>());
        asked.set_exception("asked").unwrap();
        assert!(asked.exception().unwrap().is_some());
        cancelled.cancel();
        drop((lost, asked, cancelled));
        assert_eq!(seen.take(), ["lost"]);
    });
}

#[test]
fn a_callback_may_set_another_future_and_drop_its_own() {
    run(async {
        let (first, second) = (create_future::<u8>(), create_future::<u8>());
        let next = second.clone();
        first.add_done_callback(move |done| {
            next.set_result(done.result().unwrap().unwrap() + 1).unwrap();
        });
        call_soon(move || first.set_result(1).unwrap());
        assert_eq!(second.await.unwrap(), 2);
    });
}

#[test]
fn a_future_that_outlives_its_loop_can_be_set_but_tells_nobody() {
    let runner = Runner::new().unwrap();
    let future: LoopFuture<u8> = runner.event_loop().create_future();
    assert!(future.event_loop().is_ok());
    let log = Log::default();
    let told = log.clone();
    future.add_done_callback(move |_| told.push("told"));
    runner.close();
    assert_eq!(future.event_loop().unwrap_err().kind(), polyloop::ErrorKind::LoopClosed);
    future.set_result(1).unwrap();
    assert!(log.take().is_empty());
    let other = Runner::new().unwrap();
    let late: LoopFuture<u8> = other.event_loop().create_future();
    let pending = late.clone();
    other.close();
    assert!(run(async move { pending.await.unwrap_err() }).is_cancelled());
    assert!(!late.done());
    run(sleep(Duration::ZERO));
}
