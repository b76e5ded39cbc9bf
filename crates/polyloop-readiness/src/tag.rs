use polyloop_core::{Key, Slab, SlabKey};

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

    /// Gives the key that was packed; of one that is live in `slab`, or that nobody lives by.
    #[inline]
    pub(crate) fn key_in<T>(self, slab: &Slab<Key, T>) -> Option<Key> {
        let index = (self.0 & INDEX_MASK) as u32;
        if INDEX_BITS == 32 {
            return Some(Key::from_parts(index, (self.0 >> INDEX_BITS) as u32));
        }
        slab.key_at(index).filter(|key| Tag::of(*key) == self)
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
        assert_eq!(Tag::from_usize(Tag::of(second).to_usize()), Tag::of(second));
    }

    #[test]
    fn a_tag_finds_its_key_and_that_of_no_successor() {
        let mut slab = Slab::new();
        let find = |slab: &Slab<Key, char>, tag: Tag| {
            tag.key_in(slab).and_then(|key| slab.get(key).copied())
        };
        let first = slab.insert('a');
        slab.remove(first);
        let second = slab.insert('b');
        assert_eq!(find(&slab, Tag::of(first)), None);
        assert_eq!(find(&slab, Tag::of(second)), Some('b'));
        assert_eq!(find(&slab, Tag::RESERVED), None);
    }
}
