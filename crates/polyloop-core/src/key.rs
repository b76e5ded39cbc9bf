use std::fmt;

use crate::slab::SlabKey;

/// The caller's word for one submission: it comes back with every completion of that op.
///
/// A loop never interprets it and never requires it to be unique.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Token(pub u64);

/// Names one resource (socket, listener, file, pipe end) of one loop.
///
/// Keys are generational: once the resource is closed or detached its key is stale for good,
/// and every use of it is an error of kind [`StaleKey`](crate::ErrorKind::StaleKey), also when
/// the operating system has given the descriptor's number to something else. A key says nothing
/// about which loop it belongs to: presenting it to another loop is a caller's mistake that
/// may reach another resource there, never undefined behaviour.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    index: u32,
    generation: u32,
}

/// Names one op in flight; the backend mints it in `submit`.
///
/// Generational like [`Key`]: once the terminal completion has been delivered the id is stale,
/// and cancelling it does nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId {
    index: u32,
    generation: u32,
}

macro_rules! generational {
    ($name:ident) => {
        impl SlabKey for $name {
            #[inline]
            fn from_parts(index: u32, generation: u32) -> Self {
                Self { index, generation }
            }

            #[inline]
            fn index(self) -> u32 {
                self.index
            }

            #[inline]
            fn generation(self) -> u32 {
                self.generation
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({}v{})"), self.index, self.generation)
            }
        }

        impl $name {
            /// Packs the key into one integer, for foreign languages and kernel user data.
            #[inline]
            pub const fn to_bits(self) -> u64 {
                (self.generation as u64) << 32 | self.index as u64
            }

            /// Unpacks what [`to_bits`](Self::to_bits) packed. Any integer gives a key; one
            /// that no loop minted is stale.
            #[inline]
            pub const fn from_bits(bits: u64) -> Self {
                Self { index: bits as u32, generation: (bits >> 32) as u32 }
            }
        }
    };
}

generational!(Key);
generational!(OpId);
