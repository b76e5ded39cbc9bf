use std::fmt;

use polyloop_core::{Error, ErrorKind, Result};

use super::waiters::Waiters;
use super::waiting::{Line, Shared};
use super::wakes::Wakes;
use crate::task::Awaited;

/// Holds tasks until a number of them have come, and lets them go on together, again and again:
/// asyncio's `Barrier`.
///
/// The last to come is not held. A barrier that is [aborted](Barrier::abort) is broken, and lets
/// nobody through until it is [reset](Barrier::reset).
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use polyloop::sync::Barrier;
///
/// polyloop::run(async {
///     let barrier = Rc::new(Barrier::new(3)?);
///     let parties = (0..3).map(|_| {
///         let barrier = barrier.clone();
///         async move { barrier.wait().await }
///     });
///     let indices = polyloop::gather(parties).await?;
///     assert_eq!(indices, [Ok(0), Ok(1), Ok(2)]);
///     Ok::<(), polyloop::Error>(())
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub struct Barrier {
    shared: Shared<Gathering>,
}

/// The barrier was aborted or reset while a task waited at it, or was broken before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BrokenBarrierError;

/// Fewer wait than there are parties, and none if it is broken.
struct Gathering {
    parties: usize,
    broken: bool,
    waiters: Waiters<Passage>,
}

/// The answer to a party: its place among those who came, or that nobody passes.
type Passage = Result<usize, BrokenBarrierError>;

impl Barrier {
    /// Makes a barrier for that many parties.
    ///
    /// # Errors
    ///
    /// *Invalid input* for no parties: nobody could be the last to come.
    pub fn new(parties: usize) -> Result<Barrier> {
        if parties == 0 {
            return Err(Error::new(ErrorKind::InvalidInput)
                .attempting("make a barrier of no parties (it takes at least one)"));
        }
        let gathering = Gathering { parties, broken: false, waiters: Waiters::new() };
        Ok(Barrier { shared: Shared::new(gathering) })
    }

    /// Waits until all parties have come, and gives this one's place among them, from zero.
    ///
    /// Each round gives every index once, so that one of the parties can be picked for what is to
    /// be done once. The next round begins at once.
    ///
    /// # Errors
    ///
    /// If the barrier is broken, or is aborted or reset while this party waits.
    ///
    /// # Cancel safety
    ///
    /// A party that is dropped before the last has come is no longer counted, and those behind it
    /// move up. After that it was there, and the others have passed.
    pub async fn wait(&self) -> Result<usize, BrokenBarrierError> {
        self.shared.obtain::<Gathering>().await
    }

    /// Breaks the barrier: who waits, and who comes until the next
    /// [`reset`](Barrier::reset), gets an error.
    pub fn abort(&self) {
        self.shared.update(|gathering, wakes| {
            gathering.broken = true;
            gathering.waiters.grant_all(Err(BrokenBarrierError), wakes);
        });
    }

    /// Makes the barrier as new. Who waits gets an error.
    pub fn reset(&self) {
        self.shared.update(|gathering, wakes| {
            gathering.broken = false;
            gathering.waiters.grant_all(Err(BrokenBarrierError), wakes);
        });
    }

    /// Gives the number of parties that the barrier takes.
    pub fn parties(&self) -> usize {
        self.shared.read(|gathering| gathering.parties)
    }

    /// Tells how many parties wait.
    pub fn n_waiting(&self) -> usize {
        self.shared.read(|gathering| gathering.waiters.queued())
    }

    /// Tells whether the barrier is broken.
    pub fn broken(&self) -> bool {
        self.shared.read(|gathering| gathering.broken)
    }
}

impl Gathering {
    /// Takes a party in. The last one lets all pass.
    fn come(&mut self, wakes: &mut Wakes) -> Option<Passage> {
        if self.broken {
            return Some(Err(BrokenBarrierError));
        }
        let last = self.parties - 1;
        if self.waiters.queued() < last {
            return None;
        }
        for index in 0..last {
            self.waiters.grant_first(Ok(index), wakes);
        }
        Some(Ok(last))
    }
}

impl Line for Gathering {
    type State = Gathering;
    type Grant = Passage;
    type Output = Passage;

    fn waiters(gathering: &mut Gathering) -> &mut Waiters<Passage> {
        &mut gathering.waiters
    }

    fn awaited(_: &Gathering) -> Awaited {
        Awaited::Barrier
    }

    fn attempt(gathering: &mut Gathering, wakes: &mut Wakes) -> Option<Passage> {
        gathering.come(wakes)
    }

    fn take(_: &mut Gathering, passage: Passage, _: &mut Wakes) -> Passage {
        passage
    }

    /// The others have passed without this one's help; there is nothing to pass on.
    fn pass_on(_: &mut Gathering, _: Passage, _: &mut Wakes) {}
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier")
            .field("parties", &self.parties())
            .field("n_waiting", &self.n_waiting())
            .field("broken", &self.broken())
            .finish()
    }
}

impl fmt::Display for BrokenBarrierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the barrier is broken")
    }
}

impl std::error::Error for BrokenBarrierError {}
