//! Each kind of stream that there is, as two ends of a connection that all tests here can use.

use std::pin::Pin;
use std::time::Duration;

use futures::io::{AsyncRead, AsyncWrite};
use polyloop::{SocketOption, TcpStream};

use crate::streams::pair;

/// One end of a connection: what it reads and what it writes.
///
/// Dropping both with something unread resets the connection.
pub(crate) struct End {
    pub(crate) reader: Pin<Box<dyn AsyncRead>>,
    pub(crate) writer: Pin<Box<dyn AsyncWrite>>,
}

impl End {
    pub(crate) fn new<R, W>((reader, writer): (R, W)) -> End
    where
        R: AsyncRead + 'static,
        W: AsyncWrite + 'static,
    {
        End { reader: Box::pin(reader), writer: Box::pin(writer) }
    }
}

/// What closing a connection over TCP does. A Unix socket is reset by who leaves something unread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Closing {
    InOrder,
    Resets,
}

/// A kind of stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Tcp,
    TcpStreams,
    #[cfg(unix)]
    Unix,
    #[cfg(unix)]
    UnixStreams,
    #[cfg(feature = "__tls-tests")]
    Tls,
    #[cfg(feature = "__tls-tests")]
    TlsStreams,
}

impl Kind {
    pub(crate) const PLAIN: &[Kind] = &[
        Kind::Tcp,
        Kind::TcpStreams,
        #[cfg(unix)]
        Kind::Unix,
        #[cfg(unix)]
        Kind::UnixStreams,
    ];

    #[cfg(feature = "__tls-tests")]
    pub(crate) const TLS: &[Kind] = &[Kind::Tls, Kind::TlsStreams];

    /// Makes a connection of this kind.
    pub(crate) async fn connect(self, closing: Closing) -> [End; 2] {
        match self {
            Kind::Tcp => tcp(closing).await.map(|end| End::new(end.into_split())),
            Kind::TcpStreams => tcp(closing).await.map(|end| End::new(end.into_streams())),
            #[cfg(unix)]
            Kind::Unix => unix().await.map(|end| End::new(end.into_split())),
            #[cfg(unix)]
            Kind::UnixStreams => unix().await.map(|end| End::new(end.into_streams())),
            #[cfg(feature = "__tls-tests")]
            Kind::Tls => {
                crate::tls::over(tcp(closing).await).await.map(|end| End::new(end.into_split()))
            }
            #[cfg(feature = "__tls-tests")]
            Kind::TlsStreams => {
                let ends = tcp(closing).await.map(TcpStream::into_streams);
                crate::tls::over_streams(ends).await.map(End::new)
            }
        }
    }
}

pub(crate) async fn tcp(closing: Closing) -> [TcpStream; 2] {
    let (one, other) = pair().await;
    if closing == Closing::Resets {
        for end in [&one, &other] {
            end.set_option(SocketOption::Linger(Some(Duration::ZERO))).unwrap();
        }
    }
    [one, other]
}

#[cfg(unix)]
pub(crate) async fn unix() -> [polyloop::UnixStream; 2] {
    polyloop::UnixStream::pair().await.unwrap().into()
}
