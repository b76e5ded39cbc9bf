//! What is io_uring's own: routes proved by counting opcodes, rings of every step, exhausted
//! buffers and queues, cancel races, and what dropping leaks. What every backend owes is tested
//! by `polyloop-conformance`.
#![cfg(target_os = "linux")]

mod conformance;
mod counting;
mod driver;
mod echo;
mod guest;
mod handles;
mod limits;
mod opening;
mod process;
mod receive;
mod routes;
mod sending_soon;
mod shutdown;
