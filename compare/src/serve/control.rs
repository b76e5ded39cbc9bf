//! What the child says and hears.

use std::io::{self, BufRead, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::usage::Usage;

/// What came of a `run`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ran {
    /// How often the work was done.
    pub(crate) operations: u64,
    /// The time of the clock.
    pub(crate) elapsed_ns: u64,
    /// The time that the work itself took, by its own measure; zero if it has none.
    pub(crate) own_ns: u64,
    /// Allocations of the work itself, and bytes it has got and not given back, likewise.
    pub(crate) own_allocations: u64,
    pub(crate) own_bytes: u64,
    /// What the process used meanwhile.
    pub(crate) usage: Usage,
}

/// Whether a server has no thread that listens. It is set once, before there is any thread.
static DEAF: AtomicBool = AtomicBool::new(false);

/// Says whether a server does without the thread that answers.
pub(crate) fn be_deaf(deaf: bool) {
    DEAF.store(deaf, Ordering::Relaxed);
}

/// Says that the server is there, and answers `mark` from now on, on a thread of its own.
///
/// The thread sleeps in a read of standard input while the work is measured.
pub(crate) fn ready(address: &str) -> io::Result<()> {
    say(&format!("ready {address}"))?;
    if DEAF.load(Ordering::Relaxed) {
        return Ok(());
    }
    std::thread::Builder::new().name("control".to_owned()).spawn(|| {
        for line in io::stdin().lock().lines() {
            let answered = match line.as_deref() {
                Ok("mark") => say_json(&Usage::now()),
                _ => break,
            };
            if answered.is_err() {
                break;
            }
        }
        // Whoever started this process has gone, or wants no more of it.
        std::process::exit(0);
    })?;
    Ok(())
}

/// Runs the work whenever asked, on this thread, until standard input ends.
pub(crate) fn answer_runs(mut run: impl FnMut(Duration) -> io::Result<Ran>) -> io::Result<()> {
    say("ready -")?;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let millis = line.strip_prefix("run ").and_then(|millis| millis.parse().ok());
        let Some(millis) = millis else {
            return Err(io::Error::other(format!("unknown command `{line}`")));
        };
        say_json(&run(Duration::from_millis(millis))?)?;
    }
    Ok(())
}

fn say_json(answer: &impl Serialize) -> io::Result<()> {
    say(&serde_json::to_string(answer)?)
}

fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
