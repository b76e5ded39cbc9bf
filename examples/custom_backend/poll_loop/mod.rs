//! An event loop over poll(2), as somebody outside polyloop would write one.
//!
//! It knows the contract (`polyloop-core`) and two libraries of system calls (rustix, socket2), and
//! no backend of polyloop's. Read it in this order: `table` says what the loop holds and which ops
//! wait where, `round` asks the system once which of them can go on, `step` lets one go on,
//! `event_loop` is the face that the frontend sees.
//!
//! It is simple rather than fast: each turn looks at every resource, poll(2) is handed every
//! descriptor that an op waits for, and an op is tried only after a turn has found it ready. And it
//! leaves out what the contract leaves to choice: it attaches and detaches no handle of others, is
//! no guest of another loop, and receives nothing ahead. It works on disks itself while it could
//! look at sockets, where a loop for production would hand that to a thread.

mod bell;
mod event_loop;
mod options;
mod paths;
mod resource;
mod round;
mod step;
mod system;
mod table;

pub(crate) use event_loop::PollLoop;
