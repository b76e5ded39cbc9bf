use crate::net::resource::Resource;
use crate::net::{TcpListener, TcpStream};
#[cfg(unix)]
use crate::net::{UnixListener, UnixStream};

/// A connected socket that a transport can be made of: [`TcpStream`], and on Unix `UnixStream`.
pub trait StreamSocket: Socket {}

/// A listener that a server can be made of: [`TcpListener`], and on Unix `UnixListener`.
pub trait ListeningSocket: Socket {}

/// What gives its resource to what stands on it. Only types of this crate do.
pub trait Socket {
    /// Gives it.
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "nobody else can call or implement it")]
    fn into_socket_resource(self) -> Resource;
}

macro_rules! sockets {
    ($($kind:ident: $($socket:ty),+;)+) => {$($(
        impl $kind for $socket {}

        impl Socket for $socket {
            #[allow(private_interfaces, reason = "nobody else can call or implement it")]
            fn into_socket_resource(self) -> Resource {
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
