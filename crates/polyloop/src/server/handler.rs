use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use polyloop_core::Result;

use super::builder::ServerBuilder;
use super::server_object::Server;
use crate::engine::{self, Engine};
use crate::exception::ExceptionContext;
use crate::net::ToHostAddress;
use crate::streams::{StreamReader, StreamWriter, pair_of};
use crate::task::{self, TaskStart};
use crate::wire::Wire;

/// Listens at an address and runs a task for each connection: asyncio's `start_server`.
///
/// The handler is given the two ends of the connection, which closes when both are dropped. What a
/// handler fails with, or panics with, goes to the exception handler and ends only its connection.
/// Each runs in a copy of the [`Context`](crate::Context) in which the server was created.
/// [`Server::builder`] has limits and options.
///
/// A host name means each of its addresses, those of version 6 for version 6 alone; addresses that
/// this machine does not have are passed over while there is another.
///
/// # Errors
///
/// The operating system's, such as *address in use*, saying where. *Invalid input* if there is
/// no running loop.
///
/// # Cancel safety
///
/// Dropping the future closes what was opened.
///
/// # Examples
///
/// ```
/// use polyloop::{StreamReader, StreamWriter, open_connection, start_server};
///
/// polyloop::run(async {
///     let server = start_server(
///         |mut reader: StreamReader, writer: StreamWriter| async move {
///             while let Some(chunk) = reader.read_chunk().await? {
///                 writer.write(&chunk);
///                 writer.drain().await?;
///             }
///             Ok::<(), polyloop::Error>(())
///         },
///         "127.0.0.1:0",
///     )
///     .await?;
///     let (mut reader, writer) = open_connection(server.local_addr()?).await?;
///     writer.write(b"echo");
///     assert_eq!(reader.readexactly(4).await?, b"echo");
///     Ok::<(), polyloop::Error>(())
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub async fn start_server<H, F>(handler: H, address: impl ToHostAddress) -> Result<Server>
where
    H: Fn(StreamReader, StreamWriter) -> F + 'static,
    F: Future<Output: ConnectionOutcome> + 'static,
{
    ServerBuilder::new().start_server(handler, address).await
}

/// What the handler of a connection may end with: nothing, or a result, whose error is reported.
pub trait ConnectionOutcome: 'static {
    /// Gives what went wrong, in words.
    fn failure(&self) -> Option<String>;
}

impl ConnectionOutcome for () {
    fn failure(&self) -> Option<String> {
        None
    }
}

impl<E: fmt::Display + 'static> ConnectionOutcome for Result<(), E> {
    fn failure(&self) -> Option<String> {
        self.as_ref().err().map(ToString::to_string)
    }
}

/// Runs the handler of a connection in a task.
pub(super) fn serve<H, F>(engine: &Rc<Engine>, handler: &H, wire: Rc<Wire>)
where
    H: Fn(StreamReader, StreamWriter) -> F,
    F: Future<Output: ConnectionOutcome> + 'static,
{
    let (reader, writer) = pair_of(wire);
    let handling = handler(reader, writer);
    task::spawn(engine, watched(handling), None, TaskStart::Soon).detach();
}

pin_project! {
    /// Handles a connection, and tells the loop's exception handler what that fails with.
    ///
    /// It is no `async fn`, which would have the handler's future twice in every connection's task.
    pub(crate) struct Watched<F> {
        #[pin]
        handling: F,
    }
}

pub(crate) fn watched<F: Future<Output: ConnectionOutcome>>(handling: F) -> Watched<F> {
    Watched { handling }
}

impl<F: Future<Output: ConnectionOutcome>> Future for Watched<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let outcome = ready!(self.project().handling.poll(cx));
        if let Some(failure) = outcome.failure()
            && let Some(engine) = engine::current()
        {
            let message = format!("the handler of a connection failed: {failure}");
            engine.reporter.report(&ExceptionContext::new(message));
        }
        Poll::Ready(())
    }
}
