//! The one way in which datagram sockets send and receive: try, else wait until trying is worth it.

use std::future::poll_fn;
use std::io::IoSlice;
use std::task::{Context, Poll, ready};

use polyloop_core::{Address, Buffer, EventLoop, Interest, Op, Output, Result};

use super::resource::Resource;
use crate::backend::Driver;
use crate::op_future::{OpFuture, wrong_answer};
use crate::time::yield_now;

/// Receives with an attempt, waiting in between without a buffer, so that no datagram is lost.
pub(super) async fn receive<R>(
    resource: &Resource,
    mut attempt: impl FnMut(&mut Driver) -> Result<R>,
) -> Result<R> {
    loop {
        match tried(resource, &mut attempt).await {
            Err(error) if error.is_would_block() => {}
            result => return result.map_err(|error| resource.receiving(error)),
        }
        ready(resource, Interest::READABLE).await?;
    }
}

/// Sends with an attempt, waiting in between until there is room.
pub(super) async fn send_with<R>(
    resource: &Resource,
    mut attempt: impl FnMut(&mut Driver) -> Result<R>,
) -> Result<R> {
    loop {
        match tried(resource, &mut attempt).await {
            Err(error) if error.is_would_block() => {}
            result => return result,
        }
        ready(resource, Interest::WRITABLE).await?;
        // Where there is room, a send that was given up may still be in front: a turn ends it.
        yield_now().await;
    }
}

/// Sends one datagram, to the peer if no address is given: at once if there is room, else as a copy
/// that the loop owns.
pub(super) async fn send(
    resource: &Resource,
    bytes: &[u8],
    address: Option<&Address>,
) -> Result<usize> {
    let failed = |error| resource.sending(error, address);
    let sent = tried(resource, &mut |driver| try_send(driver, resource, bytes, address)).await;
    match sent {
        Err(error) if error.is_would_block() => {}
        result => return result.map_err(failed),
    }
    let (key, buffer) = (resource.key(), Buffer::from(bytes));
    let op = match address {
        Some(address) => Op::SendTo { key, buffer, address: address.clone() },
        None => Op::Send { key, buffer },
    };
    match OpFuture::new(resource.home(), op).await.result.map_err(failed)? {
        Output::Transferred(count) => Ok(count),
        other => Err(wrong_answer(&other)),
    }
}

/// Receives if a datagram is there.
pub(super) fn receive_now<R>(
    resource: &Resource,
    attempt: impl FnOnce(&mut Driver) -> Result<R>,
) -> Result<R> {
    resource.engine()?.with_driver(attempt).map_err(|error| resource.receiving(error))
}

/// Sends one datagram if there is room.
pub(super) fn send_now(
    resource: &Resource,
    bytes: &[u8],
    address: Option<&Address>,
) -> Result<usize> {
    let engine = resource.engine()?;
    let sent = engine.with_driver(|driver| try_send(driver, resource, bytes, address));
    sent.map_err(|error| resource.sending(error, address))
}

/// Tries to send one datagram.
fn try_send(
    driver: &mut Driver,
    resource: &Resource,
    bytes: &[u8],
    address: Option<&Address>,
) -> Result<usize> {
    let bufs = [IoSlice::new(bytes)];
    match address {
        Some(address) => driver.try_send_to(resource.key(), &bufs, address),
        None => driver.try_send(resource.key(), &bufs),
    }
}

/// Waits until the socket is ready; any number of tasks can.
pub(super) async fn ready(resource: &Resource, interest: Interest) -> Result<()> {
    let op = Op::Poll { key: resource.key(), interest };
    let completion = OpFuture::new(resource.home(), op).await;
    completion.result.map(drop).map_err(|error| error.attempting("wait for a datagram socket"))
}

/// Makes one attempt, and spends of the task's budget.
async fn tried<R>(
    resource: &Resource,
    attempt: &mut impl FnMut(&mut Driver) -> Result<R>,
) -> Result<R> {
    poll_fn(|cx| poll_attempt(resource, cx, &mut *attempt)).await
}

fn poll_attempt<R>(
    resource: &Resource,
    cx: &mut Context<'_>,
    attempt: impl FnOnce(&mut Driver) -> Result<R>,
) -> Poll<Result<R>> {
    let engine = resource.engine()?;
    ready!(engine.poll_spend(cx));
    Poll::Ready(engine.with_driver(attempt))
}

/// Gives a datagram socket, a struct with a field `resource`, what does not name an address.
macro_rules! datagram_methods {
    ($socket:ident) => {
        impl $socket {
            /// Sends one datagram to the peer, an empty one also.
            ///
            /// # Errors
            ///
            /// The operating system's, such as *not connected*, or *connection refused* once the
            /// peer has answered an earlier one so.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future may or may not have sent it.
            pub async fn send(&self, bytes: &[u8]) -> Result<usize> {
                datagram::send(&self.resource, bytes, None).await
            }

            /// Receives one datagram: of the peer, if there is one. What does not fit is lost.
            ///
            /// # Errors
            ///
            /// The operating system's, such as *connection refused* once the peer has answered so;
            /// *invalid input* for an empty `buf`.
            ///
            /// # Cancel safety
            ///
            /// Cancel-safe: dropping the future takes no datagram.
            pub async fn recv(&self, buf: &mut [u8]) -> Result<usize> {
                let key = self.resource.key();
                datagram::receive(&self.resource, |driver| driver.try_recv(key, buf)).await
            }

            /// Sends one datagram to the peer if there is room now; else *would block*.
            ///
            /// # Errors
            ///
            /// As for [`send`](Self::send), and *would block*.
            pub fn try_send(&self, bytes: &[u8]) -> Result<usize> {
                datagram::send_now(&self.resource, bytes, None)
            }

            /// Receives one datagram if one is there; else *would block*.
            ///
            /// # Errors
            ///
            /// As for [`recv`](Self::recv), and *would block*.
            pub fn try_recv(&self, buf: &mut [u8]) -> Result<usize> {
                let key = self.resource.key();
                datagram::receive_now(&self.resource, |driver| driver.try_recv(key, buf))
            }

            /// Waits until there is a datagram to receive; another task may be quicker to take it.
            ///
            /// # Errors
            ///
            /// The operating system's, if the socket cannot be watched.
            ///
            /// # Cancel safety
            ///
            /// Cancel-safe: it takes nothing.
            pub async fn readable(&self) -> Result<()> {
                datagram::ready(&self.resource, Interest::READABLE).await
            }

            /// Waits until there is room for a datagram in the socket's own buffer.
            ///
            /// # Errors
            ///
            /// The operating system's, if the socket cannot be watched.
            ///
            /// # Cancel safety
            ///
            /// Cancel-safe: it takes nothing.
            pub async fn writable(&self) -> Result<()> {
                datagram::ready(&self.resource, Interest::WRITABLE).await
            }

            /// Looks at the datagram that [`recv`](Self::recv) would give, and leaves it there.
            ///
            /// # Errors
            ///
            /// As for [`recv`](Self::recv); *unsupported* by a loop that cannot look.
            ///
            /// # Cancel safety
            ///
            /// Cancel-safe: it takes nothing.
            pub async fn peek(&self, buf: &mut [u8]) -> Result<usize> {
                let key = self.resource.key();
                datagram::receive(&self.resource, |driver| driver.try_peek(key, buf)).await
            }
        }

        socket_methods!($socket);
    };
}

pub(super) use datagram_methods;
