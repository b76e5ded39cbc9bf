use polyloop_core::{Key, SlabKey};

/// Names a registration in a selector: a resource's key, packed into what the kernel carries.
///
/// It holds the generation too, so an event that was meant for a resource that is gone is told
/// from one of its successor. Where an integer of the kernel has 32 bits, 12 bits of the
/// generation remain: an event would have to be 4,096 successors late to be mistaken, and
/// then it is a spurious event, which is harmless.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tag(usize);

/// How many low bits of a tag are the key's position.
const INDEX_BITS: u32 = if usize::BITS >= 64 { 32 } else { 20 };

const INDEX_MASK: usize = (1 << INDEX_BITS) - 1;

impl Tag {
    /// Never the tag of a resource: selectors use it for their own notification.
    pub const RESERVED: Tag = Tag(usize::MAX);

    /// How many resources can be told apart.
    pub(crate) const RESOURCES_MAX: usize = INDEX_MASK;

    /// Packs a key.
    #[inline]
    pub(crate) fn of(key: Key) -> Tag {
        debug_assert!((key.index() as usize) < Tag::RESOURCES_MAX, "the table is bounded");
        Tag((key.generation() as usize) << INDEX_BITS | key.index() as usize)
    }

    /// Gives the position of the key that was packed.
    #[inline]
    pub(crate) fn index(self) -> u32 {
        (self.0 & INDEX_MASK) as u32
    }

    /// Gives the integer to hand to the kernel.
    #[inline]
    pub const fn to_usize(self) -> usize {
        self.0
    }

    /// Takes back the integer that the kernel carried; any will do.
    #[inline]
    pub const fn from_usize(bits: usize) -> Tag {
        Tag(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_tells_generations_of_one_position_apart() {
        let (first, second) = (Key::from_parts(7, 1), Key::from_parts(7, 2));
        assert_ne!(Tag::of(first), Tag::of(second));
        assert_eq!(Tag::of(first).index(), 7);
        assert_eq!(Tag::from_usize(Tag::of(second).to_usize()), Tag::of(second));
    }
}
