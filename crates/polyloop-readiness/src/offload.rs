//! Opening, and the ops of files: which of them go to a thread, and what comes back.

use std::sync::Arc;

use polyloop_core::{
    Completion, Error, ErrorKind, Key, Op, OpId, OpenSpec, OsHandle, Output, Result, Submission,
    Token, limits,
};
use polyloop_os::{Blocking, Gave, Memory, Opened};

use crate::engine::{Engine, refuse};
use crate::op_table::{Flight, Place};
use crate::selector::Selector;

impl<S: Selector> Engine<S> {
    /// Opens at once what does not wait, and has a thread open files.
    pub(crate) fn submit_open(&mut self, op: Op, token: Token) -> Submission {
        let Op::Open { spec } = &op else { unreachable!("the caller matched it") };
        let count = spec.resources();
        if !self.has_room(count) {
            return refuse(op, token, ErrorKind::ResourceExhausted);
        }
        if matches!(**spec, OpenSpec::File(_)) {
            return self.submit_path_job(op, token);
        }
        let result = polyloop_os::open(spec, Blocking::No).and_then(|opened| match opened {
            Opened::One(handle) => self.adopt_opened(handle),
            Opened::Pair(read, write) => {
                let kind = |handle| polyloop_os::kind_of(handle).ok_or(ErrorKind::Unsupported);
                let (read_kind, write_kind) = (kind(&read)?, kind(&write)?);
                Ok(Output::OpenedPair {
                    read: self.adopt(read, read_kind, Blocking::Yes),
                    write: self.adopt(write, write_kind, Blocking::Yes),
                })
            }
        });
        Submission::Done(Completion::terminal(token, result, op))
    }

    /// Has a thread do an op of paths.
    pub(crate) fn submit_path_job(&mut self, op: Op, token: Token) -> Submission {
        let id = self.ops.insert(Flight::new(op, token, Place::Offloaded));
        self.offload(id);
        Submission::Queued(id)
    }

    /// Reads what is in memory, and has a thread do all else that is done with a file.
    pub(crate) fn submit_job(&mut self, key: Key, mut op: Op, token: Token) -> Submission {
        if let Some(output) = self.read_cached(key, &mut op) {
            return Submission::Done(Completion::terminal(token, Ok(output), op));
        }
        let id = self.ops.insert(Flight::new(op, token, Place::Offloaded));
        self.resources.get_mut(key).expect("checked by submit").jobs += 1;
        self.offload(id);
        Submission::Queued(id)
    }

    /// Does an op if it is a read of what is in memory, and not too much of it.
    fn read_cached(&mut self, key: Key, op: &mut Op) -> Option<Output> {
        if polyloop_os::read_capacity(op) > limits::CACHED_READ_MAX {
            return None;
        }
        let resource = self.resources.get_mut(key).expect("checked by submit");
        polyloop_os::read_cached(op, resource.handle.as_os(), &mut resource.memory)
    }

    /// Notes what threads have done, and gives them the next.
    pub(crate) fn collect_jobs(&mut self) {
        if self.jobs.running == 0 {
            return;
        }
        let mut collected = self.jobs.collect();
        for ended in collected.drain(..) {
            let mut flight = self.ops.remove(ended.id).expect("a running op stays in flight");
            let key = flight.key;
            flight.op = Some(ended.op);
            let result = ended.result.and_then(|gave| match gave {
                Gave::Opened(handle) => self.adopt_opened(handle),
                Gave::Output(output) => Ok(output),
            });
            let file = if let Ok(Output::Opened(file)) = result { file } else { key };
            if let (Some(memory), Some(file)) = (ended.memory, self.resources.get_mut(file)) {
                file.memory = memory;
            }
            self.post(flight.complete(result));
            self.end_job(key);
        }
        self.jobs.keep(collected);
        while self.jobs.has_free_thread() {
            let Some(id) = self.jobs.waiting.pop_front() else { break };
            self.start(id);
        }
    }

    /// Takes a job out of the queue and ends it.
    pub(crate) fn withdraw_job(&mut self, id: OpId, error: Error) {
        self.jobs.waiting.retain(|waiting| *waiting != id);
        let Some(flight) = self.ops.remove(id) else { return };
        let key = flight.key;
        self.post(flight.complete(Err(error)));
        self.end_job(key);
    }

    /// Counts a job of a file off, which may have been what its close waited for.
    fn end_job(&mut self, key: Key) {
        if let Some(resource) = self.resources.get_mut(key) {
            resource.jobs -= 1;
            self.end_if_flushed(key);
        }
    }

    /// Shares a file's handle.
    pub(crate) fn share(&self, file: Key) -> Option<Arc<OsHandle>> {
        self.resources.get(file).and_then(|resource| resource.handle.share())
    }

    /// Has the close of the file that an op sends from wait for the op.
    pub(crate) fn begin_source(&mut self, flight: &Flight) {
        if let Some(file) = flight.source_key().and_then(|file| self.resources.get_mut(file)) {
            file.jobs += 1;
        }
    }

    /// Counts off an op that was sent from a file, whose close may have waited for it; to be called
    /// after the op's completion was made.
    pub(crate) fn end_source(&mut self, file: Option<Key>) {
        if let Some(file) = file {
            self.end_job(file);
        }
    }

    fn offload(&mut self, id: OpId) {
        if self.jobs.has_free_thread() {
            self.start(id);
        } else {
            self.jobs.waiting.push_back(id);
        }
    }

    fn start(&mut self, id: OpId) {
        let flight = self.ops.get_mut(id).expect("what waits is in flight");
        flight.place = Place::Running;
        let op = flight.op.take().expect("it was not running");
        let key = flight.key;
        let is_unasked = self.resources.get(key).is_some_and(|file| {
            file.memory == Memory::Unasked && polyloop_os::read_capacity(&op) > 0
        });
        let file = self.share(key);
        self.jobs.start(id, op, file, is_unasked);
    }

    /// Takes on what was opened, unless the table has filled meanwhile.
    fn adopt_opened(&mut self, handle: OsHandle) -> Result<Output> {
        if !self.has_room(1) {
            return Err(ErrorKind::ResourceExhausted.into());
        }
        let kind = polyloop_os::kind_of(&handle).ok_or(ErrorKind::Unsupported)?;
        Ok(Output::Opened(self.adopt(handle, kind, Blocking::Yes)))
    }
}
