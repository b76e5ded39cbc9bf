//! Bytes of which no two neighbourhoods are alike, given out and compared in pieces of any size.

use std::rc::Rc;

/// The largest piece that is written, and read.
pub(crate) const PIECE_MAX: usize = 200_000;

/// Numbers that look random, the same for the same seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    /// A size: small ones and large ones are both frequent.
    pub(crate) fn size(&mut self) -> usize {
        let max = if self.below(2) == 0 { 100 } else { PIECE_MAX as u64 };
        1 + self.below(max) as usize
    }
}

/// Byte `n` is always the same.
fn pattern() -> Rc<[u8]> {
    thread_local! {
        static PATTERN: Rc<[u8]> =
            (0..(1_usize << 20) + 7).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    }
    PATTERN.with(Rc::clone)
}

/// What has come so far, compared with the pattern as it comes.
pub(crate) struct Checked {
    pattern: Rc<[u8]>,
    at: usize,
    pub(crate) total: usize,
}

impl Checked {
    pub(crate) fn new() -> Checked {
        Checked { pattern: pattern(), at: 0, total: 0 }
    }

    pub(crate) fn take(&mut self, mut bytes: &[u8]) {
        self.total += bytes.len();
        while !bytes.is_empty() {
            let step = bytes.len().min(self.pattern.len() - self.at);
            assert!(bytes[..step] == self.pattern[self.at..self.at + step], "other bytes came");
            self.at = (self.at + step) % self.pattern.len();
            bytes = &bytes[step..];
        }
    }
}

/// Gives what comes next, to be written; at most so many bytes.
pub(crate) struct Next {
    pattern: Rc<[u8]>,
    at: usize,
    pub(crate) left: usize,
}

impl Next {
    pub(crate) fn new(total: usize) -> Next {
        Next { pattern: pattern(), at: 0, left: total }
    }

    pub(crate) fn take(&mut self, most: usize) -> &[u8] {
        let count = most.min(self.pattern.len() - self.at).min(self.left);
        let taken = &self.pattern[self.at..self.at + count];
        self.at = (self.at + count) % self.pattern.len();
        self.left -= count;
        taken
    }
}
