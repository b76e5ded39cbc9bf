use polyloop_core::{Error, ErrorKind, Result};

use super::error::{QueueEmpty, QueueFull, QueueGetError, QueuePutError, QueueShutDown};
use super::order::Order;
use super::state::{Getters, Grant, Joiners, Putters, QueueState};
use crate::sync::Shared;

/// What the three queues are: the same calls over items in different orders.
pub(super) struct QueueCore<O: Order> {
    shared: Shared<QueueState<O>>,
}

impl<O: Order> QueueCore<O> {
    pub(super) fn new(maxsize: usize) -> QueueCore<O> {
        QueueCore { shared: Shared::new(QueueState::new(maxsize)) }
    }

    pub(super) async fn put(&self, item: O::Item) -> Result<(), QueueShutDown<O::Item>> {
        let grant = self.shared.obtain::<Putters<O>>(QueueState::reserve).await;
        self.deposit(grant, item)
    }

    pub(super) fn put_nowait(&self, item: O::Item) -> Result<(), QueuePutError<O::Item>> {
        match self.shared.update(QueueState::reserve) {
            Some(grant) => Ok(self.deposit(grant, item)?),
            None => Err(QueueFull(item).into()),
        }
    }

    pub(super) async fn get(&self) -> Result<O::Item, QueueShutDown> {
        let grant = self.shared.obtain::<Getters<O>>(QueueState::claim).await;
        self.take(grant)
    }

    pub(super) fn get_nowait(&self) -> Result<O::Item, QueueGetError> {
        match self.shared.update(QueueState::claim) {
            Some(grant) => Ok(self.take(grant)?),
            None => Err(QueueEmpty.into()),
        }
    }

    pub(super) async fn join(&self) {
        let finished = |state: &mut QueueState<O>| (state.unfinished() == 0).then_some(());
        self.shared.obtain::<Joiners<O>>(finished).await;
    }

    pub(super) fn task_done(&self) -> Result<()> {
        if self.shared.update(QueueState::finish_one) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidInput)
            .attempting("mark more items of a queue done than were put"))
    }

    pub(super) fn shutdown(&self, immediate: bool) {
        let dropped = self.shared.update(|state| state.shut_down(immediate));
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

    fn take(&self, grant: Grant<O::Claim>) -> Result<O::Item, QueueShutDown> {
        self.shared.update(|state| state.take(grant)).ok_or(QueueShutDown(()))
    }

    fn deposit(&self, grant: Grant<()>, item: O::Item) -> Result<(), QueueShutDown<O::Item>> {
        self.shared.update(|state| state.deposit(grant, item)).map_err(QueueShutDown)
    }
}
