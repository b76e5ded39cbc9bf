use std::net::Shutdown;

use polyloop_core::{
    Capabilities, Completion, ErrorKind, Key, Op, OpId, OpKind, OpenSpec, OsHandle, Output, Result,
    Route, Submission, Token,
};
use polyloop_os::{Blocking, Gave, HandleKind, Opened};

use crate::linux::UringLoop;
use crate::linux::kernel::Request;
use crate::linux::record::{Owner, Record};
use crate::linux::resource::{Receive, Resource, Side};
use crate::linux::uring_loop::canceled;

/// What beginning an op came to.
pub(crate) enum Begun {
    /// It is in the kernel, or waits for something that begins it again.
    AtWork,
    /// It has ended.
    Ended(Result<Output>),
}

impl UringLoop {
    pub(crate) fn submit_op(&mut self, mut op: Op, token: Token) -> Submission {
        let answer = match self.admit(&op) {
            Ok(()) => self.answer_at_once(&mut op),
            Err(error) => Some(Err(error)),
        };
        match answer {
            Some(result) => Submission::Done(Completion::terminal(token, result, op)),
            None => match op.kind() {
                OpKind::Close | OpKind::Detach => self.end(op, token),
                _ => Submission::Queued(self.enqueue(op, token)),
            },
        }
    }

    pub(crate) fn cancel_op(&mut self, id: OpId) {
        if UringLoop::is_subscription(id) {
            return self.unsubscribe(id);
        }
        let Some(record) = self.records.get_mut(id).filter(|record| !record.canceled) else {
            return;
        };
        record.canceled = true;
        let is_in_kernel = record.held.is_in_kernel();
        let (key, side) = (record.key, record.side);
        let transferred = record.held.progress().transferred;
        match (key, side) {
            _ if is_in_kernel => self.kernel.cancel(id),
            (Some(key), None) => self.hurry(key),
            (Some(key), Some(side)) => {
                self.finish(id, Err(canceled(transferred)));
                self.advance(key, side);
            }
            (None, _) => {}
        }
    }

    /// Begins what is first in a lane, and what is behind it while the first ends at once.
    pub(crate) fn advance(&mut self, key: Key, side: Side) {
        loop {
            let resource = self.resources.get(key).filter(|it| it.may_begin(side));
            let Some(head) = resource.and_then(|it| it.lane(side).head()) else { break };
            if self.records.get(head).is_none_or(|record| record.held.is_in_kernel()) {
                break;
            }
            match self.begin(key, head) {
                Begun::AtWork => break,
                Begun::Ended(result) => self.finish(head, result),
            }
        }
        if side == Side::Inward {
            self.serve_subscription(key);
        }
        self.settle(key);
    }

    /// Ends an op that the kernel does not use: its completion is queued, its record gone.
    pub(crate) fn finish(&mut self, id: OpId, result: Result<Output>) {
        if let Some((key, side)) = self.records.get(id).and_then(|it| it.key.zip(it.side))
            && let Some(resource) = self.resources.get_mut(key)
        {
            resource.multi.remove(id);
            resource.lane_mut(side).remove(&mut self.records, id);
        }
        let Some(mut record) = self.records.remove(id) else { return };
        let Some(op) = record.take_op(&mut self.kernel.spares) else { return };
        let Owner::Caller(token, _) = record.owner else { return self.sent_soon(&op, result) };
        let source = op.second_key();
        self.done.push_back(Completion::terminal(token, result, op));
        if let Some(file) = source {
            self.release_source(file);
        }
    }

    /// Queues a completion of an op that goes on.
    pub(crate) fn tell_more(&mut self, id: OpId, output: Output) {
        if let Some(Owner::Caller(token, _)) = self.records.get(id).map(|record| record.owner) {
            self.done.push_back(Completion::more(token, output));
        }
    }

