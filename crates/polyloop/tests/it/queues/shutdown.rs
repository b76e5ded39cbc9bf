use std::rc::Rc;

use polyloop::{Queue, QueueGetError, QueuePutError, QueueShutDown, create_task, yield_now};

use crate::run;

#[test]
fn shutdown_sends_getters_and_putters_away() {
    run(async {
        let (full, empty) = (Rc::new(Queue::new(1)), Rc::new(Queue::<u8>::new(1)));
        full.put_nowait(1).unwrap();
        let (putter, getter) = (full.clone(), empty.clone());
        let putter = create_task(async move { putter.put(2).await });
        let getter = create_task(async move { getter.get().await });
        yield_now().await;
        full.shutdown(false);
        empty.shutdown(false);
        assert_eq!(putter.await.unwrap(), Err(QueueShutDown(2)));
        assert_eq!(getter.await.unwrap(), Err(QueueShutDown(())));
        let error = full.put_nowait(3).unwrap_err();
        assert_eq!(error.to_string(), "the queue is shut down");
        assert!(error == QueuePutError::ShutDown(QueueShutDown(3)));
        assert_eq!(full.put(4).await.unwrap_err().0, 4);
        assert_eq!(full.get().await, Ok(1), "what is there can still be taken");
        assert_eq!(full.get_nowait(), Err(QueueGetError::ShutDown(QueueShutDown(()))));
        assert_eq!(full.get().await, Err(QueueShutDown(())));
    });
}

#[test]
fn an_immediate_shutdown_drops_the_items_and_counts_them_as_done() {
    run(async {
        let queue = Rc::new(Queue::new(0));
        let item = Rc::new(());
        for _ in 0..3 {
            queue.put_nowait(item.clone()).unwrap();
        }
        drop(queue.get().await);
        let joiner = queue.clone();
        let joiner = create_task(async move { joiner.join().await });
        yield_now().await;
        queue.shutdown(false);
        queue.shutdown(true);
        assert_eq!(Rc::strong_count(&item), 1);
        yield_now().await;
        assert!(!joiner.done(), "the item that was taken is not done");
        queue.task_done().unwrap();
        joiner.await.unwrap();
        assert!(queue.task_done().is_err());
    });
}

#[test]
fn an_item_in_hand_outlives_a_shutdown_but_not_an_immediate_one() {
    run(async {
        for immediate in [false, true] {
            let queue = Rc::new(Queue::new(1));
            let getter = queue.clone();
            let getter = create_task(async move { getter.get().await });
            yield_now().await;
            queue.put_nowait(1).unwrap();
            queue.shutdown(immediate);
            let expected = if immediate { Err(QueueShutDown(())) } else { Ok(1) };
            assert_eq!(getter.await.unwrap(), expected);
        }
    });
}

#[test]
fn the_last_item_of_a_queue_that_is_shut_down_outlives_a_cancelled_getter() {
    run(async {
        let queue = Rc::new(Queue::new(1));
        let [first, second] = [0, 1]
            .map(|_| queue.clone())
            .map(|queue| create_task(async move { queue.get().await }));
        yield_now().await;
        queue.put_nowait(1).unwrap();
        queue.shutdown(false);
        first.cancel();
        assert_eq!(second.await.unwrap(), Ok(1));
        assert!(first.await.is_err());
    });
}

#[test]
fn an_immediate_shutdown_drops_what_was_handed_over_before_its_getter_runs() {
    run(async {
        let (queue, item) = (Rc::new(Queue::new(0)), Rc::new(()));
        let getter = queue.clone();
        let getter = create_task(async move { getter.get().await });
        yield_now().await;
        queue.put_nowait(item.clone()).unwrap();
        assert_eq!(Rc::strong_count(&item), 2);
        queue.shutdown(true);
        assert_eq!(Rc::strong_count(&item), 1);
        assert!(queue.task_done().is_err(), "it counts as done");
        assert_eq!(getter.await.unwrap(), Err(QueueShutDown(())));
    });
}
