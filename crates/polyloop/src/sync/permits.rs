use super::waiters::Waiters;
use super::waiting::{Line, Shared, Waiting};
use super::wakes::Wakes;
use crate::task::Awaited;

/// A number of permits and who waits for one: what locks and semaphores are made of.
#[derive(Debug)]
pub(crate) struct Permits {
    shared: Shared<Count>,
}

/// One permit, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    permits: &'a Permits,
}

/// Nobody waits while a permit is available. A permit that was handed to a waiter is not
/// available, whether the waiter has run or not.
pub(super) struct Count {
    available: usize,
    /// How many were taken for good, so that a bounded semaphore can take them back.
    forgotten: usize,
    waiters: Waiters,
    /// What they are permits of.
    awaited: Awaited,
}

impl Permits {
    pub(crate) const fn new(available: usize, awaited: Awaited) -> Permits {
        let waiters = Waiters::new();
        Permits { shared: Shared::new(Count { available, forgotten: 0, waiters, awaited }) }
    }

    /// Takes a permit, in turn. The caller gives it back with [`add`](Permits::add).
    pub(super) fn take(&self) -> Waiting<'_, Count> {
        self.shared.obtain::<Count>()
    }

    /// Makes a guard of a permit that was taken.
    pub(super) fn guard(&self) -> Permit<'_> {
        Permit { permits: self }
    }

    /// Takes a permit if one is available now.
    pub(crate) fn try_take(&self) -> bool {
        self.shared.update(|count, _| count.take()).is_some()
    }

    pub(crate) fn try_acquire(&self) -> Option<Permit<'_>> {
        self.try_take().then(|| self.guard())
    }

    /// Hands a permit to the first waiter, or makes it available.
    pub(crate) fn add(&self) {
        self.shared.update(Count::add);
    }

    /// Has one permit less from now on, or until [`recall`](Permits::recall).
    pub(crate) fn forget_one(&self) {
        self.shared.update(|count, _| count.forgotten += 1);
    }

    /// Adds a permit that was forgotten, and tells whether there was one.
    pub(crate) fn recall(&self) -> bool {
        self.shared.update(|count, wakes| {
            let any = count.forgotten > 0;
            if any {
                count.forgotten -= 1;
                count.add(wakes);
            }
            any
        })
    }

    pub(crate) fn available(&self) -> usize {
        self.shared.read(|count| count.available)
    }
}

impl Permit<'_> {
    /// Does not give the permit back.
    pub(crate) fn forget(self) {
        self.permits.forget_one();
        std::mem::forget(self);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.permits.add();
    }
}

impl Count {
    fn take(&mut self) -> Option<()> {
        self.available = self.available.checked_sub(1)?;
        Some(())
    }

    fn add(&mut self, wakes: &mut Wakes) {
        if !self.waiters.grant_first((), wakes) {
            let more = self.available.checked_add(1);
            self.available = more.expect("a semaphore has at most usize::MAX permits");
        }
    }
}

impl Line for Count {
    type State = Count;
    type Grant = ();
    type Output = ();

    fn waiters(count: &mut Count) -> &mut Waiters {
        &mut count.waiters
    }

    fn awaited(count: &Count) -> Awaited {
        count.awaited
    }

    fn attempt(count: &mut Count, _: &mut Wakes) -> Option<()> {
        count.take()
    }

    fn take(_: &mut Count, (): (), _: &mut Wakes) {}

    fn pass_on(count: &mut Count, (): (), wakes: &mut Wakes) {
        count.add(wakes);
    }
}
