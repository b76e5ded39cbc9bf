use crate::net::TcpStream;
use crate::net::resource::Resource;

/// A connected socket that a transport can be made of. Only types of this crate are.
pub trait StreamSocket: Socket {}

/// What gives its resource to what stands on it.
pub trait Socket {
    /// Gives it.
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "nobody else can call or implement it")]
    fn into_socket_resource(self) -> Resource;
}

impl StreamSocket for TcpStream {}

impl Socket for TcpStream {
    #[allow(private_interfaces, reason = "nobody else can call or implement it")]
    fn into_socket_resource(self) -> Resource {
        self.into_resource()
    }
}
