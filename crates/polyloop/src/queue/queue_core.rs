use polyloop_core::{Error, ErrorKind, Result};

use super::error::{QueueFull, QueueGetError, QueuePutError, QueueShutDown};
use super::order::Order;
use super::state::{Getters, Joiners, Putters, QueueState};
use crate::sync::{Shared, Waiting};

/// What the three queues are: the same calls over items in different orders.
pub(super) struct QueueCore<O: Order> {
    shared: Shared<QueueState<O>>,
}

impl<O: Order> QueueCore<O> {
    pub(super) fn new(maxsize: usize) -> QueueCore<O> {
        QueueCore { shared: Shared::new(QueueState::new(maxsize)) }
    }

    pub(super) async fn put(&self, item: O::Item) -> Result<(), QueueShutDown<O::Item>> {
        let item = match self.put_nowait(item) {
            Ok(()) => return Ok(()),
            Err(QueuePutError::ShutDown(error)) => return Err(error),
            Err(QueuePutError::Full(QueueFull(item))) => item,
        };
        // An attempt in vain wakes nobody, so nothing has happened since.
        let grant = self.shared.join::<Putters<O>>().await;
        self.shared.update(|state, wakes| state.deposit(grant, item, wakes))
    }

    pub(super) fn put_nowait(&self, item: O::Item) -> Result<(), QueuePutError<O::Item>> {
        self.shared.update(|state, wakes| state.put(item, wakes))
    }

    pub(super) fn get(&self) -> Waiting<'_, Getters<O>> {
        self.shared.obtain()
    }

    pub(super) fn get_nowait(&self) -> Result<O::Item, QueueGetError> {
        self.shared.update(QueueState::get)
    }

    pub(super) fn join(&self) -> Waiting<'_, Joiners<O>> {
        self.shared.obtain()
    }

    pub(super) fn task_done(&self) -> Result<()> {
        if self.shared.update(QueueState::finish_one) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidInput)
            .attempting("mark more items of a queue done than were put"))
    }

    pub(super) fn shutdown(&self, immediate: bool) {
        let dropped = self.shared.update(|state, wakes| state.shut_down(immediate, wakes));
        drop(dropped);
    }

    pub(super) fn qsize(&self) -> usize {
        self.shared.read(QueueState::unclaimed)
    }

    pub(super) fn full(&self) -> bool {
        !self.shared.read(QueueState::has_place)
    }

    pub(super) fn maxsize(&self) -> usize {
        self.shared.read(QueueState::maxsize)
    }
}