    /// Asks the kernel for something under an op's id.
    pub(crate) fn start(&mut self, key: Option<Key>, id: OpId, request: Request) -> Begun {
        let handle = key.and_then(|key| self.resources.get(key)).map(|it| &it.handle);
        let Some(record) = self.records.get_mut(id) else { return Begun::AtWork };
        match self.kernel.start(id, &mut record.held, handle, request) {
            Ok(()) => Begun::AtWork,
            Err(error) => Begun::Ended(Err(error)),
        }
    }

    /// Tells whether a handle can be taken on, and what it is.
    pub(crate) fn check_attachable(&self, handle: &OsHandle) -> Result<HandleKind> {
        self.check_here()?;
        if !self.has_room(1) {
            return Err(ErrorKind::ResourceExhausted.into());
        }
        Ok(polyloop_os::kind_of(handle).ok_or(ErrorKind::Unsupported)?)
    }

    /// Tells whether another resource fits.
    pub(crate) fn has_room(&self, count: usize) -> bool {
        self.resources.len() + count <= self.config.resources_max
    }

    /// Takes on a handle of the loop's own making.
    pub(crate) fn adopt(&mut self, handle: OsHandle) -> Result<Key> {
        let kind = self.check_attachable(&handle)?;
        Ok(self.resources.insert(Resource::new(handle, kind, Blocking::Yes)))
    }

    fn admit(&self, op: &Op) -> Result<()> {
        let kind = op.kind();
        self.check_here()?;
        if self.ops >= self.config.ops_max && !self.is_always_taken(op) {
            return Err(ErrorKind::ResourceExhausted.into());
        }
        let Some(key) = op.key() else {
            return match kind {
                _ if !polyloop_os::is_blocking_op(kind) => Err(ErrorKind::Unsupported.into()),
                _ if op.is_well_formed() => Ok(()),
                _ => Err(ErrorKind::InvalidInput.into()),
            };
        };
        let resource = self.live(key)?;
        if !resource.fits(kind) || !op.is_well_formed() {
            return Err(ErrorKind::InvalidInput.into());
        }
        if let Some(file) = op.second_key()
            && self.live(file)?.kind != HandleKind::File
        {
            return Err(ErrorKind::InvalidInput.into());
        }
        let excluded =
            matches!(kind, OpKind::Recv | OpKind::RecvMulti | OpKind::Accept | OpKind::AcceptMulti);
        if excluded && (!resource.multi.is_empty() || resource.subscription.is_some()) {
            return Err(ErrorKind::Busy.into());
        }
        Ok(())
    }

    /// Tells whether an op is taken on also at the bound: what ends a resource, or a direction of
    /// it. There is one of each for a resource at most.
    fn is_always_taken(&self, op: &Op) -> bool {
        match op {
            Op::Close { .. } | Op::Detach { .. } => true,
            Op::Shutdown { key, .. } => self.resources.get(*key).is_some_and(|resource| {
                let lane = resource.lane(Side::Outward);
                let mut queued =
                    std::iter::successors(lane.head(), |id| lane.behind(&self.records, *id));
                queued
                    .all(|id| self.records.get(id).and_then(Record::kind) != Some(OpKind::Shutdown))
            }),
            _ => false,
        }
    }

    /// Answers what needs no waiting and stands behind nothing.
    fn answer_at_once(&mut self, op: &mut Op) -> Option<Result<Output>> {
        if !self.done.is_empty() {
            // A completion of now would overtake those.
            return None;
        }
        if let Op::Open { spec } = op {
            let native = is_file(spec) && self.is_native(OpKind::Open);
            return (!native).then(|| self.open(spec));
        }
        let resource = self.resources.get_mut(op.key()?)?;
        let side = Side::of(op.kind());
        if side.is_some_and(|side| side != Side::Unordered && !resource.is_free(side)) {
            return None;
        }
        match op {
            Op::Send { buffer, .. } if buffer.is_empty() && resource.is_stream() => {
                Some(Ok(Output::Transferred(0)))
            }
            Op::Recv { buffer, .. } => {
                let result = resource.inbound.read(buffer.storage_mut())?;
                Some(result.map(|len| {
                    buffer.set_len(len);
                    Output::Transferred(len)
                }))
            }
            Op::Poll { interest, .. } if resource.inbound.is_readable() => {
                let ready = resource.ready_of_inbound(*interest);
                (!ready.is_none()).then_some(Ok(Output::Ready(ready)))
            }
            _ => None,
        }
    }

