//! Signals of the operating system, as callbacks and as streams. On Unix only.
//!
//! A callback is added with [`Loop::add_signal_handler`](crate::Loop::add_signal_handler), a stream
//! made with [`signals`]. Every loop of the process that asked for a signal gets it; where several
//! ask, the signal is told to each of them.
//!
//! # How a signal arrives
//!
//! The handler that the kernel runs only sets a flag and writes a byte to a socket (the
//! `signal-hook` crate's); a thread of the process, made at the first need, reads that and wakes
//! the loops. A loop that waits is woken at once, one that is busy sees it in its next turn of
//! the backend. As in the kernel, a signal that arrives again before it was looked at counts once.
//!
//! # When nobody asks any more
//!
//! The handler of the process stays, because taking it away would race with other users of
//! `signal-hook-registry` in the process. What happens is what happened before: a signal
//! whose disposition was the default one has the default's effect (the process ends, stops, or goes
//! on), one that was ignored is ignored, and a handler that somebody else had installed before is
//! called always, also while a loop handles the signal.
//!
//! # Platform notes
//!
//! What the disposition was is read from `/proc/self/status` on Linux and Android; elsewhere, and
//! without `/proc`, it is taken for the default. The default effect of a real-time signal is not
//! imitated: such a signal is then ignored. Child processes have the default dispositions and no
//! signal blocked, except that what the process itself ignored stays ignored until a loop asks for
//! it. There are no such signals on Windows, and no such module.

mod handler;
mod kind;
mod stream;
mod table;

pub use kind::SignalKind;
pub use stream::{Signals, signals};
pub(crate) use table::SignalTable;
