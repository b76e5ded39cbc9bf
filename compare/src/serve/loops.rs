//! The bare loops in C: the same signatures as `c/loops.h`.

use std::ffi::{CStr, c_char, c_int, c_uint};
use std::fs::File;
use std::io;
use std::net::{TcpListener, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};

/// `struct answer`: what is answered to a request; null means that bytes go back as they come.
#[repr(C)]
struct Answer {
    bytes: *const u8,
    length: usize,
}

type Streams = unsafe extern "C" fn(listener: c_int, answer: Answer) -> c_int;
type Datagrams = unsafe extern "C" fn(socket: c_int) -> c_int;

unsafe extern "C" {
    fn epoll_streams(listener: c_int, answer: Answer) -> c_int;
    fn epoll_datagrams(socket: c_int) -> c_int;
    fn ring_streams(listener: c_int, answer: Answer) -> c_int;
    fn ring_datagrams(socket: c_int) -> c_int;
    fn ring_reads(file: c_int, depth: c_uint, reads: u64) -> c_int;
    fn ring_available() -> c_int;
    fn uv_available() -> c_int;
    fn uv_version_text() -> *const c_char;
    fn uv_streams(listener: c_int, answer: Answer) -> c_int;
    fn uv_datagrams(socket: c_int) -> c_int;
}

/// A loop in C.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bare {
    Epoll,
    Ring,
    Uv,
}

/// Serves the connections of a listener until killed: sends bytes back, or answers requests.
pub(crate) fn streams(
    bare: Bare,
    listener: TcpListener,
    answer: Option<&'static [u8]>,
) -> io::Error {
    let function: Streams = match bare {
        Bare::Epoll => epoll_streams,
        Bare::Ring => ring_streams,
        Bare::Uv => uv_streams,
    };
    let (bytes, length) = answer.map_or((std::ptr::null(), 0), |it| (it.as_ptr(), it.len()));
    // SAFETY: The descriptor is open as long as `listener`, the answer is static, and the loop's
    // static memory has no other user: a process runs one loop, and this function never returns but
    // when it failed.
    error_of(unsafe { function(listener.as_raw_fd(), Answer { bytes, length }) })
}

/// Sends the datagrams of a socket back until killed.
pub(crate) fn datagrams(bare: Bare, socket: UdpSocket) -> io::Error {
    let function: Datagrams = match bare {
        Bare::Epoll => epoll_datagrams,
        Bare::Ring => ring_datagrams,
        Bare::Uv => uv_datagrams,
    };
    // SAFETY: As for `streams`.
    error_of(unsafe { function(socket.as_raw_fd()) })
}

/// The ring's reads of one file, by the thread that made this.
pub(crate) struct RingReads {
    file: File,
    depth: u32,
    /// The ring belongs to the thread that used it first.
    _of_this_thread: std::marker::PhantomData<*const ()>,
}

impl RingReads {
    /// Takes the file of [`crate::serve::files`].
    pub(crate) fn new(file: File, depth: u32) -> RingReads {
        RingReads { file, depth, _of_this_thread: std::marker::PhantomData }
    }

    /// Reads so many blocks.
    pub(crate) fn read(&mut self, reads: u64) -> io::Result<()> {
        let file: RawFd = self.file.as_raw_fd();
        // SAFETY: The file is open, the blocks read into are static memory of the C code, which only
        // this thread uses, and all reads have ended when the call returns.
        match unsafe { ring_reads(file, self.depth, reads) } {
            0 => Ok(()),
            failed => Err(error_of(failed)),
        }
    }
}

/// Says why a loop cannot run here, if so.
pub(crate) fn refusal(bare: Bare) -> Option<String> {
    match bare {
        Bare::Epoll => None,
        // SAFETY: The call has no preconditions.
        Bare::Ring => match unsafe { ring_available() } {
            0 => None,
            failed => Some(format!("no io_uring ring as it needs: {}", error_of(failed))),
        },
        // SAFETY: The call has no preconditions; only this thread looks libuv up at this time.
        Bare::Uv => match unsafe { uv_available() } {
            0 => None,
            _ => Some("libuv.so.1 is not installed (Debian: libuv1)".to_owned()),
        },
    }
}

/// Gives libuv's version, nothing if it is not there.
pub(crate) fn uv_version() -> String {
    // SAFETY: The call has no preconditions.
    let text = unsafe { uv_version_text() };
    // SAFETY: It is a static string, of libuv or the empty one.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

fn error_of(negated: c_int) -> io::Error {
    io::Error::from_raw_os_error(-negated)
}
