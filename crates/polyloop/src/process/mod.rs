//! Child processes: started with pipes to talk to them by, waited for without blocking the loop.
//! On Unix only.
//!
//! [`create_subprocess_exec`](crate::create_subprocess_exec) and
//! [`create_subprocess_shell`](crate::create_subprocess_shell) begin a [`Command`], which is awaited
//! for its [`Process`]. [`subprocess_exec`](crate::subprocess_exec) and
//! [`subprocess_shell`](crate::subprocess_shell) are the callback layer's.
//!
//! # How an exit is learned
//!
//! On Linux every process has a descriptor (a pidfd, Linux 5.3), and the loop waits for that: on
//! io_uring the kernel is asked for the exit itself (Linux 6.7). Elsewhere, and with a loop that cannot
//! attach descriptors, the loop asks for SIGCHLD, and then asks for each of its own processes whether it
//! has ended. Only processes that were started here are ever waited for, so other parts of a
//! program can have children of their own. A process that ended before anybody asked is told of
//! all the same.
//!
//! That works while nobody else waits for *every* child (`waitpid(-1)`) and while SIGCHLD is not
//! ignored: else the system forgets exits, and [`Process::wait`] is an error that says so.
//!
//! # Signals
//!
//! A signal never reaches a process that is not the one meant: on Linux it goes through the descriptor,
//! elsewhere only to a number that the system has not been asked to forget.
//!
//! # When a process is left alone
//!
//! Dropping a [`Process`] lets the process run, unless [`Command::kill_on_drop`] says otherwise; the
//! loop still waits for it, so that no zombie is left. What has not ended when the loop is closed is
//! waited for when another process is started, or another loop closed.
//!
//! # Platform notes
//!
//! A running process costs two descriptors on Linux, beside its pipes. Starting one blocks the loop until
//! the new program runs or has failed to: a millisecond or so on an idle machine, several on a busy one. There is no such module on Windows,
//! where no loop can wait for the pipes of a process.

mod command;
pub(crate) mod create_subprocess;
mod exits;
mod orphans;
mod process_object;
mod protocol;
mod spawned;
mod stdio;
mod table;
mod talk;
pub(crate) mod transport;

pub use command::{Command, Spawning};
pub use process_object::Process;
pub use protocol::SubprocessProtocol;
pub use stdio::{DEVNULL, PIPE, STDOUT, Stdio};
pub(crate) use table::ProcessTable;
pub use transport::SubprocessTransport;
