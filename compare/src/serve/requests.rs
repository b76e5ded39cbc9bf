/// Counts the ends of requests, an empty line each, across the borders of reads.
///
/// It is the same as in `c/loops.h`: as little of HTTP as a closed load needs.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    matched: usize,
}

impl Requests {
    const END: &[u8; 4] = b"\r\n\r\n";

    /// Gives how many requests end in these bytes, which follow those of the call before.
    pub(crate) fn ends_in(&mut self, bytes: &[u8]) -> usize {
        let mut requests = 0;
        for byte in bytes {
            self.matched = if *byte == Self::END[self.matched] {
                self.matched + 1
            } else {
                usize::from(*byte == b'\r')
            };
            if self.matched == Self::END.len() {
                self.matched = 0;
                requests += 1;
            }
        }
        requests
    }
}

#[cfg(test)]
mod tests;
