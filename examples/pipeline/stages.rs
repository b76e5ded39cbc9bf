//! Processes in a row, each reading what the one before it writes.

use std::process::ExitStatus;

use polyloop::process::{Command, Process, Stdio};
use polyloop::{Error, ErrorKind, Result};

/// Programs with their arguments.
pub(crate) struct Pipeline {
    stages: Vec<Vec<String>>,
}

impl Pipeline {
    /// Reads words in which `|` stands between the stages.
    pub(crate) fn parse(words: impl IntoIterator<Item = String>) -> Result<Pipeline> {
        let mut stages = vec![Vec::new()];
        for word in words {
            match (word.as_str(), stages.last_mut()) {
                ("|", _) => stages.push(Vec::new()),
                (_, Some(stage)) => stage.push(word),
                (_, None) => {}
            }
        }
        if stages.iter().any(Vec::is_empty) {
            let what = "read the pipeline (a stage has no program)";
            return Err(Error::new(ErrorKind::InvalidInput).attempting(what));
        }
        Ok(Pipeline { stages })
    }

    /// Starts every stage; the ends that are left over are what the row reads and writes.
    ///
    /// If one cannot be started, those before it are killed.
    pub(crate) fn start(&self, input: Stdio, output: Stdio) -> Result<Vec<Process>> {
        let (mut input, mut output) = (Some(input), Some(output));
        let mut processes = Vec::new();
        for (position, stage) in self.stages.iter().enumerate() {
            let is_last = position + 1 == self.stages.len();
            let (next_input, writes) = if is_last {
                (None, output.take())
            } else {
                let (reader, writer) = std::io::pipe()?;
                (Some(Stdio::from(reader)), Some(Stdio::from(writer)))
            };
            let mut command = Command::new(&stage[0]).args(&stage[1..]).kill_on_drop(true);
            command = command.stdin(input.take().unwrap_or(Stdio::INHERIT));
            command = command.stdout(writes.unwrap_or(Stdio::INHERIT));
            // The command goes with this, and its ends with it: who reads sees the end.
            processes.push(command.spawn()?);
            input = next_input;
        }
        Ok(processes)
    }
}

/// Waits for all of them, and gives how the last one ended.
pub(crate) async fn wait(processes: &[Process]) -> Result<Option<ExitStatus>> {
    let mut last = None;
    for process in processes {
        last = Some(process.wait().await?);
    }
    Ok(last)
}
