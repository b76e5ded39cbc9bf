use std::fmt;
use std::future::poll_fn;
use std::process::ExitStatus;
use std::rc::Rc;
use std::task::ready;

use polyloop_core::Result;

use super::exits::{returncode_of, status_of};
use super::spawned::Spawned;
use super::stdio::Ends;
use super::talk::{self, Talk};
use crate::io::{PipeReader, PipeWriter};
use crate::signal::SignalKind;

/// A process that was started: asyncio's `Process`.
///
/// It belongs to the loop on which it was started. Dropping it closes the ends of its pipes and lets
/// it run, or kills it ([`Command::kill_on_drop`](super::Command::kill_on_drop)); the loop waits for
/// its end in either case.
pub struct Process {
    spawned: Rc<Spawned>,
    ends: Ends,
    talk: Talk,
}

impl Process {
    pub(super) fn new(spawned: Rc<Spawned>, ends: Ends) -> Process {
        Process { spawned, ends, talk: Talk::default() }
    }

    /// Gives the process's number. The system may give it to another once this one has ended.
    pub fn pid(&self) -> u32 {
        self.spawned.pid()
    }

    /// Gives the end of the pipe that the process reads from, if its input is one. Putting nothing
    /// there closes it.
    pub fn stdin(&mut self) -> &mut Option<PipeWriter> {
        &mut self.ends.stdin
    }

    /// Gives the end of the pipe that the process writes to, if its output is one; it can be
    /// taken.
    pub fn stdout(&mut self) -> &mut Option<PipeReader> {
        &mut self.ends.stdout
    }

    /// Gives the end of the pipe that the process writes its errors to, if they go to one; it can
    /// be taken.
    pub fn stderr(&mut self) -> &mut Option<PipeReader> {
        &mut self.ends.stderr
    }

    /// Gives how the process ended: its code, or the number of the signal that ended it, negative;
    /// nothing while it runs, as far as the loop has seen.
    pub fn returncode(&self) -> Option<i32> {
        self.spawned.exit().map(returncode_of)
    }

    /// Gives how the process ended, in the standard library's words; nothing while it runs, as far
    /// as the loop has seen.
    pub fn exit_status(&self) -> Option<ExitStatus> {
        self.spawned.exit().map(status_of)
    }

    /// Waits until the process has ended. Several may wait, and it can be asked again.
    ///
    /// A process that writes more than a pipe holds waits for a reader: read its pipes before
    /// or meanwhile, or use [`communicate`](Self::communicate).
    ///
    /// # Errors
    ///
    /// The operating system's *no child processes*, if somebody else in this program has waited for the
    /// process, or has it ignore SIGCHLD; *loop closed*.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: the exit is kept.
    pub async fn wait(&self) -> Result<ExitStatus> {
        let waiter = self.spawned.waiter();
        poll_fn(|cx| self.spawned.poll_ended(cx, &waiter)).await.map(status_of)
    }

    /// Writes input to the process and closes its input, reads its output and its errors to their ends,
    /// and waits until it has ended. Gives the output and the errors; what is no pipe gives nothing.
    ///
    /// A process that does not read its input to the end is no error.
    ///
    /// # Errors
    ///
    /// *Invalid input* if there is input and no open pipe to write it to; the operating system's
    /// errors of the pipes; as for [`wait`](Self::wait). What was read is kept, as below.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: what was read is kept, and so is what was not written. Calling it again, with no more
    /// input, goes on and gives all of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use polyloop::process::{Command, PIPE};
    /// use std::time::Duration;
    ///
    /// polyloop::run(async {
    ///     let mut slow = Command::shell("echo begun; exec sleep 60").stdout(PIPE).await?;
    ///     let within = Duration::from_millis(200);
    ///     if polyloop::wait_for(slow.communicate(""), within).await.is_err() {
    ///         slow.kill()?;
    ///     }
    ///     let (output, _) = slow.communicate("").await?;
    ///     assert_eq!(output, b"begun\n");
    ///     assert_eq!(slow.returncode(), Some(-9));
    ///     Ok::<(), polyloop::Error>(())
    /// })?
    /// # ; Ok::<(), polyloop::Error>(())
    /// ```
    pub async fn communicate(&mut self, input: impl AsRef<[u8]>) -> Result<(Vec<u8>, Vec<u8>)> {
        let input = input.as_ref();
        if !input.is_empty() && self.ends.stdin.is_none() {
            return Err(talk::no_input(&self.spawned));
        }
        self.talk.add(input);
        let waiter = self.spawned.waiter();
        poll_fn(|cx| {
            ready!(self.talk.poll(&self.spawned, &mut self.ends, cx))?;
            self.spawned.poll_ended(cx, &waiter)
        })
        .await?;
        Ok((std::mem::take(&mut self.talk.stdout), std::mem::take(&mut self.talk.stderr)))
    }

    /// Sends a signal to the process.
    ///
    /// # Errors
    ///
    /// *No such process* (ESRCH) once it has ended, and never a signal to another that got its
    /// number; *invalid input* for a signal without a name; the operating system's, if the process
    /// runs as another user.
    pub fn send_signal(&self, kind: SignalKind) -> Result<()> {
        self.spawned.send(kind)
    }

    /// Sends a signal to every process of the group that has this process's number; see
    /// [`Command::process_group`](super::Command::process_group).
    ///
    /// # Errors
    ///
    /// As for [`send_signal`](Self::send_signal); also if it is in a group of another number.
    ///
    /// # Platform notes
    ///
    /// A group is named by a number alone: from the moment that the process has ended until the loop
    /// has seen it, the number could in theory be another group's already.
    pub fn signal_group(&self, kind: SignalKind) -> Result<()> {
        self.spawned.send_to_group(kind)
    }

    /// Asks the process to end (SIGTERM).
    ///
    /// # Errors
    ///
    /// As for [`send_signal`](Self::send_signal).
    pub fn terminate(&self) -> Result<()> {
        self.send_signal(SignalKind::TERMINATE)
    }

    /// Ends the process (SIGKILL).
    ///
    /// # Errors
    ///
    /// As for [`send_signal`](Self::send_signal).
    pub fn kill(&self) -> Result<()> {
        self.send_signal(SignalKind::KILL)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.spawned.kills() && !self.spawned.has_ended() {
            // It fails for one that has ended a moment ago.
            let _ = self.kill();
        }
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.returncode() {
            Some(code) => write!(f, "Process({}, returncode {code})", self.pid()),
            None => write!(f, "Process({})", self.pid()),
        }
    }
}
