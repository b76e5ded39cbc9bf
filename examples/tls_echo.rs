//! Teaches: TLS on both ends of a connection, and what it refuses.
//!
//!     cargo run --release --example tls_echo --features tls -- --self-test
//!     cargo run --release --example tls_echo --features tls -- --listen 127.0.0.1:7443 --tls cert.pem key.pem
//!     openssl s_client -connect 127.0.0.1:7443 -CAfile cert.pem -quiet
//!
//! It sends back what it gets. Without `--tls` it makes a certificate for `localhost` at its start,
//! which nobody but its own self-test trusts.
#![forbid(unsafe_code)]

use std::net::SocketAddr;
use std::process::ExitCode;

use polyloop::tls::{TlsAcceptor, TlsConnector};
use polyloop::{Backend, Error, Result, Runner, TcpListener, TcpStream};
use polyloop_examples::{Arguments, exit, run_server, serve_each};

const USAGE: &str = "tls_echo [--listen ADDR] [--tls CERTIFICATE KEY] [--self-test] \
     [--backend auto|mio|io-uring|polling]";

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<()> {
    let mut arguments = Arguments::of_process();
    let listen = arguments.value("--listen")?;
    let listen: SocketAddr = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 7443)));
    let backend: Backend = arguments.value("--backend")?.unwrap_or_default();
    let self_test = arguments.flag("--self-test");
    let certificate: Option<String> = arguments.value("--tls")?;
    // The key is what stands behind the certificate.
    let key = if certificate.is_some() { arguments.positional() } else { None };
    arguments.finish(USAGE)?;

    if self_test {
        Runner::builder().backend(backend).build()?.run(check())??;
        println!("self-test passed");
        return Ok(());
    }
    let acceptor = match (certificate, key) {
        (None, _) => own_identity()?.1,
        (Some(certificate), Some(key)) => {
            TlsAcceptor::builder().certificate_files(certificate, key)?.build()?
        }
        (Some(_), None) => return Err(Error::other("--tls needs a certificate and its key")),
    };
    run_server(backend, serve_each(listen, move |stream| echo(acceptor.clone(), stream)))
}

/// Sends back what comes, until the peer has no more to send.
async fn echo(acceptor: TlsAcceptor, stream: TcpStream) -> Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut buf = vec![0; 16 * 1024];
    loop {
        match stream.read(&mut buf).await? {
            0 => return stream.close().await,
            count => stream.write_all(&buf[..count]).await?,
        }
    }
}

/// Makes a certificate that certifies itself, and gives it with a server that presents it.
fn own_identity() -> Result<(String, TlsAcceptor)> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
    let made = made.map_err(|error| Error::other(error).attempting("make a certificate"))?;
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let acceptor = TlsAcceptor::builder().certificate_pem(&certificate, key)?.build()?;
    Ok((certificate, acceptor))
}

/// Speaks to a server in this program, as somebody who trusts it and as somebody who does not.
async fn check() -> Result<()> {
    let (certificate, acceptor) = own_identity()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = polyloop::create_task(async move {
        let (stream, _) = listener.accept().await?;
        echo(acceptor.clone(), stream).await?;
        let (stream, _) = listener.accept().await?;
        // This one is refused, which the server learns too.
        Ok::<_, Error>(echo(acceptor, stream).await.is_err())
    });
    let connector = TlsConnector::builder().root_pem(certificate)?.build()?;

    let mut stream = connector.connect("localhost", TcpStream::connect(address).await?).await?;
    println!(
        "{}, {}",
        stream.connection_info().protocol(),
        stream.connection_info().cipher_suite()
    );
    stream.write_all(b"hello").await?;
    stream.shutdown().await?;
    let mut echoed = Vec::new();
    let mut buf = [0; 64];
    loop {
        match stream.read(&mut buf).await? {
            0 => break,
            count => echoed.extend_from_slice(&buf[..count]),
        }
    }
    if echoed != b"hello" {
        return Err(Error::other(format_args!("sent hello and got {echoed:?}")));
    }

    match connector.connect("example.com", TcpStream::connect(address).await?).await {
        Ok(_) => return Err(Error::other("a certificate for localhost served for example.com")),
        Err(error) => println!("{error}"),
    }
    match server.await.map_err(Error::other)?? {
        true => Ok(()),
        false => Err(Error::other("the server did not learn that it was refused")),
    }
}