    fn open(&mut self, spec: &OpenSpec) -> Result<Output> {
        if !self.has_room(spec.resources()) {
            return Err(ErrorKind::ResourceExhausted.into());
        }
        match polyloop_os::open(spec, Blocking::Yes)? {
            Opened::One(handle) => Ok(Output::Opened(self.adopt(handle)?)),
            Opened::Pair(read, write) => {
                let read = self.adopt(read)?;
                Ok(Output::OpenedPair { read, write: self.adopt(write)? })
            }
        }
    }

    fn enqueue(&mut self, op: Op, token: Token) -> OpId {
        let (kind, key) = (op.kind(), op.key());
        if let Some(file) = op.second_key().and_then(|file| self.resources.get_mut(file)) {
            file.make_rare().senders += 1;
        }
        if let Op::RecvMulti { key } = op {
            return self.subscribe(key, token);
        }
        let id = self.records.insert(Record::of_caller(&mut self.kernel.spares, token, op));
        self.ops += 1;
        let (Some(key), Some(side)) = (key, Side::of(kind)) else {
            self.begin_unkeyed(id);
            return id;
        };
        if let Some(record) = self.records.get_mut(id) {
            record.side = Some(side);
        }
        if let Some(resource) = self.resources.get_mut(key) {
            resource.lane_mut(side).push_back(&mut self.records, id);
            if let Some(soon) = resource.soon.get().filter(|_| side == Side::Outward) {
                self.kernel.sends.note_awaited(soon);
            }
            if kind == OpKind::AcceptMulti {
                resource.multi.set(id);
            }
            let first = resource.lane(side).head() == Some(id);
            if side == Side::Unordered {
                self.begin_unordered(key, id);
            } else if first {
                self.advance(key, side);
            }
        }
        id
    }

    fn begin_unkeyed(&mut self, id: OpId) {
        let Some(record) = self.records.get_mut(id) else { return };
        let begun = match record.held.op_mut() {
            Op::Open { spec }
                if !(is_file(spec) && is_native(&self.capabilities, OpKind::Open)) =>
            {
                // Taken out of the op while it is made, and put back: the op comes back whole.
                let taken = std::mem::replace(&mut **spec, OpenSpec::Pipe);
                let result = self.open(&taken);
                if let Some(record) = self.records.get_mut(id)
                    && let Op::Open { spec } = record.held.op_mut()
                {
                    **spec = taken;
                }
                Begun::Ended(result)
            }
            op if !is_native(&self.capabilities, op.kind()) => Begun::Ended(perform(op, None)),
            _ => self.start(None, id, Request::Op { transferred: 0 }),
        };
        if let Begun::Ended(result) = begun {
            self.finish(id, result);
        }
    }

    /// Tells whether ops of a kind go to the ring.
    fn is_native(&self, kind: OpKind) -> bool {
        is_native(&self.capabilities, kind)
    }

    fn begin_unordered(&mut self, key: Key, id: OpId) {
        if let Begun::Ended(result) = self.begin(key, id) {
            self.finish(id, result);
        }
    }

