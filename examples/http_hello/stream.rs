use std::ops::Range;

use polyloop::fs::File;
use polyloop::{Result, TcpStream};

#[cfg(feature = "tls")]
use polyloop::tls::TlsStream;

/// What a client speaks over.
pub(crate) enum Stream {
    Plain(TcpStream),
    #[cfg(feature = "tls")]
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Reads behind what is there; false at the end.
    pub(crate) async fn read(&mut self, input: &mut Vec<u8>) -> Result<bool> {
        match self {
            Stream::Plain(stream) => {
                let chunk = stream.read_chunk().await?;
                input.extend_from_slice(chunk.as_deref().unwrap_or_default());
                Ok(chunk.is_some())
            }
            #[cfg(feature = "tls")]
            Stream::Tls(stream) => {
                let mut buf = [0; 4096];
                let count = stream.read(&mut buf).await?;
                input.extend_from_slice(&buf[..count]);
                Ok(count > 0)
            }
        }
    }

    pub(crate) async fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Stream::Plain(stream) => stream.write_all(bytes).await,
            #[cfg(feature = "tls")]
            Stream::Tls(stream) => stream.write_all(bytes).await,
        }
    }

    /// Sends a part of a file, and tells how much was there: the kernel's own way where nothing
    /// stands between the file and the socket.
    pub(crate) async fn send_file(&mut self, file: &File, part: Range<u64>) -> Result<u64> {
        match self {
            Stream::Plain(stream) => {
                polyloop::sendfile(stream, file, part.start, part.end - part.start).await
            }
            #[cfg(feature = "tls")]
            Stream::Tls(stream) => {
                let mut buf = vec![0; 16 * 1024];
                let mut at = part.start;
                while at < part.end {
                    let len = buf.len().min((part.end - at) as usize);
                    let count = file.read_at(&mut buf[..len], at).await?;
                    if count == 0 {
                        break;
                    }
                    stream.write_all(&buf[..count]).await?;
                    at += count as u64;
                }
                Ok(at - part.start)
            }
        }
    }

    /// Ends the direction to the client.
    pub(crate) async fn shutdown(&mut self) -> Result<()> {
        match self {
            Stream::Plain(stream) => stream.shutdown(std::net::Shutdown::Write).await,
            #[cfg(feature = "tls")]
            Stream::Tls(stream) => stream.shutdown().await,
        }
    }
}
