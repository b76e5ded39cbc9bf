use polyloop_core::{ErrorKind, Result, limits};

use crate::fs::File;
use crate::loop_object::Loop;
use crate::sys::pollable::Pollable;

impl Loop {
    /// Sends a part of a file to a socket that stays the user's: from `offset` on, `count` bytes or
    /// (for `None`) all that there is. Gives how many bytes were sent, fewer than `count` only if the
    /// file ends before.
    ///
    /// The bytes go through memory: the socket may be one that waits, and sendfile(2) would wait then,
    /// and the loop with it. [`sendfile`](crate::sendfile) to a stream of the loop's does without.
    ///
    /// # Errors
    ///
    /// The operating system's; [`Error::transferred`](crate::Error::transferred) tells how many bytes
    /// went before.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future has sent an unspecified part.
    pub async fn sock_sendfile(
        &self,
        socket: &impl Pollable,
        file: &File,
        offset: u64,
        count: impl Into<Option<u64>>,
    ) -> Result<u64> {
        let count = count.into();
        let mut buffer = vec![0; limits::SEND_FILE_SLICE];
        let mut sent: u64 = 0;
        let went = |sent: u64| usize::try_from(sent).unwrap_or(usize::MAX);
        loop {
            let left = count.map_or(u64::MAX, |count| count - sent);
            buffer.truncate(usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len()));
            let from = offset.checked_add(sent).ok_or(ErrorKind::InvalidInput)?;
            let (read, back) = file.read_owned_at(buffer, from).await;
            buffer = back;
            let piece = read.map_err(|error| error.after_transferring(went(sent)))?;
            if piece == 0 {
                return Ok(sent);
            }
            let result = self.sock_sendall(socket, &buffer[..piece]).await;
            result.map_err(|error| {
                let all = went(sent).saturating_add(error.transferred());
                error.after_transferring(all)
            })?;
            sent += piece as u64;
        }
    }
}
