use std::collections::VecDeque;

use polyloop_core::{
    CloseMode, Completion, Error, ErrorKind, Interest, Key, LoopConfig, Op, OpId, OpenSpec,
    OsHandle, Output, Result, Slab, Submission, Token,
};

use super::paths;
use super::resource::{Pending, Resource, Row, row_of};
use super::system;

/// What the loop holds: resources, the ops that wait on them, and completions to deliver.
///
/// An op is in `ops` exactly while it is in flight, and then it also waits in one place of its
/// resource. `done` is in the order in which things happened.
pub(super) struct Table {
    pub(super) resources: Slab<Key, Resource>,
    pub(super) ops: Slab<OpId, Pending>,
    pub(super) done: VecDeque<Completion>,
    pub(super) closed: bool,
    pub(super) config: LoopConfig,
}

impl Table {
    pub(super) fn new(config: &LoopConfig) -> Table {
        Table {
            resources: Slab::new(),
            ops: Slab::new(),
            done: VecDeque::new(),
            closed: false,
            config: config.clone(),
        }
    }

    /// Finds a resource that can be used.
    pub(super) fn live(&self, key: Key) -> Result<&Resource> {
        if self.closed {
            return Err(ErrorKind::LoopClosed.into());
        }
        let found = self.resources.get(key).filter(|resource| resource.closing.is_none());
        found.ok_or(ErrorKind::StaleKey.into())
    }

    /// Counts the ops whose end has not been delivered.
    pub(super) fn ops_count(&self) -> usize {
        self.ops.len() + self.done.iter().filter(|completion| !completion.is_more()).count()
    }

    /// Takes an op on: what can be said at once is done, the rest waits for a turn.
    pub(super) fn submit(&mut self, op: Op, token: Token) -> Submission {
        let refusal = match &op {
            Op::Open { spec } => match self.admit(&op).and_then(|()| self.open(spec)) {
                Ok(output) => return Submission::Done(Completion::terminal(token, Ok(output), op)),
                Err(error) => Some(error),
            },
            of_paths if of_paths.paths()[0].is_some() => {
                let result = self.admit(&op).and_then(|()| paths::do_path_op(&op));
                return Submission::Done(Completion::terminal(token, result, op));
            }
            op => self.admit(op).err(),
        };
        if let Some(error) = refusal {
            return Submission::Done(Completion::terminal(token, Err(error), op));
        }
        let key = op.key().expect("ops of paths and unknown ones were answered above");
        let (row, close) = (row_of(&op), close_mode(&op));
        let id = self.ops.insert(Pending::new(op, token));
        if let Some(mode) = close {
            self.begin_close(key, id, mode);
        } else if let Some(resource) = self.resources.get_mut(key) {
            resource.row_mut(row).push_back(id);
        }
        Submission::Queued(id)
    }

    /// Tells whether an op can be taken on.
    fn admit(&self, op: &Op) -> Result<()> {
        if self.closed {
            return Err(ErrorKind::LoopClosed.into());
        }
        if !self.is_always_taken(op) && self.ops_count() >= self.config.ops_max {
            return Err(ErrorKind::ResourceExhausted.into());
        }
        if matches!(op, Op::Detach { .. }) {
            return Err(ErrorKind::Unsupported.into());
        }
        let Some(key) = op.key() else {
            return match op {
                Op::Open { .. } if op.is_well_formed() => Ok(()),
                _ if op.paths()[0].is_some() && op.is_well_formed() => Ok(()),
                Op::Extension { .. } => Err(ErrorKind::Unsupported.into()),
                _ => Err(ErrorKind::InvalidInput.into()),
            };
        };
        if let Some(file) = op.second_key()
            && !matches!(self.live(file)?.handle, OsHandle::File(_))
        {
            return Err(ErrorKind::InvalidInput.into());
        }
        let resource = self.live(key)?;
        if !op.is_well_formed() || !system::fits(op, &resource.handle) {
            return Err(ErrorKind::InvalidInput.into());
        }
        let lasts = |id: &OpId| self.ops.get(*id).is_some_and(Pending::lasts);
        if row_of(op) == Row::Inward && resource.inward.iter().any(lasts) {
            return Err(ErrorKind::Busy.into());
        }
        Ok(())
    }

    /// Tells whether an op is taken on also at the bound: what ends a resource, or a direction of it.
    /// There is one of each for a resource at most.
    fn is_always_taken(&self, op: &Op) -> bool {
        let is_shutdown = |id: &OpId| {
            self.ops.get(*id).is_some_and(|other| matches!(other.op, Op::Shutdown { .. }))
        };
        match op {
            Op::Close { .. } | Op::Detach { .. } => true,
            Op::Shutdown { key, .. } => {
                self.live(*key).is_ok_and(|resource| !resource.outward.iter().any(is_shutdown))
            }
            _ => false,
        }
    }

