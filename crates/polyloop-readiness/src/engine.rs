use std::collections::VecDeque;

use polyloop_core::{
    Batch, Census, Completion, Error, ErrorKind, Interest, Key, LoopConfig, Op, OsHandle, Output,
    Pool, Result, Slab, Submission, Token,
};
use polyloop_os::{Blocking, Clock, HandleKind};

use crate::fit;
use crate::jobs::Jobs;
use crate::op_table::{Flight, OpTable};
use crate::outbox::Outbox;
use crate::pauses::Pause;
use crate::polls;
use crate::resource::{Direction, Lane, Resource, Watch};
use crate::selector::{Selector, Trigger};
use crate::soon::Soon;
use crate::subscription::POSITIONS_MAX;
use crate::tag::Tag;

/// All that an open loop holds: what its ops and resources are, and who is to be looked at next.
///
/// Between calls:
/// * `ready` holds the key of every resource with `is_ready`, once; it may hold stale keys.
/// * `pauses` holds, in the order of their ends, the lanes with `paused`; also of stale keys.
/// * `ending` is the number of resources whose key is stale already.
/// * A terminal completion in `outbox` of an op that keeps an order is counted in its lane.
#[derive(Debug)]
pub(crate) struct Engine<S: Selector> {
    pub(crate) selector: S,
    pub(crate) resources: Slab<Key, Resource>,
    pub(crate) ending: usize,
    pub(crate) ops: OpTable,
    pub(crate) outbox: Outbox,
    pub(crate) ready: VecDeque<Key>,
    pub(crate) pauses: VecDeque<Pause>,
    pub(crate) jobs: Jobs,
    pub(crate) soon: Soon,
    pub(crate) pool: Pool,
    pub(crate) clock: Clock,
    pub(crate) resources_max: usize,
    ops_max: usize,
    trusts_short: bool,
}

impl<S: Selector> Engine<S> {
    pub(crate) fn new(selector: S, clock: Clock, config: &LoopConfig) -> Engine<S> {
        Engine {
            trusts_short: selector.trigger() == Trigger::Edge && selector.reports_read_closed(),
            jobs: Jobs::new(selector.notifier()),
            selector,
            soon: Soon::default(),
            resources: Slab::new(),
            ending: 0,
            ops: OpTable::default(),
            outbox: Outbox::default(),
            ready: VecDeque::new(),
            pauses: VecDeque::new(),
            pool: Pool::new(config.pulled_chunk_size, config.chunks_max),
            clock,
            resources_max: config.resources_max.min(Tag::RESOURCES_MAX).min(POSITIONS_MAX),
            ops_max: config.ops_max.min(POSITIONS_MAX),
        }
    }

    /// Tells whether an op is taken on also at the bound: what ends a resource, or a direction of
    /// it. There is one of each for a resource at most.
    fn is_always_taken(&self, op: &Op) -> bool {
        match op {
            Op::Close { .. } | Op::Detach { .. } => true,
            Op::Shutdown { key, .. } => self.resources.get(*key).is_some_and(|resource| {
                let first = resource.lane(Direction::Outward).ops.first();
                let mut queued = std::iter::successors(first, |id| self.ops.next(*id));
                queued.all(|id| {
                    let op = self.ops.get(id).and_then(|flight| flight.op.as_ref());
                    !matches!(op, Some(Op::Shutdown { .. }))
                })
            }),
            _ => false,
        }
    }

