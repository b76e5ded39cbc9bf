use std::ffi::OsStr;
use std::future::{Ready, ready};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, ExitStatus, Output};
use std::rc::Rc;

use polyloop_core::{Error, Result};

use super::spawned::Spawned;
use super::stdio::{self, DEVNULL, Ends, PIPE, Stdio};
use super::{Process, orphans};
use crate::engine;

/// A process to start: the program, what it is given, and what it is connected to.
///
/// Awaiting the command, or [`Command::spawn`], starts it.
///
/// # Examples
///
/// ```
/// use polyloop::process::{Command, PIPE};
///
/// polyloop::run(async {
///     let mut sorted = Command::new("sort").stdin(PIPE).stdout(PIPE).await?;
///     let (output, _) = sorted.communicate("b\na\n").await?;
///     assert_eq!(output, b"a\nb\n");
///     assert_eq!(sorted.returncode(), Some(0));
///     Ok::<(), polyloop::Error>(())
/// })?
/// # ; Ok::<(), polyloop::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "a command does nothing until it is awaited or spawned"]
pub struct Command {
    inner: process::Command,
    directory: Option<PathBuf>,
    stdin: Option<Stdio>,
    stdout: Option<Stdio>,
    stderr: Option<Stdio>,
    kill_on_drop: bool,
    #[cfg(feature = "process-fds")]
    descriptors: Vec<command_fds::FdMapping>,
}

/// What awaiting a [`Command`] waits for; it is there at once.
pub type Spawning = Ready<Result<Process>>;

impl Command {
    /// Begins a command that runs a program: a path, or a name that is looked for in `PATH`.
    pub fn new(program: impl AsRef<OsStr>) -> Command {
        Command {
            inner: process::Command::new(program),
            directory: None,
            stdin: None,
            stdout: None,
            stderr: None,
            kill_on_drop: false,
            #[cfg(feature = "process-fds")]
            descriptors: Vec::new(),
        }
    }

    /// Begins a command that has `/bin/sh` run a script.
    pub fn shell(script: impl AsRef<OsStr>) -> Command {
        Command::new("/bin/sh").arg("-c").arg(script)
    }

