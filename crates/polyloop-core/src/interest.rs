use std::fmt;
use std::ops::{BitOr, BitOrAssign};

/// Which readiness of a resource is asked for, or was found.
///
/// As an answer, an error or a hang-up shows as both directions being ready: the call that
/// follows tells what it was, in the same way on every backend.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Interest(u8);

impl Interest {
    /// No direction.
    pub const NONE: Interest = Interest(0);
    /// A receive, read or accept would not block.
    pub const READABLE: Interest = Interest(1);
    /// A send or write would not block, or a connect has ended.
    pub const WRITABLE: Interest = Interest(2);
    /// Both directions.
    pub const BOTH: Interest = Interest(3);

    /// Tells whether every direction of `other` is in here.
    #[inline]
    pub const fn contains(self, other: Interest) -> bool {
        self.0 & other.0 == other.0
    }

    /// Gives the directions that are in both.
    #[inline]
    pub const fn intersection(self, other: Interest) -> Interest {
        Interest(self.0 & other.0)
    }

    /// Tells whether there is no direction.
    #[inline]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Tells whether [`READABLE`](Self::READABLE) is in here.
    #[inline]
    pub const fn is_readable(self) -> bool {
        self.contains(Interest::READABLE)
    }

    /// Tells whether [`WRITABLE`](Self::WRITABLE) is in here.
    #[inline]
    pub const fn is_writable(self) -> bool {
        self.contains(Interest::WRITABLE)
    }
}

impl BitOr for Interest {
    type Output = Interest;

    #[inline]
    fn bitor(self, other: Interest) -> Interest {
        Interest(self.0 | other.0)
    }
}

impl BitOrAssign for Interest {
    #[inline]
    fn bitor_assign(&mut self, other: Interest) {
        self.0 |= other.0;
    }
}

impl fmt::Debug for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            0 => "NONE",
            1 => "READABLE",
            2 => "WRITABLE",
            _ => "READABLE | WRITABLE",
        })
    }
}