    /// Takes an op on.
    pub(crate) fn submit(&mut self, op: Op, token: Token) -> Submission {
        let is_full = self.ops_of_callers() >= self.ops_max;
        if is_full && !self.is_always_taken(&op) {
            return refuse(op, token, ErrorKind::ResourceExhausted);
        }
        if let Some(key) = op.key() {
            let source = op.second_key().map_or(Ok(HandleKind::File), |source| {
                self.live(source).map(|resource| resource.kind)
            });
            match self.live(key).and_then(|resource| Ok((resource, source?))) {
                Err(error) => return Submission::Done(Completion::terminal(token, Err(error), op)),
                Ok((resource, source))
                    if !fit::fits(&op, resource.kind) || source != HandleKind::File =>
                {
                    return refuse(op, token, ErrorKind::InvalidInput);
                }
                Ok(_) => {}
            }
        }
        if !op.is_well_formed() {
            return refuse(op, token, ErrorKind::InvalidInput);
        }
        match op {
            Op::Open { .. } => self.submit_open(op, token),
            Op::Accept { key } | Op::Recv { key, .. } | Op::RecvFrom { key, .. } => {
                self.submit_in_lane(key, op, token, Direction::Inward)
            }
            Op::Connect { key, .. }
            | Op::Send { key, .. }
            | Op::SendVectored { key, .. }
            | Op::SendFile { key, .. }
            | Op::SendTo { key, .. }
            | Op::Shutdown { key, .. } => self.submit_in_lane(key, op, token, Direction::Outward),
            Op::AcceptMulti { key } | Op::RecvMulti { key } => self.submit_multi(key, op, token),
            Op::Poll { key, .. } | Op::PollMulti { key, .. } | Op::AwaitExit { key } => {
                self.submit_poll(key, op, token)
            }
            Op::ReadAt { key, .. }
            | Op::WriteAt { key, .. }
            | Op::ReadVectoredAt { key, .. }
            | Op::WriteVectoredAt { key, .. }
            | Op::Truncate { key, .. }
            | Op::Stat { key }
            | Op::Sync { key, .. } => self.submit_job(key, op, token),
            Op::StatPath { .. }
            | Op::Rename { .. }
            | Op::Remove { .. }
            | Op::MakeDirectory { .. }
            | Op::Link { .. }
            | Op::Symlink { .. } => self.submit_path_job(op, token),
            Op::Close { key, .. } | Op::Detach { key } => self.submit_ending(key, op, token),
            op => refuse(op, token, ErrorKind::Unsupported),
        }
    }

    /// Finds the resource of a key that is not stale.
    pub(crate) fn live(&self, key: Key) -> Result<&Resource> {
        match self.resources.get(key) {
            Some(resource) if !resource.is_ending() => Ok(resource),
            _ => Err(ErrorKind::StaleKey.into()),
        }
    }

    /// Finds the resource of a key that is not stale, to change it.
    pub(crate) fn live_mut(&mut self, key: Key) -> Result<&mut Resource> {
        live_mut(&mut self.resources, key)
    }

    /// Tells whether `count` more resources are within the bound.
    pub(crate) fn has_room(&self, count: usize) -> bool {
        self.resources.len() + count <= self.resources_max
    }

    /// Makes a handle that was offered not to wait, and tells what it is and was.
    pub(crate) fn prepare_handle(&self, handle: &OsHandle) -> Result<(HandleKind, Blocking)> {
        if !self.has_room(1) {
            return Err(ErrorKind::ResourceExhausted.into());
        }
        let kind = polyloop_os::kind_of(handle).ok_or(ErrorKind::Unsupported)?;
        Ok((kind, polyloop_os::set_blocking(handle, Blocking::No)?))
    }

    /// Takes a handle on that the caller has made not to wait.
    pub(crate) fn adopt(&mut self, handle: OsHandle, kind: HandleKind, restore: Blocking) -> Key {
        let mut resource = Resource::new(handle, kind, restore);
        resource.short_is_blocked = self.trusts_short && resource.is_stream();
        self.resources.insert(resource)
    }

    /// Has somebody look at the resource in the next turn.
    pub(crate) fn mark_ready(&mut self, key: Key) {
        if let Some(resource) = self.resources.get_mut(key)
            && !resource.is_ready
        {
            resource.is_ready = true;
            self.ready.push_back(key);
        }
    }

    /// Makes sure that an event will tell of what the resource waits for.
    pub(crate) fn watch(&mut self, key: Key) -> Result<()> {
        let Some(resource) = self.resources.get_mut(key) else { return Ok(()) };
        match (self.selector.trigger(), resource.watch) {
            (_, Watch::Standing) => {}
            (Trigger::Edge, _) => stand(&mut self.selector, key, resource)?,
            (Trigger::OneShot, watch) => {
                let handle = resource.handle.as_os();
                let polled = polled_interest(&self.ops, resource);
                let wanted = resource.wanted(polled);
                let armed = if let Watch::Armed(armed) = watch { armed } else { Interest::NONE };
                if armed.contains(wanted) {
                    return Ok(());
                }
                let (tag, wanted) = (Tag::of(key), wanted | armed);
                let result = match watch {
                    Watch::Absent => self.selector.register(handle, tag, wanted),
                    _ => self.selector.rearm(handle, tag, wanted),
                };
                result.map_err(|error| Error::from(error).attempting("watch a descriptor"))?;
                resource.watch = Watch::Armed(wanted);
            }
        }
        Ok(())
    }

