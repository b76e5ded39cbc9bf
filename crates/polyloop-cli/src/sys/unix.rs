use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// How long a process has to answer: longer than it takes to find out that its loop is blocked.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest reply that is read.
const REPLY_LEN_MAX: u64 = 64 << 20;

/// Sends a request to the socket of a loop and reads the reply.
pub(crate) fn ask(socket: &Path, request: &str) -> Result<String, String> {
    let at = socket.display();
    let stream = UnixStream::connect(socket).map_err(|error| match error.kind() {
        ErrorKind::PermissionDenied => {
            format!("connect to {at}: {error} (only the user who runs the process may look in)")
        }
        ErrorKind::ConnectionRefused => {
            format!("connect to {at}: nobody listens (its process was killed)")
        }
        _ => format!("connect to {at}: {error}"),
    })?;
    exchange(stream, request).map_err(|error| match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            format!("{at} has not answered for {PATIENCE:?}: the process may be stopped")
        }
        _ => format!("ask {at}: {error}"),
    })
}

fn exchange(mut stream: UnixStream, request: &str) -> io::Result<String> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    writeln!(stream, "{request}")?;
    let mut reply = Vec::new();
    stream.take(REPLY_LEN_MAX).read_to_end(&mut reply)?;
    Ok(String::from_utf8_lossy(&reply).into_owned())
}
