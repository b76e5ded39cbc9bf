//! compio, on its ring.

use std::convert::Infallible;
use std::io;
use std::net;
use std::pin::Pin;
use std::time::Duration;

use compio::BufResult;
use compio::driver::ProactorBuilder;
use compio::fs::File;
use compio::io::{AsyncRead, AsyncReadAt, AsyncWriteExt};
use compio::net::{TcpListener, TcpStream, UdpSocket};
use compio::runtime::{Runtime, RuntimeBuilder};
use polyloop_benches::Peer as _;

use super::alone::Batch;
use super::hand_over::by_smol;
use super::own::Own;
use super::requests::Requests;
use super::yielding::Yield;
use super::{BUFFER_BYTES, Serving, files};
use crate::peer::Peer;
use crate::work::{HELLO, Service};

#[derive(Clone)]
pub(crate) struct Compio {
    runtime: Runtime,
}

impl Compio {
    /// Makes a runtime with the ring's flags that serve one thread best.
    pub(crate) fn new() -> io::Result<Compio> {
        let mut proactor = ProactorBuilder::new();
        proactor.coop_taskrun(true).taskrun_flag(true);
        let runtime = RuntimeBuilder::new().with_proactor(proactor).build()?;
        Ok(Compio { runtime })
    }
}

impl polyloop_benches::Peer for Compio {
    type Sleep = Pin<Box<dyn Future<Output = ()>>>;

    fn name(&self) -> &'static str {
        Peer::Compio.name()
    }

    fn block_on<F: Future + 'static>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    fn spawn<F>(&self, future: F) -> impl Future<Output = F::Output> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let task = compio::runtime::spawn(future);
        async move { task.await.expect("tasks are neither cancelled nor panic") }
    }

    fn spawn_detached(&self, future: impl Future<Output = ()> + 'static) {
        compio::runtime::spawn(future).detach();
    }

    fn sleep(&self, duration: Duration) -> Self::Sleep {
        // An async function, whose type has no name.
        Box::pin(compio::time::sleep(duration))
    }

    fn yield_now(&self) -> impl Future<Output = ()> {
        Yield::default()
    }
}

by_smol!(Compio);

pub(crate) fn streams(listener: net::TcpListener, serving: Serving) -> io::Result<Infallible> {
    Compio::new()?.block_on(async move {
        let listener = TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            compio::runtime::spawn(serve(stream, serving)).detach();
        }
    })
}

async fn serve(mut stream: TcpStream, serving: Serving) -> io::Result<()> {
    let mut buffer: Vec<u8> = Vec::with_capacity(serving.buffer_bytes);
    let mut requests = Requests::default();
    loop {
        let BufResult(count, back) = stream.read(buffer).await;
        buffer = back;
        if count? == 0 {
            return Ok(());
        }
        if serving.service == Service::Http {
            for _ in 0..requests.ends_in(&buffer) {
                stream.write_all(HELLO).await.0?;
            }
        } else {
            let BufResult(written, back) = stream.write_all(buffer).await;
            written?;
            buffer = back;
        }
        buffer.clear();
    }
}

pub(crate) fn datagrams(socket: net::UdpSocket) -> io::Result<Infallible> {
    Compio::new()?.block_on(async move {
        let socket = UdpSocket::from_std(socket)?;
        let mut buffer: Vec<u8> = Vec::with_capacity(BUFFER_BYTES);
        loop {
            let BufResult(received, back) = socket.recv_from(buffer).await;
            let (_, from) = received?;
            let BufResult(sent, back) = socket.send_to(back, from).await;
            sent?;
            buffer = back;
            buffer.clear();
        }
    })
}

pub(crate) fn reads(depth: u32) -> io::Result<Batch> {
    let compio = Compio::new()?;
    let file = files::file()?;
    let path = files::path_of(&file);
    let opened = compio.block_on(async move { File::open(path).await })?;
    Ok(Box::new(move |reads| {
        let _ = &file;
        let (file, each) = (opened.clone(), reads / u64::from(depth));
        let inside = compio.clone();
        compio.block_on(async move {
            let tasks: Vec<_> = (0..u64::from(depth))
                .map(|reader| inside.spawn(read(file.clone(), reader * each, each)))
                .collect();
            for task in tasks {
                task.await?;
            }
            Ok(Own::default())
        })
    }))
}

async fn read(file: File, first: u64, count: u64) -> io::Result<()> {
    let mut block: Vec<u8> = Vec::with_capacity(files::BLOCK_BYTES);
    for read in first..first + count {
        block.clear();
        let BufResult(count, back) = file.read_at(block, files::offset_of(read)).await;
        block = back;
        files::whole(count?)?;
    }
    Ok(())
}
