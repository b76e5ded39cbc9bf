use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncRead;
use polyloop_core::{Error, Interest, Result, limits};

use super::lines::{Lines, lines};
use super::whole_reads;
use crate::executor::ThreadTask;
use crate::loop_object::Loop;
use crate::net::resource::Resource;
use crate::sys::standard::Standard;

/// Opens the standard input of the process for the running loop, whatever is behind it.
///
/// # Errors
///
/// The operating system's, if it is closed or descriptors have run out; *invalid input* if there
/// is no running loop.
///
/// # Examples
///
/// ```no_run
/// polyloop::run(async {
///     use futures::StreamExt;
///
///     let mut lines = polyloop::io::stdin()?.lines();
///     while let Some(line) = lines.next().await {
///         println!("read {:?}", line?);
///     }
///     Ok::<(), polyloop::Error>(())
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub fn stdin() -> Result<Stdin> {
    Loop::current()?;
    let standard = Standard::input().map_err(opening)?;
    let route = match standard.readable().map_err(opening)?.map(Resource::attach) {
        Some(Ok(resource)) => Route::Polled(resource),
        // A loop that cannot wait for it has threads all the same.
        Some(Err(_)) | None => Route::Threads(Reading::default()),
    };
    Ok(Stdin { standard, route })
}

/// The standard input of the process: a terminal, a pipe, a socket, a file, `/dev/null`.
///
/// What can be waited for is: the loop waits until there is something, and then reads it. Files
/// are read by threads. The mode of what is behind it is left as it is, because other processes
/// share it: it does not become non-blocking. So, if another process takes what was there between the
/// waiting and the reading, the reading waits, and the loop with it.
///
/// [`std::io::stdin`] has a buffer of its own; do not mix the two.
#[derive(Debug)]
pub struct Stdin {
    standard: Standard,
    route: Route,
}

#[derive(Debug)]
enum Route {
    Polled(Resource),
    Threads(Reading),
}

/// What a thread reads, or has read and nobody has taken.
#[derive(Default, Debug)]
struct Reading {
    task: Option<ThreadTask<io::Result<Vec<u8>>>>,
    ahead: Vec<u8>,
    taken: usize,
}

impl Stdin {
    /// Reads some bytes, and tells how many; zero is the end of the input (or of `buf`, if that is
    /// empty). A terminal gives a line at a time, unless it was told otherwise.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *is a directory*.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future loses nothing; what a thread reads meanwhile comes with the next
    /// read.
    pub async fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        poll_fn(|cx| self.poll_read_some(cx, buf)).await
    }

    /// Reads as many bytes as `buf` is long.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read), and *unexpected end of file*, with
    /// [`Error::transferred`](crate::Error::transferred) telling how many had come.
    ///
    /// # Cancel safety
    ///
    /// Not cancel-safe: what had been read is in `buf`, and nobody knows how much that is.
    pub async fn read_exact(&mut self, buf: &mut [u8]) -> Result<()> {
        let poll = |cx: &mut Context<'_>, buf: &mut [u8]| self.poll_read_some(cx, buf);
        whole_reads::read_exact(buf, poll, |error| error.attempting("read")).await
    }

    /// Reads to the end of the input, behind what `bytes` holds, and tells how many bytes that were.
    /// There is no bound: do not read so from whom you do not trust.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read); what came before is in `bytes`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves in `bytes` what had been read; nothing is lost.
    pub async fn read_to_end(&mut self, bytes: &mut Vec<u8>) -> Result<usize> {
        whole_reads::read_to_end(bytes, |cx, buf| self.poll_read_some(cx, buf)).await
    }

    /// Reads by lines; see [`lines`].
    pub fn lines(self) -> Lines<Stdin> {
        lines(self)
    }

    fn poll_read_some(&mut self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let result = match &mut self.route {
            Route::Polled(resource) => {
                let engine = resource.engine()?;
                ready!(engine.poll_spend(cx));
                match ready!(resource.poll_ready(&engine, cx, Interest::READABLE)) {
                    Ok(()) => retried(|| self.standard.read(buf)),
                    Err(error) => {
                        // Selectors refuse some devices, /dev/null among them (epoll_ctl(2), EPERM);
                        // those never have one wait for long.
                        if error.raw_os_error().is_none() {
                            return Poll::Ready(Err(error.attempting(READING)));
                        }
                        self.route = Route::Threads(Reading::default());
                        return self.poll_read_some(cx, buf);
                    }
                }
            }
            Route::Threads(reading) => ready!(reading.poll_read(cx, &self.standard, buf)),
        };
        Poll::Ready(result.map_err(|error| Error::from(error).attempting(READING)))
    }
}

impl Reading {
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        standard: &Standard,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.taken == self.ahead.len() {
            let task = match &mut self.task {
                Some(task) => task,
                None => {
                    let (standard, wanted) = (standard.clone(), buf.len().min(limits::WRITE_PIECE));
                    let read = move || {
                        let mut bytes = vec![0; wanted];
                        let count = retried(|| standard.read(&mut bytes))?;
                        bytes.truncate(count);
                        Ok(bytes)
                    };
                    let events = Loop::current()?;
                    self.task.insert(events.run_in_executor(None, read))
                }
            };
            let read = ready!(Pin::new(task).poll(cx));
            self.task = None;
            self.ahead = read.map_err(io::Error::other)??;
            self.taken = 0;
        }
        let rest = &self.ahead[self.taken..];
        let count = rest.len().min(buf.len());
        buf[..count].copy_from_slice(&rest[..count]);
        self.taken += count;
        Poll::Ready(Ok(count))
    }
}

impl AsyncRead for Stdin {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_read_some(cx, buf).map_err(io::Error::from)
    }
}

/// Repeats a call that a signal interrupted.
pub(super) fn retried<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

fn opening(error: io::Error) -> Error {
    Error::from(error).attempting("open the standard input")
}

const READING: &str = "read the standard input";
