/// The numbers that the model answers with.
pub(crate) mod errno {
    pub(crate) const ADDRESS_IN_USE: i32 = libc::EADDRINUSE;
    pub(crate) const BAD_DESCRIPTOR: i32 = libc::EBADF;
    pub(crate) const BROKEN_PIPE: i32 = libc::EPIPE;
    pub(crate) const CONNECTION_REFUSED: i32 = libc::ECONNREFUSED;
    pub(crate) const CONNECTION_RESET: i32 = libc::ECONNRESET;
    pub(crate) const DESTINATION_REQUIRED: i32 = libc::EDESTADDRREQ;
    pub(crate) const FILE_EXISTS: i32 = libc::EEXIST;
    pub(crate) const INVALID_ARGUMENT: i32 = libc::EINVAL;
    pub(crate) const IS_CONNECTED: i32 = libc::EISCONN;
    pub(crate) const NOT_CONNECTED: i32 = libc::ENOTCONN;
    pub(crate) const NO_SUCH_FILE: i32 = libc::ENOENT;
    pub(crate) const IS_DIRECTORY: i32 = libc::EISDIR;
    pub(crate) const NOT_DIRECTORY: i32 = libc::ENOTDIR;
    pub(crate) const NOT_EMPTY: i32 = libc::ENOTEMPTY;
}
