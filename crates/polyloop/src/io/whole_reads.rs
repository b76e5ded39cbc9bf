//! Reading all that is wanted, over what reads some: the same for every reader.

use std::future::poll_fn;
use std::task::{Context, Poll};

use polyloop_core::{Error, ErrorKind, Result};

/// How much is asked for at once where nobody knows how much there is.
const PIECE: usize = 16 * 1024;

/// Reads as much as the slice holds, or fails; `reading` says of an early end what was read from.
pub(crate) async fn read_exact(
    buf: &mut [u8],
    mut poll_read: impl FnMut(&mut Context<'_>, &mut [u8]) -> Poll<Result<usize>>,
    reading: impl FnOnce(Error) -> Error,
) -> Result<()> {
    let mut filled = 0;
    while filled < buf.len() {
        let count = poll_fn(|cx| poll_read(cx, &mut buf[filled..]))
            .await
            .map_err(|error| error.after_transferring(filled))?;
        if count == 0 {
            let error = Error::new(ErrorKind::Io(std::io::ErrorKind::UnexpectedEof));
            let what = format!("{} bytes, of which {filled} came", buf.len());
            return Err(reading(error.attempting(what)).after_transferring(filled));
        }
        filled += count;
    }
    Ok(())
}

/// Reads to the end, behind what is there. Between polls the vector holds what was read and no more.
pub(crate) async fn read_to_end(
    bytes: &mut Vec<u8>,
    mut poll_read: impl FnMut(&mut Context<'_>, &mut [u8]) -> Poll<Result<usize>>,
) -> Result<usize> {
    let before = bytes.len();
    loop {
        let read = poll_fn(|cx| {
            let filled = bytes.len();
            bytes.resize(filled + PIECE, 0);
            let polled = poll_read(cx, &mut bytes[filled..]);
            let count = if let Poll::Ready(Ok(count)) = &polled { *count } else { 0 };
            bytes.truncate(filled + count);
            polled
        });
        if read.await? == 0 {
            return Ok(bytes.len() - before);
        }
    }
}
