use polyloop_core::{
    Error, ErrorKind, OsHandle, PairKind, Result, UnixAddress, UnixDatagramSpec, UnixListenSpec,
    UnixStreamSpec,
};
use socket2::{Domain, Socket, Type};

use super::unix_name::unix_to_kernel;

pub(crate) fn open_unix_stream(spec: &UnixStreamSpec) -> Result<OsHandle> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None).map_err(cannot_open)?;
    bind_to(&socket, spec.bind.as_ref())?;
    Ok(OsHandle::UnixStream(into_file(socket)))
}

pub(crate) fn open_unix_listener(spec: &UnixListenSpec) -> Result<OsHandle> {
    let at = &spec.address;
    if at.is_unnamed() {
        let error = Error::new(ErrorKind::InvalidInput);
        return Err(error.attempting("listen on a Unix socket without a name"));
    }
    let listening =
        |error: std::io::Error| Error::from(error).attempting(format_args!("listen on {at}"));
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None).map_err(cannot_open)?;
    socket.bind(&unix_to_kernel(at)?).map_err(listening)?;
    socket.listen(i32::try_from(spec.backlog).unwrap_or(i32::MAX)).map_err(listening)?;
    Ok(OsHandle::UnixListener(into_file(socket)))
}

pub(crate) fn open_unix_datagram(spec: &UnixDatagramSpec) -> Result<OsHandle> {
    let socket = Socket::new(Domain::UNIX, Type::DGRAM, None).map_err(cannot_open)?;
    bind_to(&socket, spec.bind.as_ref())?;
    if let Some(peer) = &spec.connect {
        socket.connect(&unix_to_kernel(peer)?).map_err(|error| {
            Error::from(error).attempting(format_args!("connect a datagram socket to {peer}"))
        })?;
    }
    Ok(OsHandle::UnixDatagram(into_file(socket)))
}

pub(crate) fn open_socket_pair(kind: PairKind) -> Result<(OsHandle, OsHandle)> {
    let of = match kind {
        PairKind::Stream => OsHandle::UnixStream,
        PairKind::Datagram => OsHandle::UnixDatagram,
    };
    let type_ = match kind {
        PairKind::Stream => Type::STREAM,
        PairKind::Datagram => Type::DGRAM,
    };
    let (first, second) = Socket::pair(Domain::UNIX, type_, None)?;
    Ok((of(into_file(first)), of(into_file(second))))
}

/// Binds to a name; to none there is nothing to do.
fn bind_to(socket: &Socket, address: Option<&UnixAddress>) -> Result<()> {
    let Some(address) = address.filter(|address| !address.is_unnamed()) else { return Ok(()) };
    socket.bind(&unix_to_kernel(address)?).map_err(|error| {
        Error::from(error).attempting(format_args!("bind a Unix socket to {address}"))
    })
}

fn into_file(socket: Socket) -> std::fs::File {
    std::os::fd::OwnedFd::from(socket).into()
}

fn cannot_open(error: std::io::Error) -> Error {
    Error::from(error).attempting("open a Unix socket")
}
