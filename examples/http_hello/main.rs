//! Teaches: a server whose connections stay open and carry requests in a row, several at once
//! if the client likes.
//!
//!     cargo run --release --example http_hello -- --listen 127.0.0.1:8080 --backend io-uring
//!     curl -v http://127.0.0.1:8080/
//!     curl -v --cacert cert.pem https://localhost:8080/      (with --features tls, --tls cert.pem key.pem)
//!     wrk -c 64 -t 1 http://127.0.0.1:8080/
//!
//! It answers every path with a greeting, or with `--root DIRECTORY` with the files in there, which the
//! kernel sends by itself (sendfile), in parts if the client asks for them. HTTP/1.1 and 1.0, GET and
//! HEAD; a body that comes with a request is read and thrown away.
#![forbid(unsafe_code)]

mod connection;
mod date;
mod page;
mod range;
mod request;
mod response;
mod service;
mod site;
mod stream;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;

use polyloop::{Backend, Error, Result};
use polyloop_examples::{Arguments, exit, run_server, serve_each};

use service::Service;
use site::Site;
use stream::Stream;

const USAGE: &str =
    "http_hello [--listen ADDR] [--root DIRECTORY] [--tls CERTIFICATE KEY] [--backend NAME]";

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<()> {
    let mut arguments = Arguments::of_process();
    let listen = arguments.value("--listen")?;
    let listen: SocketAddr = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
    let backend: Backend = arguments.value("--backend")?.unwrap_or_default();
    let root: Option<PathBuf> = arguments.value("--root")?;
    let certificate: Option<String> = arguments.value("--tls")?;
    // The key is what stands behind the certificate.
    let key = if certificate.is_some() { arguments.positional() } else { None };
    arguments.finish(USAGE)?;

    let service = Rc::new(Service::new(root.map(Site::new)));
    match (certificate, key) {
        (None, _) => run_server(
            backend,
            serve_each(listen, move |stream| {
                connection::serve(Stream::Plain(stream), service.clone())
            }),
        ),
        (Some(certificate), Some(key)) => run_tls(backend, listen, service, &certificate, &key),
        (Some(_), None) => Err(Error::other("--tls needs a certificate and its key")),
    }
}

#[cfg(feature = "tls")]
fn run_tls(
    backend: Backend,
    listen: SocketAddr,
    service: Rc<Service>,
    certificate: &str,
    key: &str,
) -> Result<()> {
    let acceptor = polyloop::tls::TlsAcceptor::builder()
        .certificate_files(certificate, key)?
        .alpn(&["http/1.1"])
        .build()?;
    let serve = move |stream| {
        let (acceptor, service) = (acceptor.clone(), service.clone());
        async move {
            let stream = Stream::Tls(Box::new(acceptor.accept(stream).await?));
            connection::serve(stream, service).await
        }
    };
    run_server(backend, serve_each(listen, serve))
}

#[cfg(not(feature = "tls"))]
fn run_tls(_: Backend, _: SocketAddr, _: Rc<Service>, _: &str, _: &str) -> Result<()> {
    Err(Error::other("--tls needs the feature tls: cargo run --features tls --example http_hello"))
}
