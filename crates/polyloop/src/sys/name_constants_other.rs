//! Flags of `getaddrinfo` and `getnameinfo`, as `ws2def.h` and `ws2tcpip.h` of the Windows SDK
//! have them.

pub(crate) const AI_PASSIVE: i32 = 0x1;
pub(crate) const AI_CANONNAME: i32 = 0x2;
pub(crate) const AI_NUMERICHOST: i32 = 0x4;
pub(crate) const AI_NUMERICSERV: i32 = 0x8;
pub(crate) const AI_ALL: i32 = 0x100;
pub(crate) const AI_ADDRCONFIG: i32 = 0x400;
pub(crate) const AI_V4MAPPED: i32 = 0x800;

pub(crate) const NI_NOFQDN: i32 = 0x1;
pub(crate) const NI_NUMERICHOST: i32 = 0x2;
pub(crate) const NI_NAMEREQD: i32 = 0x4;
pub(crate) const NI_NUMERICSERV: i32 = 0x8;
pub(crate) const NI_DGRAM: i32 = 0x10;
