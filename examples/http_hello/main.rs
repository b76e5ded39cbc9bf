//! Teaches: a server whose connections stay open and carry requests in a row, several at once
//! if the client likes.
//!
//!     cargo run --release --example http_hello -- --listen 127.0.0.1:8080 --backend io-uring
//!     curl -v http://127.0.0.1:8080/
//!     curl -v --cacert cert.pem https://localhost:8080/      (with --features tls, --tls cert.pem key.pem)
//!     wrk -c 64 -t 1 http://127.0.0.1:8080/
//!
//! With `--loops N` so many loops, each on a thread of its own, share the address.
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
use polyloop_examples::{Arguments, exit, serve_on_loops};

use service::Service;
use site::Site;
use stream::Stream;

const USAGE: &str = "http_hello [--listen ADDR] [--root DIRECTORY] [--tls CERTIFICATE KEY] \
                     [--loops N] [--backend NAME]";

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<()> {
    let mut arguments = Arguments::of_process();
    let listen = arguments.value("--listen")?;
    let listen: SocketAddr = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
    let backend: Backend = arguments.value("--backend")?.unwrap_or_default();
    let loops: usize = arguments.value("--loops")?.unwrap_or(1);
    let root: Option<PathBuf> = arguments.value("--root")?;
    let certificate: Option<String> = arguments.value("--tls")?;
    // The key is what stands behind the certificate.
    let key = if certificate.is_some() { arguments.positional() } else { None };
    arguments.finish(USAGE)?;

    // Each loop has its own, which its connections share without locks.
    let make_service = move || Rc::new(Service::new(root.clone().map(Site::new)));
    match (certificate, key) {
        (None, _) => serve_on_loops(loops, backend, listen, move || {
            let service = make_service();
            move |stream| connection::serve(Stream::Plain(stream), service.clone())
        }),
        (Some(certificate), Some(key)) => {
            run_tls(loops, backend, listen, make_service, &certificate, &key)
        }
        (Some(_), None) => Err(Error::other("--tls needs a certificate and its key")),
    }
}

/// Makes what the connections of a loop share.
trait MakeService: Fn() -> Rc<Service> + Send + Sync + 'static {}

impl<M: Fn() -> Rc<Service> + Send + Sync + 'static> MakeService for M {}

#[cfg(feature = "tls")]
fn run_tls(
    loops: usize,
    backend: Backend,
    listen: SocketAddr,
    make_service: impl MakeService,
    certificate: &str,
    key: &str,
) -> Result<()> {
    let acceptor = polyloop::tls::TlsAcceptor::builder()
        .certificate_files(certificate, key)?
        .alpn(&["http/1.1"])
        .build()?;
    serve_on_loops(loops, backend, listen, move || {
        let (acceptor, service) = (acceptor.clone(), make_service());
        move |stream| {
            let (acceptor, service) = (acceptor.clone(), service.clone());
            async move {
                let stream = Stream::Tls(Box::new(acceptor.accept(stream).await?));
                connection::serve(stream, service).await
            }
        }
    })
}

#[cfg(not(feature = "tls"))]
fn run_tls(
    _: usize,
    _: Backend,
    _: SocketAddr,
    _: impl MakeService,
    _: &str,
    _: &str,
) -> Result<()> {
    Err(Error::other("--tls needs the feature tls: cargo run --features tls --example http_hello"))
}