    /// Answers a submission whose op has ended, behind earlier ops of its direction.
    pub(crate) fn answer(&mut self, flight: Flight, result: Result<Output>) -> Submission {
        let direction = flight.op.as_ref().and_then(|op| fit::direction(op.kind()));
        let waits = direction.is_some_and(|direction| {
            let resource = self.resources.get(flight.key);
            resource.is_some_and(|resource| resource.lane(direction).undelivered > 0)
        });
        if !waits {
            return Submission::Done(flight.complete(result));
        }
        let (id, flight) = self.ops.mint_stale(flight);
        self.post(flight.complete(result));
        Submission::Queued(id)
    }

    /// Has a completion delivered by a later turn.
    pub(crate) fn post(&mut self, completion: Completion) {
        if let Some(lane) = lane_of(&mut self.resources, &completion) {
            lane.undelivered += 1;
        }
        self.outbox.push(completion);
    }

    /// Moves completions into the batch, as many as fit.
    pub(crate) fn deliver(&mut self, batch: &mut Batch) {
        while !batch.is_full() {
            let Some(completion) = self.outbox.pop() else { break };
            if let Some(lane) = lane_of(&mut self.resources, &completion) {
                lane.undelivered -= 1;
            }
            batch.push(completion).expect("the batch was not full");
        }
    }

    pub(crate) fn census(&mut self) -> Census {
        let resources = self.resources.len() - self.ending;
        Census::new(resources, self.ops_of_callers(), self.pool.leased())
    }

    /// Counts the ops whose end their callers have not been told.
    pub(crate) fn ops_of_callers(&self) -> usize {
        self.ops.len() + self.outbox.terminal() - self.soon.in_flight
    }
}

/// Registrations end before their handles do. The loop sees to it that this does not run in a
/// forked child.
impl<S: Selector> Drop for Engine<S> {
    fn drop(&mut self) {
        for key in self.resources.keys() {
            self.unwatch(key);
        }
    }
}

/// Finds the resource of a key that is not stale, while the rest of the engine is in use.
#[inline]
pub(crate) fn live_mut(resources: &mut Slab<Key, Resource>, key: Key) -> Result<&mut Resource> {
    match resources.get_mut(key) {
        Some(resource) if !resource.is_ending() => Ok(resource),
        _ => Err(ErrorKind::StaleKey.into()),
    }
}

/// Registers a resource for its life, with an edge-triggered selector.
pub(crate) fn stand<S: Selector>(
    selector: &mut S,
    key: Key,
    resource: &mut Resource,
) -> Result<()> {
    selector
        .register(resource.handle.as_os(), Tag::of(key), resource.directions())
        .map_err(|error| Error::from(error).attempting("watch a descriptor"))?;
    resource.watch = Watch::Standing;
    Ok(())
}

/// Gives an op back at once.
pub(crate) fn refuse(op: Op, token: Token, kind: ErrorKind) -> Submission {
    Submission::Done(Completion::terminal(token, Err(kind.into()), op))
}

/// Gives which directions the polls of a resource wait for.
pub(crate) fn polled_interest(ops: &OpTable, resource: &Resource) -> Interest {
    let mut polled = Interest::NONE;
    let mut next = resource.polls.first();
    while let Some(id) = next {
        let op = ops.get(id).and_then(|flight| flight.op.as_ref());
        polled |= op.map_or(Interest::NONE, polls::interest_of);
        next = ops.next(id);
    }
    polled
}

/// Finds the lane whose order a terminal completion keeps, if there is one.
fn lane_of<'a>(
    resources: &'a mut Slab<Key, Resource>,
    completion: &Completion,
) -> Option<&'a mut Lane> {
    let op = completion.op.as_ref()?;
    let direction = fit::direction(op.kind())?;
    Some(resources.get_mut(op.key()?)?.lane_mut(direction))
}

/// Gives an error a second time: the kind and the number, without what was attempted.
pub(crate) fn again(error: &Error) -> Error {
    match error.raw_os_error() {
        Some(errno) => Error::from_errno(errno),
        None => error.kind().into(),
    }
}
