/// Gives a runtime that has neither of its own the queue and the lock of smol, which work anywhere.
macro_rules! by_smol {
    ($peer:ty) => {
        impl polyloop_benches::HandOver for $peer {
            type Queue = (smol::channel::Sender<u64>, smol::channel::Receiver<u64>);
            type Lock = smol::lock::Mutex<()>;

            fn queue(&self, room: usize) -> Self::Queue {
                smol::channel::bounded(room)
            }

            async fn put(queue: &Self::Queue, item: u64) {
                queue.0.send(item).await.expect("the receiver is there");
            }

            async fn get(queue: &Self::Queue) -> u64 {
                queue.1.recv().await.expect("the sender is there")
            }

            fn lock(&self) -> Self::Lock {
                smol::lock::Mutex::new(())
            }

            async fn with_lock<R>(lock: &Self::Lock, work: impl Future<Output = R>) -> R {
                let _held = lock.lock().await;
                work.await
            }
        }
    };
}

pub(crate) use by_smol;
