//! Handles that travel with bytes.

use std::fs::File;
use std::io::IoSlice;
use std::os::fd::BorrowedFd;

use polyloop_core::{Error, ErrorKind, EventLoop, ReceivedHandles, Result};

use crate::net::datagram;
use crate::net::resource::Resource;

/// Sends bytes, and duplicates of handles with the first of them.
pub(super) async fn send(
    resource: &Resource,
    bytes: &[u8],
    handles: &[BorrowedFd<'_>],
) -> Result<usize> {
    let owned: Vec<File> = handles
        .iter()
        .map(|fd| Ok(File::from(fd.try_clone_to_owned()?)))
        .collect::<std::io::Result<_>>()
        .map_err(|error| Error::from(error).attempting("duplicate a handle to send it"))?;
    let sent = datagram::send_with(resource, |driver| {
        driver.try_send_handles(resource.key(), &[IoSlice::new(bytes)], &owned)
    });
    sent.await.map_err(|error| error.attempting(SENDING))
}

const SENDING: &str = "send handles over a Unix socket";

/// Receives bytes, and at most so many handles with them.
pub(super) async fn receive(
    resource: &Resource,
    buf: &mut [u8],
    handles_max: usize,
) -> Result<ReceivedHandles> {
    let key = resource.key();
    datagram::receive(resource, |driver| driver.try_recv_handles(key, buf, handles_max))
        .await
        .map_err(|error| match error.kind() {
            ErrorKind::Busy => error.attempting(
                "receive handles from a stream that was read before, and so is received ahead",
            ),
            _ => error,
        })
}

/// Gives a Unix socket, a struct with a field `resource`, what passes handles and tells of the peer.
macro_rules! handle_methods {
    ($socket:ident) => {
        impl $socket {
            /// Sends some bytes, and handles with the first of them; tells how many bytes went. Any
            /// number of tasks can wait to do so.
            ///
            /// The handles are duplicated: the caller keeps its own. They go whole, or the call
            /// fails, even where only some of the bytes went.
            ///
            /// # Errors
            ///
            /// The operating system's, such as being out of descriptors, or *invalid input* for too
            /// many handles at once (253 on Linux). *Invalid input* for handles without a byte on a
            /// stream.
            ///
            /// # Cancel safety
            ///
            /// Cancel-safe: dropping the future has sent nothing.
            pub async fn send_handles(
                &self,
                bytes: &[u8],
                handles: &[std::os::fd::BorrowedFd<'_>],
            ) -> Result<usize> {
                handles::send(&self.resource, bytes, handles).await
            }

            /// Receives some bytes, and at most `handles_max` handles that came with them; no bytes
            /// are the end of a stream.
            ///
            /// Any other way of receiving closes handles that come. **A stream from which handles
            /// are to come is received from in this way only**: once it has been read otherwise,
            /// the loop may receive ahead, and this is *busy*.
            ///
            /// # Errors
            ///
            /// The operating system's; *busy*, as said above.
            ///
            /// # Cancel safety
            ///
            /// Cancel-safe: dropping the future takes nothing.
            ///
            /// # Platform notes
            ///
            /// The handles are close-on-exec from the start, but on Apple's systems from just
            /// after.
            pub async fn recv_handles(
                &self,
                buf: &mut [u8],
                handles_max: usize,
            ) -> Result<polyloop_core::ReceivedHandles> {
                handles::receive(&self.resource, buf, handles_max).await
            }
        }
    };
}

pub(super) use handle_methods;
