use std::io::Write;
use std::net::SocketAddr;

use polyloop::{Backend, ErrorKind, Result, Runner, TcpListener, TcpStream};

/// Runs a server on a loop of its own until it fails or Ctrl-C ends it, which is no failure.
pub fn run_server(
    backend: Backend,
    server: impl Future<Output = Result<()>> + 'static,
) -> Result<()> {
    let runner = Runner::builder().backend(backend).build()?;
    match runner.run(server) {
        // Ctrl-C has cancelled the task that accepts; dropping the runner ends the others.
        Err(error) if error.kind() == ErrorKind::Interrupted => {
            println!("stopped");
            Ok(())
        }
        result => result?,
    }
}

/// Listens, says where, and gives each connection to a task of its own until cancelled.
///
/// A connection that fails is told on standard error, and costs nobody else anything.
pub async fn serve_each<F>(listen: SocketAddr, serve: impl Fn(TcpStream) -> F) -> Result<()>
where
    F: Future<Output = Result<()>> + 'static,
{
    let listener = TcpListener::bind(listen).await?;
    let backend = polyloop::backend_info();
    println!("listening on {} (backend {})", listener.local_addr()?, backend.name());
    // Whoever started this program may be reading the line from a pipe.
    std::io::stdout().flush()?;
    loop {
        let (stream, peer) = listener.accept().await?;
        let connection = serve(stream);
        polyloop::create_task(async move {
            if let Err(error) = connection.await {
                eprintln!("{peer}: {error}");
            }
        });
    }
}
