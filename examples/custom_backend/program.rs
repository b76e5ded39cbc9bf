use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use polyloop::{Backend, Error, ErrorKind, Result, Runner, TcpListener, TcpStream};
use polyloop_core::{EventLoop, FnFactory, LoopConfig};
use polyloop_examples::Arguments;

use crate::poll_loop::PollLoop;

const USAGE: &str = "custom_backend [--listen ADDR] [--self-test]";

/// The bytes that the self-test sends there and back.
const LENGTH: usize = 1 << 20;

pub(crate) fn run() -> Result<()> {
    let mut arguments = Arguments::of_process();
    let listen: Option<SocketAddr> = arguments.value("--listen")?;
    let self_test = arguments.flag("--self-test");
    arguments.finish(USAGE)?;

    // A factory makes a loop on whichever thread asks for one.
    let factory = FnFactory::new("poll", |config: &LoopConfig| {
        Ok(Box::new(PollLoop::new(config)?) as Box<dyn EventLoop>)
    });
    let runner = Runner::builder().backend(Backend::Custom(Arc::new(factory))).build()?;
    println!("running on {}", runner.backend_info());

    let listen = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
    runner.run(async move {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        println!("listening on {address}");
        let server = polyloop::create_task(serve(listener));
        if self_test {
            check(address).await?;
            println!("{LENGTH} bytes came back as they went");
            return Ok(());
        }
        server.await?
    })?
}

async fn serve(listener: TcpListener) -> Result<()> {
    loop {
        let (mut stream, _peer) = listener.accept().await?;
        polyloop::create_task(async move {
            let mut buf = vec![0; 16 * 1024];
            while let Ok(count @ 1..) = stream.read(&mut buf).await {
                if stream.write_all(&buf[..count]).await.is_err() {
                    break;
                }
            }
        });
    }
}

/// Sends and receives at once, with a timer ticking beside it.
async fn check(address: SocketAddr) -> Result<()> {
    let (mut reader, mut writer) = TcpStream::connect(address).await?.into_split();
    let sent: Vec<u8> = (0..LENGTH).map(|index| (index % 251) as u8).collect();
    let expected = sent.clone();
    let sending = polyloop::create_task(async move {
        writer.write_all(&sent).await?;
        writer.shutdown().await
    });
    let ticking = polyloop::create_task(async {
        for _ in 0..10 {
            polyloop::sleep(Duration::from_millis(1)).await;
        }
    });

    let mut received = Vec::new();
    let mut buf = vec![0; 64 * 1024];
    while let count @ 1.. = reader.read(&mut buf).await? {
        received.extend_from_slice(&buf[..count]);
    }
    sending.await??;
    ticking.await?;
    if received != expected {
        let what = format!("get back what was sent ({} bytes came)", received.len());
        return Err(Error::new(ErrorKind::Io(std::io::ErrorKind::InvalidData)).attempting(what));
    }
    Ok(())
}
