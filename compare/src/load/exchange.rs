use std::io;

/// What is sent, over and over, and what must come back.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// `depth` + 1 requests in a row, so that any place in the stream can be sent from.
    requests: Vec<u8>,
    request_len: usize,
    reply: Vec<u8>,
}

/// Up to here every byte is compared; beyond it, the ends of what was received.
const COMPARED_WHOLE: usize = 4096;

impl Exchange {
    /// Sends messages of so many bytes, which are to come back as they are.
    pub(crate) fn echo(size: usize, depth: usize) -> Exchange {
        // Each byte depends on its place in more than its lowest bits, so that bytes which come
        // from elsewhere in the message are noticed.
        let byte = |at: usize| (at.wrapping_mul(2_654_435_761) >> 11) as u8;
        let message: Vec<u8> = (0..size).map(byte).collect();
        Exchange::new(&message, message.clone(), depth)
    }

    /// Sends requests, each of which has one reply.
    pub(crate) fn new(request: &[u8], reply: Vec<u8>, depth: usize) -> Exchange {
        Exchange { requests: request.repeat(depth + 1), request_len: request.len(), reply }
    }

    pub(crate) fn request_len(&self) -> usize {
        self.request_len
    }

    pub(crate) fn reply_len(&self) -> usize {
        self.reply.len()
    }

    /// Gives the next bytes of the stream of requests: so many, from this place in a request on.
    pub(crate) fn bytes(&self, place: usize, count: usize) -> &[u8] {
        &self.requests[place..place + count]
    }

    /// Compares bytes that came at this place in a reply; they may reach into the next ones.
    pub(crate) fn check(&self, mut place: usize, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let count = bytes.len().min(self.reply.len() - place);
            let (here, rest) = bytes.split_at(count);
            if !alike(here, &self.reply[place..place + count]) {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("wrong bytes came back, at {place} of {}", self.reply.len()),
                ));
            }
            (place, bytes) = (0, rest);
        }
        Ok(())
    }
}

/// Large pieces are compared at their ends only, so that comparing does not become the load.
fn alike(left: &[u8], right: &[u8]) -> bool {
    if left.len() <= COMPARED_WHOLE {
        return left == right;
    }
    let end = left.len() - COMPARED_WHOLE / 2;
    left[..COMPARED_WHOLE / 2] == right[..COMPARED_WHOLE / 2] && left[end..] == right[end..]
}
