/// The numbers that the model answers with: those of Winsock and of Windows.
pub(crate) mod errno {
    pub(crate) const ADDRESS_IN_USE: i32 = 10048;
    pub(crate) const BAD_DESCRIPTOR: i32 = 6;
    pub(crate) const BROKEN_PIPE: i32 = 109;
    pub(crate) const CONNECTION_REFUSED: i32 = 10061;
    pub(crate) const CONNECTION_RESET: i32 = 10054;
    pub(crate) const DESTINATION_REQUIRED: i32 = 10039;
    pub(crate) const FILE_EXISTS: i32 = 80;
    pub(crate) const INVALID_ARGUMENT: i32 = 87;
    pub(crate) const IS_CONNECTED: i32 = 10056;
    pub(crate) const NOT_CONNECTED: i32 = 10057;
    pub(crate) const NO_SUCH_FILE: i32 = 2;
    pub(crate) const IS_DIRECTORY: i32 = 5;
    pub(crate) const NOT_DIRECTORY: i32 = 267;
    pub(crate) const NOT_EMPTY: i32 = 145;
}

/// There is no fork here.
pub(crate) fn drop_in_forked_child(
    _events: &mut Box<dyn polyloop_core::EventLoop>,
    _patience: std::time::Duration,
) -> Result<(), super::ForkError> {
    Err(super::ForkError::Unsupported)
}

/// Nothing here can be looked at in this way.
pub(crate) fn is_readable(_descriptor: &std::fs::File, _timeout: std::time::Duration) -> bool {
    crate::harness::skip("no way to poll a descriptor on this system")
}

pub(crate) fn readable_file() -> Option<std::fs::File> {
    None
}

pub(crate) fn unreadable_file() -> Option<std::fs::File> {
    None
}

pub(crate) fn descriptor_of(_stream: std::net::TcpStream) -> Option<std::fs::File> {
    None
}
