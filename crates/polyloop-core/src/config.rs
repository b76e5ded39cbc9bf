use crate::{Error, ErrorKind, Result, limits};

/// The bounds of one loop; the defaults are [`limits`]'. Each is one at least, but for that of
/// resources: a loop may be for wakes and time alone.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct LoopConfig {
    /// Ops in flight; one more completes as *resource exhausted*.
    pub ops_max: usize,
    /// Resources; opening or attaching one more is *resource exhausted*, a pipe being two or
    /// none, and accepting pauses.
    pub resources_max: usize,
    /// Bytes of a chunk of a loop that receives ahead (io_uring); at most [`limits::CHUNK_SIZE_MAX`].
    pub chunk_size: usize,
    /// Bytes of a chunk of a loop that receives only when its reader asks (mio, polling); at most
    /// [`limits::CHUNK_SIZE_MAX`].
    pub pulled_chunk_size: usize,
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
            pulled_chunk_size: limits::PULLED_CHUNK_SIZE,
            chunks_max: limits::CHUNKS_MAX,
            unread_chunks_max: limits::UNREAD_CHUNKS_MAX,
        }
    }
}

impl LoopConfig {
    /// Checks that a loop can work within these bounds; every backend does so before it makes
    /// anything.
    ///
    /// # Errors
    ///
    /// Of kind *invalid input*, naming the field and what is wrong with it.
    pub fn validate(&self) -> Result<()> {
        let at_least_one = [
            ("ops_max", self.ops_max, "no op could be taken on"),
            ("chunk_size", self.chunk_size, "a chunk could hold nothing"),
            ("pulled_chunk_size", self.pulled_chunk_size, "a chunk could hold nothing"),
            ("chunks_max", self.chunks_max, "nothing could be received ahead"),
            ("unread_chunks_max", self.unread_chunks_max, "nothing could be received ahead"),
        ];
        for (field, value, why) in at_least_one {
            if value == 0 {
                return Err(invalid(format_args!("{field} is 0: {why}")));
            }
        }
        let sizes =
            [("chunk_size", self.chunk_size), ("pulled_chunk_size", self.pulled_chunk_size)];
        let max = limits::CHUNK_SIZE_MAX;
        if let Some((field, size)) = sizes.into_iter().find(|(_, size)| *size > max) {
            return Err(invalid(format_args!("{field} is {size}: at most {max} can be had")));
        }
        Ok(())
    }
}

fn invalid(what: std::fmt::Arguments<'_>) -> Error {
    Error::new(ErrorKind::InvalidInput).attempting(format_args!("configure a loop: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid() {
        LoopConfig::default().validate().expect("the defaults are within all bounds");
    }

    #[test]
    fn each_bound_of_nothing_is_refused_by_name() {
        type Set = fn(&mut LoopConfig);
        let broken: [(&str, Set); 7] = [
            ("ops_max", |config| config.ops_max = 0),
            ("chunk_size", |config| config.chunk_size = 0),
            ("chunk_size", |config| config.chunk_size = usize::MAX),
            ("pulled_chunk_size", |config| config.pulled_chunk_size = 0),
            ("pulled_chunk_size", |config| config.pulled_chunk_size = usize::MAX),
            ("chunks_max", |config| config.chunks_max = 0),
            ("unread_chunks_max", |config| config.unread_chunks_max = 0),
        ];
        for (field, set) in broken {
            let mut config = LoopConfig::default();
            set(&mut config);
            let error = config.validate().expect_err(field);
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(field), "{error}");
        }
    }
}
