use std::num::NonZeroU32;

use polyloop_core::{SlabKey, Token};

/// Names an entry; it is the token of the op.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct WaitId {
    index: u32,
    generation: NonZeroU32,
}

impl SlabKey for WaitId {
    #[inline]
    fn from_parts(index: u32, generation: u32) -> Self {
        let generation = NonZeroU32::new(generation).expect("a slab mints no generation zero");
        WaitId { index, generation }
    }

    #[inline]
    fn index(self) -> u32 {
        self.index
    }

    #[inline]
    fn generation(self) -> u32 {
        self.generation.get()
    }
}

impl WaitId {
    #[inline]
    pub(super) fn token(self) -> Token {
        Token(u64::from(self.generation.get()) << 32 | u64::from(self.index))
    }

    #[inline]
    pub(super) fn of(token: Token) -> Option<WaitId> {
        let generation = NonZeroU32::new((token.0 >> 32) as u32)?;
        Some(WaitId { index: token.0 as u32, generation })
    }
}
