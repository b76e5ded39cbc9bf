use std::cell::{Cell, RefCell};
use std::ffi::OsStr;
use std::fmt;
use std::rc::Rc;

use polyloop_core::{Error, Result};

use super::protocol::SubprocessProtocol;
use super::spawned::Spawned;
use super::stdio::{Ends, PIPE};
use super::{Command, exits};
use crate::callback::{self, Callback};
use crate::engine::Ready;
use crate::signal::SignalKind;
use crate::transport::{
    Called, Protocol, ProtocolSlot, Transport, connect_read_pipe, connect_write_pipe,
};

/// A process as its protocol uses it: asyncio's `SubprocessTransport`.
///
/// It is a handle: clones mean the same process. The loop keeps the protocol until the process has
/// ended and its pipes are closed, whether or not somebody holds a handle.
#[derive(Clone)]
pub struct SubprocessTransport {
    core: Rc<Core>,
}

/// The protocol of a process, and what it has still to be told.
///
/// `pipes` has the transports that are not closed; the last call is made when there is none left
/// and `exited` was told.
struct Core {
    slot: ProtocolSlot<dyn SubprocessProtocol>,
    spawned: Rc<Spawned>,
    pipes: RefCell<[Option<Transport>; 3]>,
    exited: Cell<bool>,
    lost: Cell<bool>,
}

/// Starts a program with a protocol that is told of it, its streams being pipes: asyncio's
/// `subprocess_exec`. `connection_made` is called in the next iteration.
/// [`Command::start_protocol`] has the options.
///
/// # Errors
///
/// As for [`Command::spawn`].
pub fn subprocess_exec<P: SubprocessProtocol, A: AsRef<OsStr>>(
    factory: impl FnOnce() -> P,
    program: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = A>,
) -> Result<SubprocessTransport> {
    Command::new(program).args(arguments).start_protocol(factory)
}

/// Has `/bin/sh` run a script with a protocol that is told of it, the streams being pipes: asyncio's
/// `subprocess_shell`.
///
/// # Errors
///
/// As for [`Command::spawn`].
pub fn subprocess_shell<P: SubprocessProtocol>(
    factory: impl FnOnce() -> P,
    script: impl AsRef<OsStr>,
) -> Result<SubprocessTransport> {
    Command::shell(script).start_protocol(factory)
}

impl Command {
    /// Starts the process with a protocol that is told of it. Its streams are pipes, unless something
    /// else was said. `connection_made` is called in the next iteration.
    ///
    /// # Errors
    ///
    /// As for [`spawn`](Self::spawn).
    pub fn start_protocol<P: SubprocessProtocol>(
        self,
        factory: impl FnOnce() -> P,
    ) -> Result<SubprocessTransport> {
        let (spawned, ends) = self.defaults(PIPE, PIPE, PIPE).start()?;
        Ok(Core::start(spawned, ends, Box::new(factory())))
    }
}

impl Core {
    fn start(
        spawned: Rc<Spawned>,
        ends: Ends,
        protocol: Box<dyn SubprocessProtocol>,
    ) -> SubprocessTransport {
        let core = Rc::new(Core {
            slot: ProtocolSlot::new(protocol),
            spawned: spawned.clone(),
            pipes: RefCell::default(),
            exited: Cell::new(false),
            lost: Cell::new(false),
        });
        // Before the pipes' own calls and that of the exit, which are queued behind it.
        core.defer(|core| core.call("connection_made", |p, t| p.connection_made(t)));
        let pipe = |number| PipeOf { core: core.clone(), number };
        let pipes = [
            ends.stdin.map(|stdin| connect_write_pipe(|| pipe(0), stdin)),
            ends.stdout.map(|stdout| connect_read_pipe(|| pipe(1), stdout)),
            ends.stderr.map(|stderr| connect_read_pipe(|| pipe(2), stderr)),
        ];
        core.pipes.replace(pipes);
        spawned.call_at_end(Rc::new(Exited { core: core.clone() }));
        SubprocessTransport { core }
    }

    /// Calls a method of the protocol; false if another one runs, so that it has to be later.
    fn call(
        self: &Rc<Self>,
        name: &str,
        call: impl FnOnce(&mut dyn SubprocessProtocol, &SubprocessTransport),
    ) -> bool {
        let transport = SubprocessTransport { core: self.clone() };
        match self.slot.call(name, |protocol| call(protocol, &transport)) {
            Called::Returned(()) => true,
            Called::Panicked => {
                transport.close();
                true
            }
            Called::Away => self.slot.has_ended(),
        }
    }

    /// Has something done in a place of its own in the ready queue, again while that is too early.
    fn defer(self: &Rc<Self>, call: impl Fn(&Rc<Core>) -> bool + 'static) {
        let Ok(engine) = self.spawned.engine() else { return };
        let core = self.clone();
        let again = move || {
            if !call(&core) {
                core.defer(call);
            }
        };
        engine.push_ready(Ready::Callback(callback::once(again)));
    }

