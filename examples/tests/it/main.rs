//! The examples, run as their readers would run them, and what is asked of the whole: large
//! transfers, many connections, nothing left behind.
#![cfg(unix)]

mod chat;
mod clients;
mod custom_backend;
mod dns_lookup;
mod echo_server;
mod guest;
mod http_files;
mod http_hello;
#[cfg(target_os = "linux")]
mod idle;
mod large_transfer;
#[cfg(target_os = "linux")]
mod load;
mod mini_redis;
mod multicast;
mod pipeline;
mod process;
mod random;
mod server;
mod tcp_proxy;
mod tour;
