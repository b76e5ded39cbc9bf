use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process;

use polyloop_core::{Error, ErrorKind, Result};

use crate::io::{PipeReader, PipeWriter};

/// What a standard stream of a process is.
///
/// Beside the constants [`PIPE`], [`STDOUT`] and [`DEVNULL`] it is made of what the process gets as
/// that stream: a file, one end of a pipe of the standard library's, a socket, any descriptor.
#[derive(Debug)]
pub struct Stdio {
    kind: Kind,
}

/// A pipe, whose other end the [`Process`](super::Process) has.
pub const PIPE: Stdio = Stdio { kind: Kind::Pipe };

/// For the standard error: what the standard output is.
pub const STDOUT: Stdio = Stdio { kind: Kind::SameAsOutput };

/// Nothing: reading ends at once, what is written is gone.
pub const DEVNULL: Stdio = Stdio { kind: Kind::Null };

#[derive(Debug)]
enum Kind {
    Inherit,
    Null,
    Pipe,
    SameAsOutput,
    Descriptor(OwnedFd),
}

impl Stdio {
    /// What this process has as that stream; it is so if nothing else is said.
    pub const INHERIT: Stdio = Stdio { kind: Kind::Inherit };

    /// Makes what another process writes the input of this one: its reading end is taken out of the
    /// loop.
    ///
    /// # Errors
    ///
    /// *Invalid input* if the loop has read some of it ahead, which the process would then miss:
    /// give a pipe on to a process before reading from it. *Unsupported* if the loop cannot detach
    /// handles.
    ///
    /// # Cancel safety
    ///
    /// Not cancel-safe: dropping the future may close the pipe.
    pub async fn from_reader(reader: PipeReader) -> Result<Stdio> {
        let (reader, ahead) = reader.into_std().await?;
        if !ahead.is_empty() {
            return Err(Error::new(ErrorKind::InvalidInput).attempting(format_args!(
                "give a pipe to a process ({} bytes of it are read already)",
                ahead.len()
            )));
        }
        Ok(reader.into())
    }
}

impl From<OwnedFd> for Stdio {
    fn from(descriptor: OwnedFd) -> Stdio {
        Stdio { kind: Kind::Descriptor(descriptor) }
    }
}

impl From<File> for Stdio {
    fn from(file: File) -> Stdio {
        OwnedFd::from(file).into()
    }
}

impl From<io::PipeReader> for Stdio {
    fn from(reader: io::PipeReader) -> Stdio {
        OwnedFd::from(reader).into()
    }
}

impl From<io::PipeWriter> for Stdio {
    fn from(writer: io::PipeWriter) -> Stdio {
        OwnedFd::from(writer).into()
    }
}

/// The loop's ends of a process's pipes.
#[derive(Debug, Default)]
pub(super) struct Ends {
    pub(super) stdin: Option<PipeWriter>,
    pub(super) stdout: Option<PipeReader>,
    pub(super) stderr: Option<PipeReader>,
}

/// Makes the pipes, gives the command its ends, and the others back.
pub(super) fn connect(
    command: &mut process::Command,
    stdin: Stdio,
    stdout: Stdio,
    stderr: Stdio,
) -> Result<Ends> {
    let mut ends = Ends::default();
    command.stdin(match stdin.kind {
        Kind::Pipe => {
            let (reader, writer) = io::pipe()?;
            ends.stdin = Some(PipeWriter::from_std(writer)?);
            reader.into()
        }
        Kind::SameAsOutput => return Err(misplaced("input")),
        other => other.plain(),
    });
    let mut output = match stdout.kind {
        Kind::Pipe => {
            let (reader, writer) = io::pipe()?;
            ends.stdout = Some(PipeReader::from_std(reader)?);
            Kind::Descriptor(writer.into())
        }
        Kind::SameAsOutput => return Err(misplaced("output")),
        other => other,
    };
    command.stderr(match stderr.kind {
        Kind::Pipe => {
            let (reader, writer) = io::pipe()?;
            ends.stderr = Some(PipeReader::from_std(reader)?);
            writer.into()
        }
        Kind::SameAsOutput => output.duplicate()?.plain(),
        other => other.plain(),
    });
    command.stdout(output.plain());
    Ok(ends)
}

impl Kind {
    /// Gives what the standard library makes of it; a pipe has been made before.
    fn plain(self) -> process::Stdio {
        match self {
            Kind::Null => process::Stdio::null(),
            Kind::Descriptor(descriptor) => descriptor.into(),
            Kind::Inherit | Kind::Pipe | Kind::SameAsOutput => process::Stdio::inherit(),
        }
    }

    /// Gives the same a second time.
    fn duplicate(&mut self) -> Result<Kind> {
        Ok(match self {
            Kind::Descriptor(descriptor) => Kind::Descriptor(descriptor.try_clone()?),
            Kind::Null => Kind::Null,
            _ => Kind::Descriptor(io::stdout().as_fd().try_clone_to_owned()?),
        })
    }
}

fn misplaced(stream: &str) -> Error {
    Error::new(ErrorKind::InvalidInput)
        .attempting(format_args!("make the standard {stream} of a process what its output is"))
}
