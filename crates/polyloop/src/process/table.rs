use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs::File;
use std::process::Child;
use std::rc::Rc;

use polyloop_core::{
    CloseMode, Completion, ErrorKind, EventLoop, Key, Op, OsHandle, Output, Result,
};

use super::orphans::{self, Orphan};
use super::spawned::Spawned;
use crate::engine::{Begun, Engine, OnCompletion, WaitId};
use crate::op_future::wrong_answer;
use crate::signal::SignalKind;
use crate::sys::pidfd;
use crate::sys::signals::{self, Purpose, Watch};

/// The processes of a loop that have not ended.
///
/// Each is waited for by an op on its descriptor, or else is in `asked`, and then the loop is told of
/// SIGCHLD (`watch`).
#[derive(Default)]
pub(crate) struct ProcessTable {
    running: RefCell<BTreeMap<u64, Rc<Spawned>>>,
    asked: RefCell<Vec<u64>>,
    watch: RefCell<Option<Watch>>,
    added: Cell<u64>,
}

/// An op that waits for the exit of a process.
struct ExitWait {
    id: u64,
    key: Key,
}

impl ProcessTable {
    /// Takes on a process that was just started.
    pub(super) fn add(
        &self,
        engine: &Rc<Engine>,
        child: Child,
        program: String,
        kills: bool,
    ) -> Rc<Spawned> {
        let id = self.added.get();
        self.added.set(id + 1);
        // Its number is its own: only this loop waits for it, and has not begun to.
        let descriptor = pidfd::open(&child);
        let watched = descriptor.as_ref().and_then(|descriptor| descriptor.try_clone().ok());
        let spawned = Rc::new(Spawned::new(engine.id, child, descriptor, program, kills));
        self.running.borrow_mut().insert(id, spawned.clone());
        let attached = watched.and_then(|descriptor| {
            let handle = OsHandle::Descriptor(File::from(descriptor));
            engine.with_driver(|driver| driver.attach(handle)).ok()
        });
        match attached {
            Some(key) => self.await_exit(engine, id, key),
            None => self.ask(engine, id),
        }
        spawned
    }

    fn await_exit(&self, engine: &Rc<Engine>, id: u64, key: Key) {
        match engine.begin(Op::AwaitExit { key }) {
            Begun::Done(completion) => self.conclude(engine, id, key, completion),
            Begun::Waiting(wait) => engine.call_on(wait, Rc::new(ExitWait { id, key })),
        }
    }

    fn conclude(&self, engine: &Rc<Engine>, id: u64, key: Key, completion: Completion) {
        engine.submit_and_forget(Op::Close { key, mode: CloseMode::Abort });
        match completion.result {
            Ok(Output::Exited(exit)) => self.end(id, Ok(exit)),
            Ok(other) => self.end(id, Err(wrong_answer(&other))),
            Err(error) if error.kind() == ErrorKind::Unsupported => self.ask(engine, id),
            Err(error) => self.end(id, Err(error)),
        }
    }

    /// Takes the portable route: the number is asked for when a child of this process has ended.
    fn ask(&self, engine: &Rc<Engine>, id: u64) {
        if self.watch.borrow().is_none() {
            match signals::watch(SignalKind::CHILD, Purpose::Handle, &engine.shared) {
                Ok(watch) => drop(self.watch.replace(Some(watch))),
                Err(error) => return self.end(id, Err(error)),
            }
        }
        self.asked.borrow_mut().push(id);
        // It may have ended before the loop asked to be told.
        self.look();
    }

    /// Looks which of the processes without a waiting op have ended: a child of this process has.
    pub(crate) fn look(&self) {
        let asked = self.asked.borrow().clone();
        for id in asked {
            let spawned = self.running.borrow().get(&id).cloned();
            if let Some(ended) = spawned.and_then(|spawned| spawned.look()) {
                self.end(id, ended);
            }
        }
    }

    fn end(&self, id: u64, ended: Result<polyloop_core::Exit>) {
        let spawned = self.running.borrow_mut().remove(&id);
        self.asked.borrow_mut().retain(|asked| *asked != id);
        if self.asked.borrow().is_empty() {
            drop(self.watch.take());
        }
        let Some(spawned) = spawned else { return };
        if ended.is_err()
            && let Some((child, descriptor)) = spawned.release()
        {
            // It may run on, and then somebody has to wait for it.
            orphans::take_over([Orphan { child, descriptor }]);
        }
        spawned.end(ended);
    }

    /// Kills what is to be killed, and has the others waited for elsewhere.
    pub(crate) fn close(&self) {
        let running = self.running.take();
        self.asked.take();
        drop(self.watch.take());
        let orphans = running.into_values().filter_map(|spawned| {
            if spawned.kills() {
                // It fails for one that has ended a moment ago.
                let _ = spawned.send(SignalKind::KILL);
            }
            spawned.forget_at_end();
            let (child, descriptor) = spawned.release()?;
            Some(Orphan { child, descriptor })
        });
        orphans::take_over(orphans.collect::<Vec<_>>());
    }
}

impl OnCompletion for ExitWait {
    fn on_completion(self: Rc<Self>, engine: &Rc<Engine>, id: WaitId) {
        if let Some(completion) = engine.take_completed(id) {
            engine.os_events.processes.conclude(engine, self.id, self.key, completion);
        }
    }
}

/// A loop that was not closed ends with its thread.
impl Drop for ProcessTable {
    fn drop(&mut self) {
        self.close();
    }
}