    /// Adds an argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Command {
        self.inner.arg(argument);
        self
    }

    /// Adds arguments.
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Command {
        self.inner.args(arguments);
        self
    }

    /// Sets an environment variable; the others are those of this process.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Command {
        self.inner.env(name, value);
        self
    }

    /// Takes an environment variable away.
    pub fn env_remove(mut self, name: impl AsRef<OsStr>) -> Command {
        self.inner.env_remove(name);
        self
    }

    /// Takes all environment variables away.
    pub fn env_clear(mut self) -> Command {
        self.inner.env_clear();
        self
    }

    /// Sets the directory in which the process begins.
    pub fn current_dir(mut self, directory: impl AsRef<Path>) -> Command {
        self.directory = Some(directory.as_ref().to_owned());
        self.inner.current_dir(directory);
        self
    }

    /// Says what the standard input is: [`PIPE`], [`DEVNULL`], or something to read from.
    pub fn stdin(mut self, stdio: impl Into<Stdio>) -> Command {
        self.stdin = Some(stdio.into());
        self
    }

    /// Says what the standard output is: [`PIPE`], [`DEVNULL`], or something to write to.
    pub fn stdout(mut self, stdio: impl Into<Stdio>) -> Command {
        self.stdout = Some(stdio.into());
        self
    }

    /// Says what the standard error is: as for the output, or [`STDOUT`](super::STDOUT).
    pub fn stderr(mut self, stdio: impl Into<Stdio>) -> Command {
        self.stderr = Some(stdio.into());
        self
    }

    /// Puts the process into a process group: one of that number, or one of its own for zero.
    ///
    /// Signals of the terminal go to groups, and [`Process::signal_group`] reaches one.
    pub fn process_group(mut self, group: i32) -> Command {
        self.inner.process_group(group);
        self
    }

    /// Runs the process as another user, by number.
    pub fn uid(mut self, uid: u32) -> Command {
        self.inner.uid(uid);
        self
    }

    /// Runs the process as another group, by number.
    pub fn gid(mut self, gid: u32) -> Command {
        self.inner.gid(gid);
        self
    }

    /// Gives the process a descriptor, under a number: 3 and above are free.
    ///
    /// Descriptors that are not given are closed when the program starts.
    #[cfg(feature = "process-fds")]
    pub fn pass_fd(
        mut self,
        descriptor: impl Into<std::os::fd::OwnedFd>,
        number: std::os::fd::RawFd,
    ) -> Command {
        let mapping = command_fds::FdMapping { parent_fd: descriptor.into(), child_fd: number };
        self.descriptors.push(mapping);
        self
    }

    /// Says whether dropping the [`Process`], or closing its loop, kills the process; it does not if
    /// this is not called.
    pub fn kill_on_drop(mut self, kill: bool) -> Command {
        self.kill_on_drop = kill;
        self
    }

    /// Starts the process, on the running loop.
    ///
    /// It blocks until the new program runs, or has failed to.
    ///
    /// # Errors
    ///
    /// The operating system's, saying which program, such as *not found*, *permission denied* for one
    /// that cannot be executed, or being out of processes or descriptors. *Invalid input* for an
    /// argument with a NUL in it, and if there is no running loop.
    pub fn spawn(self) -> Result<Process> {
        let (spawned, ends) = self.start()?;
        Ok(Process::new(spawned, ends))
    }

    /// Says what the streams are of which nothing was said.
    pub(super) fn defaults(mut self, stdin: Stdio, stdout: Stdio, stderr: Stdio) -> Command {
        self.stdin.get_or_insert(stdin);
        self.stdout.get_or_insert(stdout);
        self.stderr.get_or_insert(stderr);
        self
    }

    /// Starts the process, and gives it with the loop's ends of its pipes.
    pub(super) fn start(mut self) -> Result<(Rc<Spawned>, Ends)> {
        let engine = engine::current().ok_or_else(engine::not_running)?;
        orphans::reap();
        let inherit = |stdio: Option<Stdio>| stdio.unwrap_or(Stdio::INHERIT);
        let (stdin, stdout) = (inherit(self.stdin.take()), inherit(self.stdout.take()));
        let stderr = inherit(self.stderr.take());
        let ends = stdio::connect(&mut self.inner, stdin, stdout, stderr)
            .map_err(|error| error.attempting(self.attempt()))?;
        self.map_descriptors()?;
        let spawned = self.inner.spawn();
        let spawned = spawned.map_err(|error| Error::from(error).attempting(self.attempt()))?;
        let program = self.inner.get_program().to_string_lossy().into_owned();
        let spawned = engine.os_events.processes.add(&engine, spawned, program, self.kill_on_drop);
        // The command goes here, and with it the process's ends of the pipes.
        Ok((spawned, ends))
    }

    /// Starts the process, collects what it writes, and waits until it has ended. Its input is empty, and
    /// its output and error are pipes, unless something else was said.
    ///
    /// # Errors
    ///
    /// As for [`spawn`](Self::spawn) and [`Process::communicate`]. That it failed is no error.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the [`Process`]: it runs on, or is killed
    /// ([`kill_on_drop`](Self::kill_on_drop)).
    pub async fn output(self) -> Result<Output> {
        let mut process = self.defaults(DEVNULL, PIPE, PIPE).spawn()?;
        let (stdout, stderr) = process.communicate("").await?;
        Ok(Output { status: process.wait().await?, stdout, stderr })
    }

    /// Starts the process and waits until it has ended.
    ///
    /// # Errors
    ///
    /// As for [`spawn`](Self::spawn) and [`Process::wait`]. That it failed is no error.
    ///
    /// # Cancel safety
    ///
    /// As for [`output`](Self::output).
    pub async fn status(self) -> Result<ExitStatus> {
        self.spawn()?.wait().await
    }

    #[cfg(feature = "process-fds")]
    fn map_descriptors(&mut self) -> Result<()> {
        use command_fds::CommandFdExt;

        if self.descriptors.is_empty() {
            return Ok(());
        }
        let descriptors = std::mem::take(&mut self.descriptors);
        let mapped = self.inner.fd_mappings(descriptors).err();
        match mapped {
            None => Ok(()),
            Some(collision) => Err(Error::new(polyloop_core::ErrorKind::InvalidInput)
                .attempting(format_args!("{}: {collision}", self.attempt()))),
        }
    }

    #[cfg(not(feature = "process-fds"))]
    fn map_descriptors(&mut self) -> Result<()> {
        Ok(())
    }

    /// Says what is attempted.
    fn attempt(&self) -> String {
        let program = self.inner.get_program().to_string_lossy();
        match &self.directory {
            None => format!("start {program}"),
            Some(directory) if directory.is_dir() => {
                format!("start {program} in {}", directory.display())
            }
            Some(directory) => {
                format!("start {program} in {} (no such directory)", directory.display())
            }
        }
    }
}

impl IntoFuture for Command {
    type Output = Result<Process>;
    type IntoFuture = Spawning;

    fn into_future(self) -> Spawning {
        ready(self.spawn())
    }
}
