//! What differs between platforms.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::ask;

#[cfg(not(unix))]
mod other;
#[cfg(not(unix))]
pub(crate) use other::ask;