    fn pipe_lost(self: &Rc<Self>, number: i32, error: Option<Error>) {
        let pipe = self.pipes.borrow_mut().get_mut(number as usize).and_then(Option::take);
        drop(pipe);
        let told = error.clone();
        if !self.call("pipe_connection_lost", |p, t| p.pipe_connection_lost(t, number, told)) {
            let later = move |core: &Rc<Core>| {
                let error = error.clone();
                core.call("pipe_connection_lost", |p, t| p.pipe_connection_lost(t, number, error))
            };
            self.defer(later);
        }
        self.end_if_done();
    }

    /// Says that the process has ended. What it did not read of its input nobody reads any more.
    fn exit(self: &Rc<Self>) -> bool {
        if !self.call("process_exited", |p, t| p.process_exited(t)) {
            return false;
        }
        self.exited.set(true);
        let input = self.pipes.borrow()[0].clone();
        if let Some(input) = input {
            input.abort();
        }
        self.end_if_done();
        true
    }

    fn end_if_done(self: &Rc<Self>) {
        let is_done = self.exited.get() && self.pipes.borrow().iter().all(Option::is_none);
        if is_done && !self.lost.replace(true) {
            // Behind what was queued before.
            self.defer(|core| {
                let called = core.call("connection_lost", |p, t| p.connection_lost(t));
                if called {
                    core.slot.end();
                }
                called
            });
        }
    }
}

/// What tells a protocol of the end of its process; the process holds it until then.
struct Exited {
    core: Rc<Core>,
}

impl Callback for Exited {
    fn call(self: Rc<Self>) {
        if !self.core.exit() {
            self.core.defer(Core::exit);
        }
    }
}

/// The protocol of one of the pipes.
struct PipeOf {
    core: Rc<Core>,
    number: i32,
}

impl Protocol for PipeOf {
    fn data_received(&mut self, _: &Transport, data: &[u8]) {
        let number = self.number;
        // Only a look at the protocol from outside can be in the way, and it reads nothing.
        self.core.call("pipe_data_received", |p, t| p.pipe_data_received(t, number, data));
    }

    fn connection_lost(&mut self, _: &Transport, error: Option<Error>) {
        self.core.pipe_lost(self.number, error);
    }

    fn pause_writing(&mut self, _: &Transport) {
        if !self.core.call("pause_writing", |p, t| p.pause_writing(t)) {
            self.core.defer(|core| core.call("pause_writing", |p, t| p.pause_writing(t)));
        }
    }

    fn resume_writing(&mut self, _: &Transport) {
        if !self.core.call("resume_writing", |p, t| p.resume_writing(t)) {
            self.core.defer(|core| core.call("resume_writing", |p, t| p.resume_writing(t)));
        }
    }
}

impl SubprocessTransport {
    /// Gives the process's number.
    pub fn pid(&self) -> u32 {
        self.core.spawned.pid()
    }

    /// Gives how the process ended: its code, or the number of the signal that ended it, negative;
    /// nothing while it runs.
    pub fn returncode(&self) -> Option<i32> {
        self.core.spawned.exit().map(exits::returncode_of)
    }

    /// Gives the transport of one of its pipes: 0 is its input, 1 its output, 2 its errors. Nothing
    /// if that is no pipe, or is closed.
    pub fn pipe_transport(&self, number: i32) -> Option<Transport> {
        let pipes = self.core.pipes.borrow();
        usize::try_from(number).ok().and_then(|number| pipes.get(number)?.clone())
    }

    /// Sends a signal to the process.
    ///
    /// # Errors
    ///
    /// As for [`Process::send_signal`](super::Process::send_signal).
    pub fn send_signal(&self, kind: SignalKind) -> Result<()> {
        self.core.spawned.send(kind)
    }

    /// Sends a signal to every process of the group that has this process's number.
    ///
    /// # Errors
    ///
    /// As for [`Process::signal_group`](super::Process::signal_group).
    ///
    /// # Platform notes
    ///
    /// As for [`Process::signal_group`](super::Process::signal_group).
    pub fn signal_group(&self, kind: SignalKind) -> Result<()> {
        self.core.spawned.send_to_group(kind)
    }

    /// Asks the process to end (SIGTERM).
    ///
    /// # Errors
    ///
    /// As for [`Process::send_signal`](super::Process::send_signal).
    pub fn terminate(&self) -> Result<()> {
        self.send_signal(SignalKind::TERMINATE)
    }

    /// Ends the process (SIGKILL).
    ///
    /// # Errors
    ///
    /// As for [`Process::send_signal`](super::Process::send_signal).
    pub fn kill(&self) -> Result<()> {
        self.send_signal(SignalKind::KILL)
    }

    /// Closes every pipe, and kills the process if it still runs.
    pub fn close(&self) {
        let pipes = self.core.pipes.borrow().clone();
        pipes.iter().flatten().for_each(Transport::close);
        if !self.core.spawned.has_ended() {
            // It fails for one that has ended a moment ago.
            let _ = self.kill();
        }
    }
}

impl fmt::Debug for SubprocessTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.returncode() {
            Some(code) => write!(f, "SubprocessTransport({}, returncode {code})", self.pid()),
            None => write!(f, "SubprocessTransport({})", self.pid()),
        }
    }
}
