//! polyloop, on one of its backends.

use std::convert::Infallible;
use std::io;
use std::net;
use std::rc::Rc;

use polyloop::fs::File;
use polyloop::{
    Backend, Error, LoopConfig, Result, Runner, TcpListener, TcpStream, UdpSocket, create_task,
};

use super::alone::Batch;
use super::own::Own;
use super::requests::Requests;
use super::{BUFFER_BYTES, Serving, files};
use crate::peer::Peer;
use crate::work::{HELLO, Service};

/// Gives the backend that a peer of ours stands for.
pub(crate) fn backend(peer: Peer) -> io::Result<Backend> {
    match peer {
        Peer::PolyloopMio => Ok(Backend::Mio),
        Peer::PolyloopRing => Ok(Backend::IoUring),
        Peer::PolyloopPolling => Ok(Backend::Polling),
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

fn runner(peer: Peer) -> io::Result<Runner> {
    Ok(Runner::builder().backend(backend(peer)?).build()?)
}

/// Makes a runner whose chunks are as large as the buffers of other peers, but not smaller than they
/// come.
fn runner_with_chunks(peer: Peer, bytes: usize) -> io::Result<Runner> {
    let mut config = LoopConfig::default();
    config.chunk_size = config.chunk_size.max(bytes);
    Ok(Runner::builder().backend(backend(peer)?).config(config).build()?)
}

pub(crate) fn streams(
    peer: Peer,
    listener: net::TcpListener,
    serving: Serving,
) -> io::Result<Infallible> {
    let runner = runner_with_chunks(peer, serving.buffer_bytes)?;
    let served: Result<Infallible> = runner.run(async move {
        let listener = TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            serve(stream, serving);
        }
    })?;
    Ok(served?)
}

/// Begins a task that reads chunks of the loop's, so that a connection that waits holds no buffer; of
/// an `async` block, which has its stream once, where an `async fn` has it as its argument, too.
fn serve(mut stream: TcpStream, serving: Serving) {
    let task = create_task(async move {
        let mut requests = Requests::default();
        while let Some(chunk) = stream.read_chunk().await? {
            if serving.service == Service::Echo {
                stream.write_all(&chunk).await?;
                continue;
            }
            let count = requests.ends_in(&chunk);
            drop(chunk);
            for _ in 0..count {
                stream.write_all(HELLO).await?;
            }
        }
        Ok::<_, Error>(())
    });
    task.detach();
}

pub(crate) fn datagrams(peer: Peer, socket: net::UdpSocket) -> io::Result<Infallible> {
    let served: Result<Infallible> = runner(peer)?.run(async move {
        let socket = UdpSocket::from_std(socket)?;
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            let (count, from) = socket.recv_from(&mut buffer).await?;
            socket.send_to(&buffer[..count], from).await?;
        }
    })?;
    Ok(served?)
}

pub(crate) fn reads(peer: Peer, depth: u32) -> io::Result<Batch> {
    let runner = runner(peer)?;
    let file = files::file()?;
    let file = Rc::new(runner.run(async move { File::from_std(file) })??);
    Ok(Box::new(move |reads| {
        let (file, each) = (file.clone(), reads / u64::from(depth));
        let read: Result<()> = runner.run(async move {
            let tasks: Vec<_> = (0..u64::from(depth))
                .map(|reader| create_task(read(file.clone(), reader * each, each)))
                .collect();
            for task in tasks {
                task.await.map_err(Error::other)??;
            }
            Ok(())
        })?;
        read?;
        Ok(Own::default())
    }))
}

async fn read(file: Rc<File>, first: u64, count: u64) -> Result<()> {
    let mut block = vec![0; files::BLOCK_BYTES];
    for read in first..first + count {
        let (count, back) = file.read_owned_at(block, files::offset_of(read)).await;
        block = back;
        if count? != files::BLOCK_BYTES {
            return Err(Error::other("the file is shorter than it was made"));
        }
    }
    Ok(())
}
