//! Leased chunks and the pool they come from.
//!
//! [`Chunk`] is one pointer to a block: a header, then the storage. A block belongs to exactly
//! one of: the pool's free list, the return lists, or one chunk. Only who holds a block touches
//! it; the return lists hand it over.

mod block;
mod home;
mod pool;
mod returns;

pub use block::Chunk;
pub use pool::Pool;

#[cfg(test)]
mod tests;
