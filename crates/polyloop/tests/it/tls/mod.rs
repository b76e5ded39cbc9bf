//! TLS over real connections. Needs the feature `__tls-tests`, which brings the certificates.

mod bulk;
mod handshake;
mod protocols;
mod resumption;
mod stream;
mod streams;

use polyloop::tls::test_authority::TestAuthority;
use polyloop::tls::{TlsAcceptor, TlsAcceptorBuilder, TlsConnector, TlsStream};
use polyloop::{Result, TcpListener, TcpStream, create_task};

use crate::streams::pair;

/// The name that the servers' certificates are for.
const NAME: &str = "server.test";

type Tls = TlsStream<TcpStream>;

fn connector(authority: &TestAuthority) -> TlsConnector {
    TlsConnector::builder().root_pem(authority.root()).unwrap().build().unwrap()
}

fn server_builder(authority: &TestAuthority) -> TlsAcceptorBuilder {
    let identity = authority.server(&[NAME]);
    TlsAcceptor::builder().certificate_pem(identity.certificate, identity.key).unwrap()
}

fn acceptor(authority: &TestAuthority) -> TlsAcceptor {
    server_builder(authority).build().unwrap()
}

/// Shakes hands over a new connection: what the client and the server got of it.
async fn shake(connector: &TlsConnector, acceptor: &TlsAcceptor) -> (Result<Tls>, Result<Tls>) {
    let (client, server) = pair().await;
    shake_over(connector, client, acceptor, server).await
}

async fn shake_over(
    connector: &TlsConnector,
    client: TcpStream,
    acceptor: &TlsAcceptor,
    server: TcpStream,
) -> (Result<Tls>, Result<Tls>) {
    let connector = connector.clone();
    let client = create_task(async move { connector.connect(NAME, client).await });
    let server = acceptor.accept(server).await;
    (client.await.unwrap(), server)
}

/// A client and a server that have shaken hands.
async fn ends() -> (Tls, Tls) {
    let authority = TestAuthority::new();
    let (client, server) = shake(&connector(&authority), &acceptor(&authority)).await;
    (client.unwrap(), server.unwrap())
}

async fn read_to_end(stream: &mut Tls) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await?;
    Ok(all)
}

/// Puts a relay between two ends of new connections, which passes pieces of that size on.
async fn relayed(piece: usize) -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let near = create_task(async move { TcpStream::connect(address).await.unwrap() });
    let (left, _) = listener.accept().await.unwrap();
    let near = near.await.unwrap();
    let (right, far) = pair().await;
    let (left_in, left_out) = left.into_split();
    let (right_in, right_out) = right.into_split();
    create_task(relay(left_in, right_out, piece));
    create_task(relay(right_in, left_out, piece));
    (near, far)
}

async fn relay(
    mut from: polyloop::OwnedReadHalf,
    mut to: polyloop::OwnedWriteHalf,
    piece: usize,
) -> Result<()> {
    let mut buf = vec![0; piece];
    loop {
        match from.read(&mut buf).await? {
            0 => return to.shutdown().await,
            count => to.write_all(&buf[..count]).await?,
        }
    }
}