    fn open(&mut self, spec: &OpenSpec) -> Result<Output> {
        let room = self.config.resources_max.saturating_sub(self.resources.len());
        let wanted = if matches!(spec, OpenSpec::Pipe) { 2 } else { 1 };
        if room < wanted {
            return Err(ErrorKind::ResourceExhausted.into());
        }
        Ok(match system::open(spec)? {
            (handle, None) => Output::Opened(self.insert(handle)),
            (read, Some(write)) => {
                Output::OpenedPair { read: self.insert(read), write: self.insert(write) }
            }
        })
    }

    pub(super) fn insert(&mut self, handle: OsHandle) -> Key {
        self.resources.insert(Resource::new(handle))
    }

    /// Ends an op, if it is in flight.
    pub(super) fn complete(&mut self, id: OpId, result: Result<Output>) {
        if self.ops.get(id).is_none() {
            return;
        }
        self.leave_row(id);
        let Pending { op, token, .. } = self.ops.remove(id).expect("looked up above");
        self.done.push_back(Completion::terminal(token, result, op));
    }

    /// Tells something of an op that goes on.
    pub(super) fn tell(&mut self, id: OpId, output: Output) {
        if let Some(pending) = self.ops.get(id) {
            self.done.push_back(Completion::more(pending.token, output));
        }
    }

    /// Ends an op early; a close is hurried on instead.
    pub(super) fn cancel(&mut self, id: OpId) {
        let Some(pending) = self.ops.get(id) else { return };
        if let Op::Close { key, .. } = pending.op {
            return self.cancel_outward(key);
        }
        let error = Error::new(ErrorKind::Canceled).after_transferring(pending.progress);
        self.complete(id, Err(error));
    }

    /// Ends every op with the error of the wait itself.
    pub(super) fn fail_all(&mut self, error: &Error) {
        for id in self.ops.keys() {
            let number = error.raw_os_error().unwrap_or_default();
            self.complete(id, Err(Error::from_errno(number).attempting("wait with poll(2)")));
        }
    }

    /// Tells whether a file is being sent to something, for which its close waits.
    pub(super) fn is_sent_from(&self, file: Key) -> bool {
        self.ops.iter().any(|(_, pending)| pending.op.second_key() == Some(file))
    }

    fn begin_close(&mut self, key: Key, id: OpId, mode: CloseMode) {
        let Some(resource) = self.resources.get_mut(key) else { return };
        resource.closing = Some(id);
        let mut ending: Vec<OpId> = resource.inward.iter().copied().collect();
        let polls = resource.apart.iter().copied();
        ending.extend(polls.filter(|id| self.ops.get(*id).is_some_and(Pending::is_poll)));
        ending.into_iter().for_each(|id| self.cancel(id));
        if mode == CloseMode::Abort {
            self.cancel_outward(key);
        }
    }

    /// Ends the sends and the file ops of a resource that closes.
    fn cancel_outward(&mut self, key: Key) {
        let Some(resource) = self.resources.get(key) else { return };
        let ending: Vec<OpId> = resource.outward.iter().chain(&resource.apart).copied().collect();
        ending.into_iter().for_each(|id| self.cancel(id));
    }

    /// Has the multishot ops of a key tell again what they have told, now that somebody has acted
    /// on it; a multishot receive only when its reader has found nothing more.
    pub(super) fn rearm(&mut self, key: Key, direction: Interest, exhausted: bool) {
        let Some(resource) = self.resources.get(key) else { return };
        for id in resource.inward.front().into_iter().chain(&resource.apart) {
            let Some(pending) = self.ops.get_mut(*id) else { continue };
            match pending.op {
                Op::RecvMulti { .. } if exhausted && direction.is_readable() => {
                    pending.told = Interest::NONE;
                }
                Op::PollMulti { .. } => pending.told = Pending::without(pending.told, direction),
                _ => {}
            }
        }
    }

    /// Takes an op out of the place where it waits.
    fn leave_row(&mut self, id: OpId) {
        let Some(pending) = self.ops.get(id) else { return };
        let (row, key) = (row_of(&pending.op), pending.op.key());
        if let Some(resource) = key.and_then(|key| self.resources.get_mut(key)) {
            resource.row_mut(row).retain(|other| *other != id);
        }
    }
}

fn close_mode(op: &Op) -> Option<CloseMode> {
    if let Op::Close { mode, .. } = op { Some(*mode) } else { None }
}
