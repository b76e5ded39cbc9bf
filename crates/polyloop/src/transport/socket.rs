use crate::net::{TcpListener, TcpStream};
#[cfg(unix)]
use crate::net::{UnixListener, UnixStream};

/// A connected socket that a transport can be made of: [`TcpStream`], and on Unix `UnixStream`.
///
/// Nothing else can implement it.
pub trait StreamSocket: sealed::Socket {}

/// A listener that a server can be made of: [`TcpListener`], and on Unix `UnixListener`.
///
/// Nothing else can implement it.
pub trait ListeningSocket: sealed::Socket {}

/// The part that only this crate can name.
mod sealed {
    use crate::net::resource::Resource;

    pub trait Socket {
        #[doc(hidden)]
        fn into_socket_resource(self) -> Resource;
    }
}

macro_rules! sockets {
    ($($kind:ident: $($socket:ty),+;)+) => {$($(
        impl $kind for $socket {}

        impl sealed::Socket for $socket {
            fn into_socket_resource(self) -> crate::net::resource::Resource {
                self.into_resource()
            }
        }
    )+)+};
}

sockets! {
    StreamSocket: TcpStream;
    ListeningSocket: TcpListener;
}

#[cfg(unix)]
sockets! {
    StreamSocket: UnixStream;
    ListeningSocket: UnixListener;
}
