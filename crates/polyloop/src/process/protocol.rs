use polyloop_core::Error;

use super::SubprocessTransport;

/// What is called as a process lives: asyncio's `SubprocessProtocol`.
///
/// [`connection_made`](Self::connection_made) comes first, and
/// [`connection_lost`](Self::connection_lost) last, once the process has ended and its pipes are
/// closed. Between them the pipes and the process tell what happens to each of them:
/// [`process_exited`](Self::process_exited) may come before the last bytes. Pipes are called by
/// the numbers of the process's descriptors: 0, 1 and 2.
///
/// The methods never nest. One that panics is reported to the exception handler, and its transport is
/// closed, which kills the process.
///
/// # Examples
///
/// ```
/// use polyloop::process::{SubprocessProtocol, SubprocessTransport};
/// use polyloop::{LoopFuture, subprocess_exec};
///
/// struct Collecting {
///     output: Vec<u8>,
///     done: LoopFuture<Vec<u8>>,
/// }
///
/// impl SubprocessProtocol for Collecting {
///     fn connection_made(&mut self, transport: &SubprocessTransport) {
///         let input = transport.pipe_transport(0).expect("its input is a pipe");
///         input.write(b"b\na\n");
///         input.write_eof();
///     }
///     fn pipe_data_received(&mut self, _: &SubprocessTransport, number: i32, data: &[u8]) {
///         assert_eq!(number, 1);
///         self.output.extend_from_slice(data);
///     }
///     fn connection_lost(&mut self, transport: &SubprocessTransport) {
///         assert_eq!(transport.returncode(), Some(0));
///         self.done.set_result(std::mem::take(&mut self.output)).expect("it is set once");
///     }
/// }
///
/// polyloop::run(async {
///     let done = polyloop::create_future();
///     let set = done.clone();
///     let factory = move || Collecting { output: Vec::new(), done: set };
///     subprocess_exec(factory, "sort", [""; 0])?;
///     assert_eq!(done.await.unwrap(), b"a\nb\n");
///     Ok::<(), polyloop::Error>(())
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub trait SubprocessProtocol: 'static {
    /// The process was started.
    fn connection_made(&mut self, _transport: &SubprocessTransport) {}

    /// The process has written something to its output (1) or its errors (2).
    fn pipe_data_received(&mut self, _: &SubprocessTransport, _number: i32, _data: &[u8]) {}

    /// One of the pipes is closed.
    fn pipe_connection_lost(
        &mut self,
        _transport: &SubprocessTransport,
        _number: i32,
        _error: Option<Error>,
    ) {
    }

    /// The process has ended.
    fn process_exited(&mut self, _transport: &SubprocessTransport) {}

    /// The process has ended and every pipe is closed. The last call.
    fn connection_lost(&mut self, _transport: &SubprocessTransport) {}

    /// More is kept to be written to the process than the high mark: writing should wait.
    fn pause_writing(&mut self, _transport: &SubprocessTransport) {}

    /// No more than the low mark is kept: writing may go on.
    fn resume_writing(&mut self, _transport: &SubprocessTransport) {}
}
