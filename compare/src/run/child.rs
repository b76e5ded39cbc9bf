use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{self, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::cell::Cell;
use crate::peer::Peer;
use crate::serve::Ran;
use crate::serve::usage::Usage;

/// How long a child may take to begin, or to answer; a run may take this much longer than asked.
const PATIENCE: Duration = Duration::from_secs(20);

/// Lines that are read of what it says when it ends early.
const COMPLAINTS_MAX: usize = 64;

/// A child process that does one work with one peer. Dropping it kills it.
pub(crate) struct Child {
    process: process::Child,
    commands: Option<ChildStdin>,
    answers: Receiver<String>,
    complaints: Receiver<String>,
    /// Where it serves; `-` if it does not.
    pub(crate) address: String,
}

impl Child {
    /// Starts this same program as a server, on one processor, perhaps under another program.
    pub(crate) fn start(peer: Peer, cell: &Cell, cpu: usize, under: &[&str]) -> io::Result<Child> {
        let program = std::env::current_exe()?;
        let mut command = match under {
            [] => Command::new(program),
            [tool, arguments @ ..] => {
                let mut command = Command::new(tool);
                command.args(arguments).arg(program);
                command
            }
        };
        command.args(["serve", "--peer", peer.name(), "--work", &cell.work().to_string()]);
        command.args(["--cpu", &cpu.to_string(), "--buffer", &cell.buffer_bytes().to_string()]);
        if !under.is_empty() {
            // valgrind lets no thread hear anything while another waits in `io_uring_enter`.
            command.arg("--deaf");
        }
        // What a panic says is enough for a report.
        command.env("RUST_BACKTRACE", "0");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn()?;
        let answers = lines(process.stdout.take());
        let complaints = lines(process.stderr.take());
        let commands = process.stdin.take();
        let mut child = Child { process, commands, answers, complaints, address: String::new() };
        let line = child.answer(Duration::ZERO)?;
        let address = line.strip_prefix("ready ");
        let address = address.ok_or_else(|| io::Error::other(format!("it said `{line}`")))?;
        child.address = address.to_owned();
        Ok(child)
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Asks what the child has used so far.
    pub(crate) fn mark(&mut self) -> io::Result<Usage> {
        self.ask("mark", Duration::ZERO)
    }

    /// Has it do its work for that long.
    pub(crate) fn run(&mut self, duration: Duration) -> io::Result<Ran> {
        self.ask(&format!("run {}", duration.as_millis()), duration)
    }

    /// Gives the bytes of memory that it has.
    pub(crate) fn resident_bytes(&self) -> io::Result<u64> {
        let sizes = std::fs::read_to_string(format!("/proc/{}/statm", self.id()))?;
        let pages = sizes.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
        let pages = pages.ok_or_else(|| io::Error::other("statm has another shape"))?;
        Ok(pages * rustix::param::page_size() as u64)
    }

    /// Lets it end by itself, and gives what it said on standard error.
    pub(crate) fn finish(mut self) -> io::Result<String> {
        drop(self.commands.take());
        self.said_at_the_end()
    }

    /// Ends it by a signal, of which it may hear only when `disturb` has given it something to do, and gives
    /// what it said on standard error.
    pub(crate) fn terminate(self, disturb: impl FnOnce()) -> io::Result<String> {
        let process = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(process, rustix::process::Signal::TERM)?;
        disturb();
        self.said_at_the_end()
    }

    fn said_at_the_end(&self) -> io::Result<String> {
        let mut said = String::new();
        loop {
            match self.complaints.recv_timeout(PATIENCE) {
                Ok(line) => said = said + &line + "\n",
                Err(RecvTimeoutError::Disconnected) => return Ok(said),
                Err(RecvTimeoutError::Timeout) => return Err(io::ErrorKind::TimedOut.into()),
            }
        }
    }

    fn ask<T: DeserializeOwned>(&mut self, command: &str, busy: Duration) -> io::Result<T> {
        let commands = self.commands.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        writeln!(commands, "{command}")?;
        let line = self.answer(busy)?;
        serde_json::from_str(&line).map_err(|error| io::Error::other(format!("{line}: {error}")))
    }

    fn answer(&mut self, busy: Duration) -> io::Result<String> {
        self.answers.recv_timeout(busy + PATIENCE).map_err(|error| match error {
            RecvTimeoutError::Timeout => io::ErrorKind::TimedOut.into(),
            RecvTimeoutError::Disconnected => {
                let said: Vec<String> = self.complaints.iter().take(COMPLAINTS_MAX).collect();
                io::Error::other(format!("the server ended: {}", reason_in(&said)))
            }
        })
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell either way.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Finds why a process ended in what it said, without the place of a panic, which is a path of the
/// machine that compiled it.
fn reason_in(said: &[String]) -> &str {
    let mut lines = said.iter().map(|line| line.trim());
    let tells = |line: &&str| !line.is_empty() && !line.contains(" panicked at ");
    lines.find(tells).unwrap_or("it gave no reason")
}

/// Reads lines on a thread, so that waiting for one can end.
fn lines(pipe: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        let Some(pipe) = pipe else { return };
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

#[cfg(test)]
mod tests;
