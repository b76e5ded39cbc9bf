use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncWrite;
use polyloop_core::{Error, Interest, Result, limits};

use super::standard_input::retried;
use crate::executor::ThreadTask;
use crate::loop_object::Loop;
use crate::net::resource::Resource;
use crate::sys::standard::Standard;

/// Opens the standard output of the process for the running loop, whatever is behind it.
///
/// # Errors
///
/// The operating system's, if it is closed or descriptors have run out; *invalid input* if there
/// is no running loop.
pub fn stdout() -> Result<Stdout> {
    Ok(Stdout { output: Output::open("the standard output", Standard::output())? })
}

/// Opens the standard error stream of the process for the running loop, whatever is behind it.
///
/// # Errors
///
/// As for [`stdout`].
pub fn stderr() -> Result<Stderr> {
    Ok(Stderr { output: Output::open("the standard error stream", Standard::error())? })
}

/// The standard output of the process: a terminal, a pipe, a socket, a file, `/dev/null`.
///
/// Into a pipe the loop writes itself, in pieces that a pipe with room takes whole, and waits for
/// room in between. What else there may be, threads write to. The mode of what is behind it is left
/// as it is, because other processes share it: it does not become non-blocking.
///
/// It has no buffer: each write goes out. [`print!`] has one; flush that before mixing the two.
/// What is dropped unflushed, after a write by the traits of `futures-io`, goes on by itself.
#[derive(Debug)]
pub struct Stdout {
    output: Output,
}

/// The standard error stream of the process; see [`Stdout`].
#[derive(Debug)]
pub struct Stderr {
    output: Output,
}

#[derive(Debug)]
struct Output {
    name: &'static str,
    standard: Standard,
    route: Route,
}

#[derive(Debug)]
enum Route {
    Polled(Resource),
    Threads(Option<ThreadTask<io::Result<()>>>),
}

impl Output {
    fn open(name: &'static str, standard: io::Result<Standard>) -> Result<Output> {
        Loop::current()?;
        let opening = |error: io::Error| Error::from(error).attempting(format_args!("open {name}"));
        let standard = standard.map_err(opening)?;
        let route = match standard.writable().map_err(opening)?.map(Resource::attach) {
            Some(Ok(resource)) => Route::Polled(resource),
            // A loop that cannot wait for it has threads all the same.
            Some(Err(_)) | None => Route::Threads(None),
        };
        Ok(Output { name, standard, route })
    }

    async fn write_all(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let count = poll_fn(|cx| self.poll_write(cx, bytes)).await?;
            bytes = &bytes[count..];
        }
        self.flush().await
    }

    async fn flush(&mut self) -> Result<()> {
        poll_fn(|cx| self.poll_written(cx)).await
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        ready!(self.poll_written(cx))?;
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        match &mut self.route {
            Route::Polled(resource) => {
                let engine = resource.engine()?;
                ready!(engine.poll_spend(cx));
                ready!(resource.poll_ready(&engine, cx, Interest::WRITABLE))?;
                let some = &bytes[..bytes.len().min(Standard::PIPE_BUF)];
                let written = retried(|| self.standard.write(some));
                Poll::Ready(written.map_err(|error| self.saying(error)))
            }
            Route::Threads(task) => {
                let some = &bytes[..bytes.len().min(limits::WRITE_PIECE)];
                let (standard, piece) = (self.standard.clone(), some.to_vec());
                let write = move || {
                    let mut rest = &piece[..];
                    while !rest.is_empty() {
                        match retried(|| standard.write(rest))? {
                            0 => return Err(io::ErrorKind::WriteZero.into()),
                            count => rest = &rest[count..],
                        }
                    }
                    Ok(())
                };
                *task = Some(Loop::current()?.run_in_executor(None, write));
                Poll::Ready(Ok(some.len()))
            }
        }
    }

    /// Waits for what a thread writes.
    fn poll_written(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let Route::Threads(Some(task)) = &mut self.route else { return Poll::Ready(Ok(())) };
        let written = ready!(Pin::new(task).poll(cx));
        self.route = Route::Threads(None);
        let written = written.unwrap_or_else(|error| Err(io::Error::other(error)));
        Poll::Ready(written.map_err(|error| self.saying(error)))
    }

    fn saying(&self, error: io::Error) -> Error {
        Error::from(error).attempting(format_args!("write to {}", self.name))
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Route::Threads(task) = &mut self.route
            && let Some(task) = task.take()
        {
            task.detach();
        }
    }
}

macro_rules! output {
    ($($stream:ty),+) => {$(
        impl $stream {
            /// Writes all of it.
            ///
            /// # Errors
            ///
            /// The operating system's, such as *broken pipe*; an unspecified part has been written.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future has written an unspecified part.
            pub async fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
                self.output.write_all(bytes).await
            }

            /// Waits until the operating system has what was written through the traits of
            /// `futures-io`.
            ///
            /// # Errors
            ///
            /// Those of that write.
            ///
            /// # Cancel safety
            ///
            /// Cancel-safe: dropping the future stops only the waiting.
            pub async fn flush(&mut self) -> Result<()> {
                self.output.flush().await
            }
        }

        /// Closing flushes, and leaves the stream open: the process still has it.
        impl AsyncWrite for $stream {
            fn poll_write(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                self.output.poll_write(cx, bytes).map_err(io::Error::from)
            }

            fn poll_flush(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
            ) -> Poll<io::Result<()>> {
                self.output.poll_written(cx).map_err(io::Error::from)
            }

            fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.poll_flush(cx)
            }
        }
    )+};
}

output!(Stdout, Stderr);
