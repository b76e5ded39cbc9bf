use std::collections::VecDeque;

use polyloop_core::{
    Batch, Census, Completion, Error, ErrorKind, Interest, Key, LoopConfig, Op, OpId, Output, Pool,
    Result, Slab, Submission, Token,
};

use super::disk::Disk;
use super::flaw::Flaw;
use super::network::Network;
use super::resource::{Body, Resource};

/// Everything that the model loop holds, and the one rule by which it moves.
///
/// A change touches the keys that may now go on; [`World::settle`] lets each of them go on
/// until nothing moves any more. Between calls nothing is touched, so every op in a lane waits
/// for something from outside. `ready` holds what turns have not delivered, in order.
pub(super) struct World {
    pub(super) config: LoopConfig,
    pub(super) flaw: Option<Flaw>,
    pub(super) resources: Slab<Key, Resource>,
    pub(super) ops: Slab<OpId, Pending>,
    pub(super) ready: VecDeque<Completion>,
    pub(super) pool: Pool,
    pub(super) network: Network,
    pub(super) disk: Disk,
    pub(super) touched: VecDeque<Key>,
    pub(super) closed: bool,
}

/// An op in flight.
pub(super) struct Pending {
    pub(super) op: Op,
    pub(super) token: Token,
    /// How many bytes of a send have gone.
    pub(super) progress: usize,
    /// What a send from a file sends, once it has begun.
    pub(super) loaded: Option<Vec<u8>>,
    /// What a multishot poll has told and what has lasted since.
    pub(super) told: Interest,
    /// It has looked once; only a flaw asks.
    pub(super) seen: bool,
}

impl World {
    pub(super) fn new(config: &LoopConfig, flaw: Option<Flaw>) -> World {
        World {
            config: config.clone(),
            flaw,
            resources: Slab::new(),
            ops: Slab::new(),
            ready: VecDeque::new(),
            pool: Pool::new(config.chunk_size, config.chunks_max),
            network: Network::default(),
            disk: Disk::default(),
            touched: VecDeque::new(),
            closed: false,
        }
    }

    /// Takes an op on, or answers it at once.
    pub(super) fn submit(&mut self, op: Op, token: Token) -> Submission {
        if let Err(error) = self.admit(&op) {
            return Submission::Done(Completion::terminal(token, Err(error), op));
        }
        if let Op::Open { spec } = &op {
            let result = self.open(spec);
            return Submission::Done(Completion::terminal(token, result, op));
        }
        if op.key().is_none() {
            let unsaid = self.flaw == Some(Flaw::AttemptUnsaid);
            let result = self.disk.do_path_op(&op, self.flaw).map_err(|error| {
                match op.attempt_on_paths().filter(|_| !unsaid) {
                    Some(what) => error.attempting(what),
                    None => error,
                }
            });
            return Submission::Done(Completion::terminal(token, result, op));
        }
        if self.flaw == Some(Flaw::SubmitForgetsUnderLoad) && self.ops.len() == 2 {
            let phantom = self.ops.insert(Pending::new(op, token));
            self.ops.remove(phantom);
            return Submission::Queued(phantom);
        }
        if let Some(file) = op.second_key().and_then(|file| self.resources.get_mut(file)) {
            file.senders += 1;
        }
        let id = self.ops.insert(Pending::new(op, token));
        self.enter_lane(id);
        if self.flaw != Some(Flaw::TryRecvOvertakes) {
            self.settle();
        }
        Submission::Queued(id)
    }

    /// Lets every touched key go on, and those that it touches.
    pub(super) fn settle(&mut self) {
        while let Some(key) = self.touched.pop_front() {
            self.advance(key);
        }
    }

    /// Moves what has completed into the batch; tells whether some did not fit.
    pub(super) fn deliver(&mut self, batch: &mut Batch) -> bool {
        while let Some(completion) = self.ready.pop_front() {
            if let Err(completion) = batch.push(completion) {
                if self.flaw != Some(Flaw::BatchOverflowLost) {
                    self.ready.push_front(completion);
                }
                return self.flaw != Some(Flaw::MoreUntold) && !self.ready.is_empty();
            }
        }
        false
    }

    /// Ends an op: its terminal completion is ready.
    pub(super) fn complete(&mut self, id: OpId, result: Result<Output>) {
        let pending = self.ops.remove(id).expect("an op in a lane is in flight");
        let file = pending.op.second_key();
        if let Some((file, resource)) = file.and_then(|it| Some((it, self.resources.get_mut(it)?)))
        {
            resource.senders -= 1;
            self.touch(file);
        }
        self.ready.push_back(Completion::terminal(pending.token, result, pending.op));
    }

    /// Gives a step of an op that goes on.
    pub(super) fn tell(&mut self, id: OpId, output: Output) {
        let pending = self.ops.get(id).expect("an op in a lane is in flight");
        self.ready.push_back(Completion::more(pending.token, output));
    }

    /// Makes a key for a body, within the bound.
    pub(super) fn insert(&mut self, body: Body) -> Result<Key> {
        if self.is_full() {
            return Err(ErrorKind::ResourceExhausted.into());
        }
        Ok(self.resources.insert(Resource::new(body)))
    }

    pub(super) fn is_full(&self) -> bool {
        self.flaw != Some(Flaw::ResourcesUnbounded)
            && self.resources.len() >= self.config.resources_max
    }

    pub(super) fn touch(&mut self, key: Key) {
        self.touched.push_back(key);
    }

    /// Finds a resource by a key that is not stale.
    pub(super) fn live(&self, key: Key) -> Result<&Resource> {
        if self.closed && self.flaw != Some(Flaw::CallsAfterClose) {
            return Err(ErrorKind::LoopClosed.into());
        }
        match self.resources.get(key) {
            Some(resource) if resource.closing.is_none() => Ok(resource),
            Some(resource) if self.flaw == Some(Flaw::KeyAliveWhileClosing) => Ok(resource),
            _ => Err(Error::new(ErrorKind::StaleKey)),
        }
    }

    pub(super) fn live_mut(&mut self, key: Key) -> Result<&mut Resource> {
        self.live(key)?;
        Ok(self.resources.get_mut(key).expect("found just now"))
    }

    pub(super) fn census(&mut self) -> Census {
        let open = self.resources.iter().filter(|(_, found)| found.closing.is_none()).count();
        let undelivered = self.ready.iter().filter(|done| !done.is_more()).count();
        Census::new(open, self.ops.len() + undelivered, self.pool.leased())
    }
}

impl Pending {
    fn new(op: Op, token: Token) -> Pending {
        Pending { op, token, progress: 0, loaded: None, told: Interest::NONE, seen: false }
    }
}