    /// Begins an op whose turn has come; doing so again while it waits does no harm.
    pub(crate) fn begin(&mut self, key: Key, id: OpId) -> Begun {
        let Some(resource) = self.resources.get_mut(key) else { return Begun::AtWork };
        let Some(record) = self.records.get_mut(id) else { return Begun::AtWork };
        let Some(kind) = record.kind() else { return Begun::AtWork };
        let transferred = record.held.progress().transferred;
        let idle = resource.receive == Receive::Idle;
        if record.canceled {
            return Begun::Ended(Err(canceled(transferred)));
        }
        if let OpKind::Send | OpKind::SendVectored | OpKind::SendFile | OpKind::Shutdown = kind
            && let Some(error) = resource.take_failed_soon()
        {
            return Begun::Ended(Err(error));
        }
        match kind {
            OpKind::Recv if resource.inbound.is_readable() => {
                return Begun::Ended(serve(resource, record));
            }
            OpKind::Recv if !idle => return Begun::AtWork,
            OpKind::SendTo | OpKind::Connect if resource.paused[Side::Outward as usize] => {
                return Begun::AtWork;
            }
            OpKind::Connect if is_unix_stream(&resource.handle) => {
                // One that waits for room in a backlog is retried by the kernel again and again
                // (its readiness says that it is ready), where a cancel may miss it.
                if let Err(error) = polyloop_os::set_blocking(&resource.handle, Blocking::No) {
                    return Begun::Ended(Err(error));
                }
            }
            OpKind::SendFile => return self.begin_send_file(key, id),
            OpKind::Accept | OpKind::AcceptMulti => return self.begin_accept(key, id, kind),
            OpKind::Poll | OpKind::PollMulti => return self.begin_poll(key, id, kind),
            OpKind::AwaitExit => return self.begin_exit(key, id),
            OpKind::Send | OpKind::SendVectored
                if resource.is_stream() && to_send(record.held.op_mut()) == 0 =>
            {
                return Begun::Ended(Ok(Output::Transferred(0)));
            }
            OpKind::Truncate | OpKind::Stat if !is_native(&self.capabilities, kind) => {
                return Begun::Ended(perform(record.held.op_mut(), Some(&*resource.handle)));
            }
            OpKind::Shutdown => {
                let Op::Shutdown { how, .. } = record.held.op_mut() else {
                    unreachable!("by kind")
                };
                resource.is_shut |= *how != Shutdown::Read;
                if !self.routes.shutdown {
                    let result = polyloop_os::shutdown(&resource.handle, *how);
                    return Begun::Ended(result.map(|()| Output::Done));
                }
            }
            _ => {}
        }
        self.start(Some(key), id, Request::Op { transferred })
    }
}

/// Gives a receive what was received ahead.
pub(crate) fn serve(resource: &mut Resource, record: &mut Record) -> Result<Output> {
    let Op::Recv { buffer, .. } = record.held.op_mut() else { unreachable!("a receive") };
    let len = resource.inbound.read(buffer.storage_mut()).expect("there is something to read")?;
    buffer.set_len(len);
    Ok(Output::Transferred(len))
}

pub(crate) fn is_unix_stream(handle: &OsHandle) -> bool {
    matches!(handle, OsHandle::UnixStream(_))
}

fn is_native(capabilities: &Capabilities, kind: OpKind) -> bool {
    capabilities.route(kind) == Route::Native
}

/// Does an op of files that the kernel does not know as an entry.
fn perform(op: &mut Op, file: Option<&OsHandle>) -> Result<Output> {
    match polyloop_os::perform(op, file)? {
        Gave::Output(output) => Ok(output),
        Gave::Opened(_) => Err(ErrorKind::Unsupported.into()),
    }
}

fn is_file(spec: &OpenSpec) -> bool {
    matches!(spec, OpenSpec::File(_))
}

/// Tells how many bytes a send is about.
pub(crate) fn to_send(op: &Op) -> usize {
    match op {
        Op::Send { buffer, .. } => buffer.len(),
        Op::SendVectored { buffers, .. } => buffers.iter().map(|buffer| buffer.len()).sum(),
        _ => 0,
    }
}
