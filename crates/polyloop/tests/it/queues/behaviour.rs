use std::rc::Rc;
use std::time::Duration;

use polyloop::{
    ErrorKind, LifoQueue, PriorityQueue, Queue, QueueEmpty, QueueFull, QueueGetError,
    QueuePutError, create_task, timeout, yield_now,
};

use crate::allocations::allocations;
use crate::{Log, run};

#[test]
fn each_kind_has_its_order() {
    let (fifo, lifo, smallest) = (Queue::new(0), LifoQueue::new(0), PriorityQueue::new(0));
    for item in [2, 3, 1] {
        fifo.put_nowait(item).unwrap();
        lifo.put_nowait(item).unwrap();
        smallest.put_nowait(item).unwrap();
    }
    assert_eq!([0; 3].map(|_| fifo.get_nowait().unwrap()), [2, 3, 1]);
    assert_eq!([0; 3].map(|_| lifo.get_nowait().unwrap()), [1, 3, 2]);
    assert_eq!([0; 3].map(|_| smallest.get_nowait().unwrap()), [1, 2, 3]);
}

#[test]
fn equal_priorities_come_out_as_they_were_put() {
    #[derive(Debug)]
    struct Job(u8, usize);
    impl PartialEq for Job {
        fn eq(&self, other: &Job) -> bool {
            self.0 == other.0
        }
    }
    impl Eq for Job {}
    impl PartialOrd for Job {
        fn partial_cmp(&self, other: &Job) -> Option<std::cmp::Ordering> {
            Some(self.cmp(other))
        }
    }
    impl Ord for Job {
        fn cmp(&self, other: &Job) -> std::cmp::Ordering {
            self.0.cmp(&other.0)
        }
    }
    let queue = PriorityQueue::default();
    for number in 0..40 {
        queue.put_nowait(Job(u8::from(number % 3 == 0), number)).unwrap();
    }
    let mut numbers = Vec::new();
    while let Ok(job) = queue.get_nowait() {
        numbers.push((job.0, job.1));
    }
    assert!(numbers.is_sorted(), "{numbers:?}");
}

#[test]
fn a_full_queue_gives_the_item_back_and_an_empty_one_says_so() {
    let queue = Queue::new(1);
    assert!(queue.empty() && !queue.full());
    assert_eq!(queue.get_nowait(), Err(QueueGetError::Empty(QueueEmpty)));
    queue.put_nowait("one").unwrap();
    assert!(queue.full() && !queue.empty());
    let error = queue.put_nowait("two").unwrap_err();
    assert_eq!(error.to_string(), "the queue is full");
    assert!(error == QueuePutError::Full(QueueFull("two")));
    assert_eq!(error.into_item(), "two");
    assert_eq!((queue.qsize(), queue.maxsize()), (1, 1));
    assert_eq!(format!("{queue:?}"), "Queue { qsize: 1, maxsize: 1, .. }");
}

#[test]
fn zero_is_no_bound() {
    let queue = Queue::default();
    (0..10_000).for_each(|n| queue.put_nowait(n).unwrap());
    assert!(!queue.full());
    assert_eq!((queue.qsize(), queue.maxsize()), (10_000, 0));
}

#[test]
fn getters_are_served_in_the_order_in_which_they_came() {
    run(async {
        let (queue, log) = (Rc::new(Queue::new(0)), Log::default());
        for name in ["first", "second"] {
            let (queue, log) = (queue.clone(), log.clone());
            let get = async move { log.push(format!("{name} {}", queue.get().await.unwrap())) };
            create_task(get).detach();
        }
        yield_now().await;
        queue.put_nowait(1).unwrap();
        assert_eq!((queue.qsize(), queue.empty()), (0, true), "it is handed over");
        assert!(queue.get_nowait().is_err(), "a newcomer does not overtake");
        queue.put_nowait(2).unwrap();
        queue.put_nowait(3).unwrap();
        assert_eq!(queue.get().await, Ok(3));
        yield_now().await;
        assert_eq!(log.take(), ["first 1", "second 2"]);
    });
}

#[test]
fn putters_are_served_in_the_order_in_which_they_came() {
    run(async {
        let queue = Rc::new(Queue::new(1));
        queue.put_nowait(0).unwrap();
        let tasks: Vec<_> = (1..4)
            .map(|n| {
                let queue = queue.clone();
                create_task(async move { queue.put(n).await })
            })
            .collect();
        yield_now().await;
        assert_eq!(queue.get_nowait(), Ok(0));
        assert!(queue.full(), "the place is handed over");
        assert_eq!(queue.put_nowait(9).unwrap_err().into_item(), 9);
        for n in 1..4 {
            assert_eq!(queue.get().await, Ok(n));
        }
        for task in tasks {
            task.await.unwrap().unwrap();
        }
    });
}

