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

    /// Ends the direction to the client.
    pub(crate) async fn shutdown(&mut self) -> Result<()> {
        match self {
            Stream::Plain(stream) => stream.shutdown(std::net::Shutdown::Write).await,
            #[cfg(feature = "tls")]
            Stream::Tls(stream) => stream.shutdown().await,
        }
    }
}
