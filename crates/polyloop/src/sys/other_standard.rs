//! The standard streams of the process. Here none can be waited for: threads read and write them.

use std::io::{self, Read, Write};

use polyloop_core::OsHandle;

/// One of the three.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Standard {
    Input,
    Output,
    Error,
}

impl Standard {
    pub(crate) fn input() -> io::Result<Standard> {
        Ok(Standard::Input)
    }

    pub(crate) fn output() -> io::Result<Standard> {
        Ok(Standard::Output)
    }

    pub(crate) fn error() -> io::Result<Standard> {
        Ok(Standard::Error)
    }

    pub(crate) fn readable(&self) -> io::Result<Option<OsHandle>> {
        Ok(None)
    }

    pub(crate) fn writable(&self) -> io::Result<Option<OsHandle>> {
        Ok(None)
    }

    pub(crate) fn read(&self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Standard::Input => io::stdin().lock().read(buf),
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Standard::Output => {
                let mut output = io::stdout().lock();
                let count = output.write(bytes)?;
                output.flush().map(|()| count)
            }
            Standard::Error => io::stderr().lock().write(bytes),
            Standard::Input => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Nothing is written by waiting for room here.
    pub(crate) const PIPE_BUF: usize = 512;
}
