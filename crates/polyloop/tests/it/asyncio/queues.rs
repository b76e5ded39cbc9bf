//! Queues: items and those who wait for them are served in order.

use std::rc::Rc;

use polyloop::{
    LifoQueue, PriorityQueue, Queue, QueueGetError, QueuePutError, create_task, yield_now,
};

use super::script::{Log, py, run};

pub(super) fn queue_producer_and_consumer(log: Log) {
    run(async move {
        let queue = Rc::new(Queue::new(0));
        let (inside, source) = (log.clone(), queue.clone());
        let consumer = async move {
            while let Some(item) = source.get().await.unwrap() {
                inside.push(format!("got {item}"));
            }
            inside.push("consumer ends");
        };
        let producer = async move {
            for n in 0..3 {
                queue.put(Some(n)).await.unwrap();
                log.push(format!("put {n}"));
            }
            queue.put(None).await.unwrap();
        };
        polyloop::gather!(consumer, producer).await.unwrap();
    });
}

pub(super) fn queue_bounded(log: Log) {
    run(async move {
        let queue = Rc::new(Queue::new(1));
        let (inside, target) = (log.clone(), queue.clone());
        let producer = async move {
            for n in 0..4 {
                target.put(n).await.unwrap();
                inside.push(format!("put {n}, size {}", target.qsize()));
            }
        };
        let (inside, source) = (log.clone(), queue.clone());
        let consumer = async move {
            for _ in 0..4 {
                inside.push(format!("got {}", source.get().await.unwrap()));
                yield_now().await;
            }
        };
        polyloop::gather!(producer, consumer).await.unwrap();
        log.push(format!("empty: {}, full: {}", py(queue.empty()), py(queue.full())));
    });
}

pub(super) fn queue_getters_are_served_in_order(log: Log) {
    async fn getter(log: Log, name: &str, queue: Rc<Queue<u32>>) {
        log.push(format!("{name} waits"));
        log.push(format!("{name} got {}", queue.get().await.unwrap()));
    }
    run(async move {
        let queue = Rc::new(Queue::new(0));
        let tasks =
            ["a", "b", "c"].map(|name| create_task(getter(log.clone(), name, queue.clone())));
        yield_now().await;
        for n in 0..3 {
            queue.put_nowait(n).unwrap();
        }
        log.push("put three");
        for task in tasks {
            task.await.unwrap();
        }
    });
}

pub(super) fn queue_getter_is_cancelled(log: Log) {
    async fn getter(log: Log, name: &str, queue: Rc<Queue<&str>>) {
        let _end = log.finally(format!("{name} ends"));
        log.push(format!("{name} got {}", queue.get().await.unwrap()));
    }
    run(async move {
        let queue = Rc::new(Queue::new(0));
        let one = create_task(getter(log.clone(), "one", queue.clone()));
        let two = create_task(getter(log.clone(), "two", queue.clone()));
        yield_now().await;
        queue.put_nowait("item").unwrap();
        one.cancel();
        log.push("put and cancelled");
        two.await.unwrap();
        log.push(format!("size {}", queue.qsize()));
    });
}

pub(super) fn queue_join(log: Log) {
    async fn worker(log: Log, queue: Rc<Queue<u32>>) {
        while let Ok(item) = queue.get().await {
            yield_now().await;
            log.push(format!("did {item}"));
            queue.task_done().unwrap();
        }
    }
    run(async move {
        let queue = Rc::new(Queue::new(0));
        for n in 0..3 {
            queue.put_nowait(n).unwrap();
        }
        let task = create_task(worker(log.clone(), queue.clone()));
        queue.join().await;
        log.push("joined");
        task.cancel();
        if queue.task_done().is_err() {
            log.push("done too often");
        }
    });
}

pub(super) fn queue_without_waiting(log: Log) {
    run(async move {
        let queue = Queue::new(2);
        if let Err(QueueGetError::Empty(_)) = queue.get_nowait() {
            log.push("empty");
        }
        queue.put_nowait(1).unwrap();
        queue.put_nowait(2).unwrap();
        if let Err(QueuePutError::Full(_)) = queue.put_nowait(3) {
            log.push("full");
        }
        let (first, second) = (queue.get_nowait().unwrap(), queue.get_nowait().unwrap());
        log.push(format!("{first} {second} {}", queue.qsize()));
    });
}

pub(super) fn queue_by_priority_and_last_in(log: Log) {
    run(async move {
        let (priority, stack) = (PriorityQueue::new(0), LifoQueue::new(0));
        for n in [3, 1, 2] {
            priority.put_nowait(n).unwrap();
            stack.put_nowait(n).unwrap();
        }
        log.push("priority");
        while !priority.empty() {
            log.push(priority.get().await.unwrap().to_string());
        }
        log.push("stack");
        while !stack.empty() {
            log.push(stack.get().await.unwrap().to_string());
        }
    });
}

pub(super) fn queue_shut_down(log: Log) {
    async fn getter(log: Log, name: &str, queue: Rc<Queue<u32>>) {
        while let Ok(item) = queue.get().await {
            log.push(format!("{name} got {item}"));
        }
        log.push(format!("{name}: shut down"));
    }
    run(async move {
        let queue = Rc::new(Queue::new(0));
        let tasks = ["a", "b"].map(|name| create_task(getter(log.clone(), name, queue.clone())));
        yield_now().await;
        queue.put_nowait(1).unwrap();
        queue.shutdown(false);
        log.push("shut down");
        if let Err(QueuePutError::ShutDown(_)) = queue.put_nowait(2) {
            log.push("put refused");
        }
        for task in tasks {
            task.await.unwrap();
        }
    });
}
