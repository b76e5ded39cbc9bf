//! The file that is read, and reading it without a loop.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use super::alone::Batch;
use super::own::Own;

/// Bytes of a read.
pub(crate) const BLOCK_BYTES: usize = 4096;

/// Blocks of the file, which stays in the page cache.
const BLOCKS: u64 = 4096;

/// Gives where to read: every block is visited, and no neighbour of the one before. It is the same
/// as in `c/loops.h`.
pub(crate) fn offset_of(read: u64) -> u64 {
    read * 1031 % BLOCKS * BLOCK_BYTES as u64
}

/// Makes the file, of which nothing is left when it is closed.
pub(crate) fn file() -> io::Result<File> {
    let path = std::env::temp_dir().join(format!("polyloop-compare-{}", std::process::id()));
    let mut file = File::options().read(true).write(true).create_new(true).open(&path)?;
    std::fs::remove_file(&path)?;
    file.write_all(&vec![7; BLOCKS as usize * BLOCK_BYTES])?;
    Ok(file)
}

/// Gives a path by which this process can open the file again, as long as it is open.
pub(crate) fn path_of(file: &File) -> PathBuf {
    format!("/proc/self/fd/{}", file.as_raw_fd()).into()
}

/// Reads one block after the other, whatever the depth: the calls block, and do not wait.
pub(crate) fn preads(_depth: u32) -> io::Result<Batch> {
    let file = file()?;
    let mut block = vec![0; BLOCK_BYTES];
    Ok(Box::new(move |reads| {
        for read in 0..reads {
            file.read_exact_at(&mut block, offset_of(read))?;
        }
        Ok(Own::default())
    }))
}

/// Says that a read came back short, if so: the file has only whole blocks.
#[cfg(feature = "peers")]
pub(crate) fn whole(count: usize) -> io::Result<()> {
    if count == BLOCK_BYTES { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
