//! smol, with its executor of one thread.

use std::convert::Infallible;
use std::io::{self, SeekFrom};
use std::net;
use std::rc::Rc;

use smol::fs::File;
use smol::io::{AsyncRead, AsyncReadExt, AsyncSeekExt, AsyncWrite, AsyncWriteExt};
use smol::net::{TcpListener, UdpSocket};
use smol::{Async, LocalExecutor};

use super::alone::Batch;
use super::own::Own;
use super::requests::Requests;
use super::{BUFFER_BYTES, Serving, files};
use crate::work::{HELLO, Service};

pub(crate) fn streams(listener: net::TcpListener, serving: Serving) -> io::Result<Infallible> {
    let executor = Rc::new(LocalExecutor::new());
    smol::block_on(executor.run(async {
        let listener = TcpListener::from(Async::new(listener)?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            executor.spawn(serve(stream, serving)).detach();
        }
    }))
}

/// Serves one connection, of any runtime whose streams have the traits of futures-io.
pub(crate) async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    serving: Serving,
) -> io::Result<()> {
    let mut buffer = vec![0; serving.buffer_bytes];
    let mut requests = Requests::default();
    loop {
        let count = stream.read(&mut buffer).await?;
        match (count, serving.service) {
            (0, _) => return Ok(()),
            (_, Service::Http) => {
                for _ in 0..requests.ends_in(&buffer[..count]) {
                    stream.write_all(HELLO).await?;
                }
            }
            _ => stream.write_all(&buffer[..count]).await?,
        }
    }
}

pub(crate) fn datagrams(socket: net::UdpSocket) -> io::Result<Infallible> {
    smol::block_on(async move {
        let socket = UdpSocket::from(Async::new(socket)?);
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            let (count, from) = socket.recv_from(&mut buffer).await?;
            socket.send_to(&buffer[..count], from).await?;
        }
    })
}

pub(crate) fn reads(depth: u32) -> io::Result<Batch> {
    let file = files::file()?;
    // A handle has one position, so each task has its own.
    let path = files::path_of(&file);
    let open = || std::fs::File::open(&path).map(File::from);
    let mut handles = (0..depth).map(|_| open()).collect::<io::Result<Vec<_>>>()?;
    Ok(Box::new(move |reads| {
        let _ = &file;
        let each = reads / u64::from(depth);
        let executor = LocalExecutor::new();
        handles = smol::block_on(executor.run(async {
            let tasks: Vec<_> = (0..)
                .zip(handles.drain(..))
                .map(|(reader, file)| executor.spawn(read(file, reader * each, each)))
                .collect();
            let mut handles = Vec::with_capacity(tasks.len());
            for task in tasks {
                handles.push(task.await?);
            }
            Ok::<_, io::Error>(handles)
        }))?;
        Ok(Own::default())
    }))
}

async fn read(mut file: File, first: u64, count: u64) -> io::Result<File> {
    let mut block = vec![0; files::BLOCK_BYTES];
    for read in first..first + count {
        file.seek(SeekFrom::Start(files::offset_of(read))).await?;
        file.read_exact(&mut block).await?;
    }
    Ok(file)
}
