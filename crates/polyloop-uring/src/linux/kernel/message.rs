use std::ffi::CString;
use std::ptr::NonNull;

use polyloop_core::{Address, Buffer, Exit, Result};

use super::socket_name::SocketName;

/// What the kernel reads and writes beside the bytes of an op: a message header with its pieces
/// and address, the paths of files, what it tells of one, or how a process ended.
///
/// It lives on the heap and does not move with its owner; it is used again and again. Its header
/// points into itself and into buffers, which means something only while the op that filled it
/// is in the kernel.
pub(crate) struct Message {
    parts: NonNull<Parts>,
}

struct Parts {
    header: libc::msghdr,
    pieces: Vec<libc::iovec>,
    /// A datagram of more buffers than there may be pieces.
    joined: Vec<u8>,
    name: SocketName,
    paths: [CString; 2],
    status: libc::statx,
    info: libc::siginfo_t,
}

/// Pieces of one call: the kernel's UIO_MAXIOV.
const PIECES_MAX: usize = 1024;

impl Message {
    pub(super) fn new() -> Message {
        // SAFETY: a msghdr is integers and raw pointers, for which zero is a value.
        let header: libc::msghdr = unsafe { std::mem::zeroed() };
        // SAFETY: a siginfo_t is integers and raw pointers, for which zero is a value.
        let info: libc::siginfo_t = unsafe { std::mem::zeroed() };
        // SAFETY: a statx is integers, for which zero is a value.
        let status: libc::statx = unsafe { std::mem::zeroed() };
        let (pieces, joined) = (Vec::new(), Vec::new());
        let (name, paths) = (SocketName::new(), Default::default());
        let parts = Parts { header, pieces, joined, name, paths, status, info };
        Message { parts: NonNull::from(Box::leak(Box::new(parts))) }
    }

    /// Makes the header say "these buffers, from `skip` bytes on", and gives its address.
    pub(super) fn gather(&mut self, buffers: &[Buffer], mut skip: usize) -> *mut libc::msghdr {
        let parts = self.parts_mut();
        parts.pieces.clear();
        for buffer in buffers {
            let bytes = buffer.as_slice();
            let step = skip.min(bytes.len());
            skip -= step;
            let rest = &bytes[step..];
            if !rest.is_empty() && parts.pieces.len() < PIECES_MAX {
                let base = rest.as_ptr().cast_mut().cast();
                parts.pieces.push(libc::iovec { iov_base: base, iov_len: rest.len() });
            }
        }
        parts.finish_header(false)
    }

    /// Makes the header say "these buffers as one datagram", and gives its address.
    pub(super) fn gather_datagram(&mut self, buffers: &[Buffer]) -> *mut libc::msghdr {
        if buffers.len() <= PIECES_MAX {
            return self.gather(buffers, 0);
        }
        let parts = self.parts_mut();
        parts.joined = buffers.iter().flat_map(|buffer| buffer.iter().copied()).collect();
        let (base, iov_len) = (parts.joined.as_mut_ptr().cast(), parts.joined.len());
        parts.pieces.clear();
        parts.pieces.push(libc::iovec { iov_base: base, iov_len });
        parts.finish_header(false)
    }

    /// Makes the pieces say "into the storage of these buffers", and gives where they are and
    /// their number.
    pub(super) fn scatter(&mut self, buffers: &mut [Buffer]) -> (*const libc::iovec, u32) {
        let parts = self.parts_mut();
        parts.pieces.clear();
        for buffer in buffers.iter_mut().filter(|buffer| buffer.capacity() > 0).take(PIECES_MAX) {
            let storage = buffer.storage_mut();
            let base = storage.as_mut_ptr().cast();
            parts.pieces.push(libc::iovec { iov_base: base, iov_len: storage.len() });
        }
        self.pieces()
    }

    /// Makes the header say "send these bytes there", and gives its address.
    pub(super) fn send_to(&mut self, bytes: &[u8], address: &Address) -> Result<*mut libc::msghdr> {
        let parts = self.parts_mut();
        let base = bytes.as_ptr().cast_mut().cast();
        parts.pieces.clear();
        parts.pieces.push(libc::iovec { iov_base: base, iov_len: bytes.len() });
        parts.name.write(address)?;
        Ok(parts.finish_header(true))
    }

