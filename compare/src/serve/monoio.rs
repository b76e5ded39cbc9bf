//! monoio, on its ring and on epoll.

use std::cell::RefCell;
use std::convert::Infallible;
use std::io;
use std::net;
use std::rc::Rc;
use std::time::Duration;

use monoio::fs::File;
use monoio::io::{AsyncReadRent, AsyncWriteRentExt};
use monoio::net::udp::UdpSocket;
use monoio::net::{TcpListener, TcpStream};
use monoio::time::TimeDriver;
use monoio::{IoUringDriver, LegacyDriver, Runtime, RuntimeBuilder};
use polyloop_benches::Peer as _;

use super::alone::Batch;
use super::hand_over::by_smol;
use super::own::Own;
use super::requests::Requests;
use super::yielding::Yield;
use super::{BUFFER_BYTES, Serving, files};
use crate::peer::Peer;
use crate::work::{HELLO, Service};

/// A runtime is entered by one future at a time, so nobody waits for the cell.
macro_rules! runtime {
    ($name:ident, $driver:ty, $peer:expr) => {
        #[derive(Clone)]
        pub(crate) struct $name {
            runtime: Rc<RefCell<Runtime<TimeDriver<$driver>>>>,
        }

        impl $name {
            pub(crate) fn new() -> io::Result<$name> {
                let runtime = RuntimeBuilder::<$driver>::new().enable_timer().build()?;
                Ok($name { runtime: Rc::new(RefCell::new(runtime)) })
            }
        }

        impl polyloop_benches::Peer for $name {
            type Sleep = monoio::time::Sleep;

            fn name(&self) -> &'static str {
                $peer.name()
            }

            fn block_on<F: Future + 'static>(&self, future: F) -> F::Output {
                self.runtime.borrow_mut().block_on(future)
            }

            fn spawn<F>(&self, future: F) -> impl Future<Output = F::Output> + 'static
            where
                F: Future + 'static,
                F::Output: 'static,
            {
                monoio::spawn(future)
            }

            fn spawn_detached(&self, future: impl Future<Output = ()> + 'static) {
                drop(monoio::spawn(future));
            }

            fn sleep(&self, duration: Duration) -> monoio::time::Sleep {
                monoio::time::sleep(duration)
            }

            fn yield_now(&self) -> impl Future<Output = ()> {
                Yield::default()
            }
        }

        by_smol!($name);
    };
}

runtime!(MonoioRing, IoUringDriver, Peer::MonoioRing);
runtime!(MonoioLegacy, LegacyDriver, Peer::MonoioLegacy);

pub(crate) fn streams(
    peer: Peer,
    listener: net::TcpListener,
    serving: Serving,
) -> io::Result<Infallible> {
    if peer == Peer::MonoioRing {
        MonoioRing::new()?.block_on(accept(listener, serving))
    } else {
        MonoioLegacy::new()?.block_on(accept(listener, serving))
    }
}

async fn accept(listener: net::TcpListener, serving: Serving) -> io::Result<Infallible> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        monoio::spawn(serve(stream, serving));
    }
}

async fn serve(mut stream: TcpStream, serving: Serving) -> io::Result<()> {
    let mut buffer: Vec<u8> = Vec::with_capacity(serving.buffer_bytes);
    let mut requests = Requests::default();
    loop {
        let (count, back) = stream.read(buffer).await;
        buffer = back;
        if count? == 0 {
            return Ok(());
        }
        if serving.service == Service::Http {
            for _ in 0..requests.ends_in(&buffer) {
                stream.write_all(HELLO).await.0?;
            }
        } else {
            let (written, back) = stream.write_all(buffer).await;
            written?;
            buffer = back;
        }
        buffer.clear();
    }
}

pub(crate) fn datagrams(peer: Peer, socket: net::UdpSocket) -> io::Result<Infallible> {
    if peer == Peer::MonoioRing {
        MonoioRing::new()?.block_on(send_back(socket))
    } else {
        MonoioLegacy::new()?.block_on(send_back(socket))
    }
}

async fn send_back(socket: net::UdpSocket) -> io::Result<Infallible> {
    let socket = UdpSocket::from_std(socket)?;
    let mut buffer: Vec<u8> = Vec::with_capacity(BUFFER_BYTES);
    loop {
        let (received, back) = socket.recv_from(buffer).await;
        let (_, from) = received?;
        let (sent, back) = socket.send_to(back, from).await;
        sent?;
        buffer = back;
        buffer.clear();
    }
}

pub(crate) fn reads<P: polyloop_benches::Peer>(peer: P, depth: u32) -> io::Result<Batch> {
    let file = files::file()?;
    let file = Rc::new(peer.block_on(async move { File::from_std(file) })?);
    Ok(Box::new(move |reads| {
        let (file, inside) = (file.clone(), peer.clone());
        let each = reads / u64::from(depth);
        peer.block_on(async move {
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

async fn read(file: Rc<File>, first: u64, count: u64) -> io::Result<()> {
    let mut block = vec![0; files::BLOCK_BYTES];
    for read in first..first + count {
        let (count, back) = file.read_at(block, files::offset_of(read)).await;
        block = back;
        files::whole(count?)?;
    }
    Ok(())
}
