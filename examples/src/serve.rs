use std::fmt::Display;
use std::io::Write;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use polyloop::{Backend, Error, ErrorKind, LoopGroup, Result, Runner, TcpListener, TcpStream};

/// How long connections may go on after Ctrl-C, where there are several loops.
const GRACE: Duration = Duration::from_millis(500);

/// Serves on so many loops until Ctrl-C: on one in this thread, or on several with a thread each.
///
/// `make` is called on each loop, so that what it makes need not be shared between threads.
pub fn serve_on_loops<M, H, F>(
    loops: usize,
    backend: Backend,
    listen: SocketAddr,
    make: M,
) -> Result<()>
where
    M: Fn() -> H + Send + Sync + 'static,
    H: Fn(TcpStream) -> F + 'static,
    F: Future<Output = Result<()>> + 'static,
{
    if loops == 1 {
        return run_server(backend, serve_each(listen, make()));
    }
    run_group(loops, backend, |group| {
        let server = group.serve(listen, move |_| make())?;
        announce(server.local_addr(), group.backend_info(0)?.name())?;
        Ok(server)
    })
}

/// Makes so many loops, has them serve, and goes on until Ctrl-C; then it tells what each loop has done.
pub fn run_group<S>(
    loops: usize,
    backend: Backend,
    serve: impl FnOnce(&LoopGroup) -> Result<S>,
) -> Result<()> {
    let of_each = backend.clone();
    let group = LoopGroup::builder()
        .loops(loops)
        .each_loop(move |_, builder| builder.backend(of_each.clone()))
        .build()?;
    let server = serve(&group)?;
    // Nothing is done here but waiting for Ctrl-C.
    run_server(backend, std::future::pending())?;
    drop(server);
    tell_loops(&group)?;
    if let Err(error) = group.stop(GRACE) {
        eprintln!("{error}");
    }
    Ok(())
}

/// Tells of each loop what shows whether the work is spread: its connections and its iterations.
fn tell_loops(group: &LoopGroup) -> Result<()> {
    for (index, accepted) in group.accepted().into_iter().enumerate() {
        let metrics = group.metrics(index)?.wait().map_err(Error::from)?;
        println!(
            "loop {index}: {accepted} connections, {} iterations of {:.1} callbacks",
            metrics.iterations,
            metrics.callbacks_mean()
        );
    }
    Ok(())
}

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
pub async fn serve_each<F>(
    listen: SocketAddr,
    serve: impl Fn(TcpStream) -> F + 'static,
) -> Result<()>
where
    F: Future<Output = Result<()>> + 'static,
{
    let listener = TcpListener::bind(listen).await?;
    announce(listener.local_addr()?, polyloop::backend_info().name())?;
    let serve = Rc::new(serve);
    loop {
        let (stream, peer) = listener.accept().await?;
        let serve = serve.clone();
        polyloop::create_task(async move {
            // Made in here: a future that an async block is given takes its place there twice.
            if let Err(error) = serve(stream).await {
                eprintln!("{peer}: {error}");
            }
        });
    }
}

/// Says where a server listens.
pub fn announce(address: impl Display, backend: &str) -> Result<()> {
    println!("listening on {address} (backend {backend})");
    // Whoever started this program may be reading the line from a pipe.
    Ok(std::io::stdout().flush()?)
}