    /// Makes the header say "receive into this storage, and tell from where".
    pub(super) fn receive_from(&mut self, storage: &mut [u8]) -> *mut libc::msghdr {
        let parts = self.parts_mut();
        parts.pieces.clear();
        parts
            .pieces
            .push(libc::iovec { iov_base: storage.as_mut_ptr().cast(), iov_len: storage.len() });
        parts.name.len = SocketName::CAPACITY as u32;
        parts.finish_header(true)
    }

    /// Keeps an address, and gives where it is and how long.
    pub(super) fn name(&mut self, address: &Address) -> Result<(*const libc::sockaddr, u32)> {
        let parts = self.parts_mut();
        parts.name.write(address)?;
        Ok((parts.name.bytes.as_ptr().cast(), parts.name.len))
    }

    /// Keeps paths, and gives where they are.
    pub(super) fn keep_paths(&mut self, paths: [CString; 2]) -> [*const libc::c_char; 2] {
        let parts = self.parts_mut();
        parts.paths = paths;
        [parts.paths[0].as_ptr(), parts.paths[1].as_ptr()]
    }

    /// Gives where the kernel may tell of a file.
    pub(super) fn status_mut(&mut self) -> *mut libc::statx {
        &raw mut self.parts_mut().status
    }

    /// Reads what the kernel told of a file.
    pub(super) fn status(&self) -> &libc::statx {
        &self.parts().status
    }

    /// Gives where the kernel writes how a process ended.
    pub(super) fn exit_info(&mut self) -> *const libc::siginfo_t {
        let parts = self.parts_mut();
        parts.info.si_code = 0;
        &raw mut parts.info
    }

    /// Reads how the process ended; nothing if the kernel wrote something else, or nothing.
    pub(super) fn exit(&self) -> Option<Exit> {
        let info = &self.parts().info;
        // SAFETY: the field is an integer within the structure, which is initialised.
        let status = unsafe { info.si_status() };
        match info.si_code {
            libc::CLD_EXITED => Some(Exit::Code(status)),
            libc::CLD_KILLED => Some(Exit::Signal { number: status, dumped_core: false }),
            libc::CLD_DUMPED => Some(Exit::Signal { number: status, dumped_core: true }),
            _ => None,
        }
    }

    /// Gives the pieces' address and number, for calls that take no header.
    pub(super) fn pieces(&self) -> (*const libc::iovec, u32) {
        let pieces = &self.parts().pieces;
        (pieces.as_ptr(), pieces.len() as u32)
    }

    /// Reads the address that the kernel wrote.
    pub(super) fn sender(&self) -> Option<Address> {
        let parts = self.parts();
        parts.name.read(parts.header.msg_namelen)
    }

    fn parts(&self) -> &Parts {
        // SAFETY: the allocation is this message's own until it is dropped; the kernel writes to
        // it only while the op is in the kernel, when `Held` lets nobody call.
        unsafe { self.parts.as_ref() }
    }

    fn parts_mut(&mut self) -> &mut Parts {
        // SAFETY: as for `parts`, and `&mut self` is exclusive.
        unsafe { self.parts.as_mut() }
    }
}

impl Parts {
    fn finish_header(&mut self, named: bool) -> *mut libc::msghdr {
        self.header.msg_iov = self.pieces.as_mut_ptr();
        self.header.msg_iovlen = self.pieces.len() as _;
        self.header.msg_name = std::ptr::null_mut();
        self.header.msg_namelen = 0;
        if named {
            self.header.msg_name = self.name.bytes.as_mut_ptr().cast();
            self.header.msg_namelen = self.name.len;
        }
        &raw mut self.header
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        // SAFETY: the pointer came from `Box::leak`, and a message is dropped once, when the
        // kernel does not use it (`Held` leaks it otherwise).
        drop(unsafe { Box::from_raw(self.parts.as_ptr()) });
    }
}
