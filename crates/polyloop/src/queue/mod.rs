//! Queues between the tasks of one loop.

mod error;
mod kinds;
mod order;
mod queue_core;
mod state;

pub use error::{QueueEmpty, QueueFull, QueueGetError, QueuePutError, QueueShutDown};
pub use kinds::{LifoQueue, PriorityQueue, Queue};
