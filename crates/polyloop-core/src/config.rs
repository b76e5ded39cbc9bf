use crate::limits;

/// The bounds of one loop; the defaults are [`limits`]'.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct LoopConfig {
    /// Ops in flight; one more completes as *resource exhausted*.
    pub ops_max: usize,
    /// Resources; opening or attaching one more is *resource exhausted*, a pipe being two or
    /// none, and accepting pauses.
    pub resources_max: usize,
    /// Bytes of a chunk.
    pub chunk_size: usize,
    /// Chunks of the pool.
    pub chunks_max: usize,
    /// Unread chunks of one stream at which receiving ahead stops.
    pub unread_chunks_max: usize,
}

impl Default for LoopConfig {
    fn default() -> Self {
        LoopConfig {
            ops_max: limits::OPS_MAX,
            resources_max: limits::RESOURCES_MAX,
            chunk_size: limits::CHUNK_SIZE,
            chunks_max: limits::CHUNKS_MAX,
            unread_chunks_max: limits::UNREAD_CHUNKS_MAX,
        }
    }
}