#[test]
fn an_item_handed_to_a_cancelled_getter_is_in_front_again() {
    run(async {
        let queue = Rc::new(Queue::new(0));
        let getter = queue.clone();
        let task = create_task(async move { getter.get().await });
        yield_now().await;
        queue.put_nowait(1).unwrap();
        queue.put_nowait(2).unwrap();
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(queue.qsize(), 2);
        assert_eq!([queue.get().await, queue.get().await], [Ok(1), Ok(2)]);
    });
}

#[test]
fn items_that_come_back_in_any_order_are_in_their_old_order() {
    run(async {
        let queue = Rc::new(Queue::new(0));
        let tasks =
            [0; 3].map(|_| queue.clone()).map(|q| create_task(async move { q.get().await }));
        yield_now().await;
        (1..=4).for_each(|n| queue.put_nowait(n).unwrap());
        for n in [1, 2, 0] {
            tasks[n].cancel();
        }
        yield_now().await;
        assert_eq!([0; 4].map(|_| queue.get_nowait().unwrap()), [1, 2, 3, 4]);
    });
}

#[test]
fn a_getter_that_waited_takes_what_is_next_when_it_runs() {
    run(async {
        let (smallest, last) = (Rc::new(PriorityQueue::new(0)), Rc::new(LifoQueue::new(0)));
        let (first, second) = (smallest.clone(), last.clone());
        let first = create_task(async move { first.get().await });
        let second = create_task(async move { second.get().await });
        yield_now().await;
        for item in [3, 1, 2] {
            smallest.put_nowait(item).unwrap();
            last.put_nowait(item).unwrap();
        }
        assert_eq!((first.await.unwrap(), second.await.unwrap()), (Ok(1), Ok(2)));
        assert_eq!((smallest.qsize(), last.qsize()), (2, 2));
    });
}

#[test]
fn a_get_that_times_out_again_and_again_loses_no_item() {
    run(async {
        let queue = Rc::new(Queue::new(2));
        let source = queue.clone();
        let producer = create_task(async move {
            for n in 0..200 {
                source.put(n).await.unwrap();
                if n % 5 == 0 {
                    polyloop::sleep(Duration::from_micros(150)).await;
                }
            }
        });
        let mut seen = 0;
        while seen < 200 {
            if let Ok(item) = timeout(Duration::from_micros(40), queue.get()).await {
                assert_eq!(item, Ok(seen));
                seen += 1;
            }
        }
        producer.await.unwrap();
    });
}

#[test]
fn an_item_whose_put_was_dropped_was_not_put() {
    run(async {
        let queue = Rc::new(Queue::new(1));
        queue.put_nowait(0).unwrap();
        let [first, second] = [1, 2]
            .map(|n| (queue.clone(), n))
            .map(|(q, n)| create_task(async move { q.put(n).await }));
        yield_now().await;
        assert_eq!(queue.get_nowait(), Ok(0));
        first.cancel();
        second.await.unwrap().unwrap();
        assert_eq!(queue.get_nowait(), Ok(2));
        assert!(queue.empty());
    });
}

#[test]
fn join_waits_until_all_is_done() {
    run(async {
        let (queue, log) = (Rc::new(Queue::new(0)), Log::default());
        queue.join().await;
        for n in 0..3 {
            queue.put_nowait(n).unwrap();
        }
        let (worker, told) = (queue.clone(), log.clone());
        create_task(async move {
            while let Ok(n) = worker.get().await {
                yield_now().await;
                told.push(n.to_string());
                worker.task_done().unwrap();
            }
        })
        .detach();
        queue.join().await;
        assert_eq!(log.take(), ["0", "1", "2"]);
    });
}

#[test]
fn task_done_too_often_is_an_error() {
    let queue = Queue::new(0);
    assert_eq!(queue.task_done().unwrap_err().kind(), ErrorKind::InvalidInput);
    queue.put_nowait(1).unwrap();
    queue.task_done().unwrap();
    let error = queue.task_done().unwrap_err();
    assert!(error.to_string().contains("more items of a queue done"), "{error}");
    assert_eq!(queue.get_nowait(), Ok(1));
}

#[test]
fn a_steady_exchange_allocates_nothing() {
    run(async {
        let queue = Rc::new(Queue::new(2));
        let source = queue.clone();
        create_task(async move { while source.put(7).await.is_ok() {} }).detach();
        let mut before = 0;
        for n in 0..2_000 {
            if n == 1_000 {
                before = allocations();
            }
            queue.get().await.unwrap();
        }
        assert_eq!(allocations() - before, 0);
        queue.shutdown(true);
    });
}
