//! The three queues: on the loop, and step by step under random cancels.

mod behaviour;
mod reference;
mod shutdown;
mod steps;
