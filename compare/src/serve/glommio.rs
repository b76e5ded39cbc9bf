//! glommio, as it comes.

use std::convert::Infallible;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use glommio::channels::local_channel::{self, LocalReceiver, LocalSender};
use glommio::io::BufferedFile;
use glommio::net::{TcpListener, UdpSocket};
use glommio::timer::Timer;
use glommio::{LocalExecutor, LocalExecutorBuilder, Placement};
use polyloop_benches::Peer as _;

use super::alone::Batch;
use super::own::Own;
use super::{BUFFER_BYTES, Serving, control, files};
use crate::peer::Peer;
use crate::work::Service;

#[derive(Clone)]
pub(crate) struct Glommio {
    executor: Rc<LocalExecutor>,
}

impl Glommio {
    pub(crate) fn new() -> io::Result<Glommio> {
        let executor = LocalExecutorBuilder::new(Placement::Unbound).make();
        Ok(Glommio { executor: Rc::new(executor.map_err(io::Error::from)?) })
    }
}

/// A timer without the instant that it gives.
pub(crate) struct Sleep(Timer);

impl Future for Sleep {
    type Output = ();

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<()> {
        std::pin::Pin::new(&mut self.0).poll(cx).map(drop)
    }
}

impl polyloop_benches::Peer for Glommio {
    type Sleep = Sleep;

    fn name(&self) -> &'static str {
        Peer::Glommio.name()
    }

    fn block_on<F: Future + 'static>(&self, future: F) -> F::Output {
        self.executor.run(future)
    }

    fn spawn<F>(&self, future: F) -> impl Future<Output = F::Output> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        glommio::spawn_local(future)
    }

    fn spawn_detached(&self, future: impl Future<Output = ()> + 'static) {
        glommio::spawn_local(future).detach();
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep(Timer::new(duration))
    }

    async fn yield_now(&self) {
        glommio::executor().yield_now().await;
    }
}

impl polyloop_benches::HandOver for Glommio {
    type Queue = Rc<(LocalSender<u64>, LocalReceiver<u64>)>;
    type Lock = smol::lock::Mutex<()>;

    fn queue(&self, room: usize) -> Self::Queue {
        Rc::new(local_channel::new_bounded(room))
    }

    async fn put(queue: &Self::Queue, item: u64) {
        queue.0.send(item).await.expect("the receiver is there");
    }

    async fn get(queue: &Self::Queue) -> u64 {
        queue.1.recv().await.expect("the sender is there")
    }

    fn lock(&self) -> Self::Lock {
        smol::lock::Mutex::new(())
    }

    async fn with_lock<R>(lock: &Self::Lock, work: impl Future<Output = R>) -> R {
        let _held = lock.lock().await;
        work.await
    }
}

/// Serves; glommio takes no sockets that others have made, so it listens by itself.
pub(crate) fn serve(serving: Serving) -> io::Result<Infallible> {
    Glommio::new()?.block_on(async move {
        if serving.service == Service::Datagrams {
            return datagrams().await;
        }
        let listener = TcpListener::bind("127.0.0.1:0")?;
        control::ready(&listener.local_addr()?.to_string())?;
        loop {
            let stream = listener.accept().await?;
            stream.set_nodelay(true)?;
            glommio::spawn_local(super::smol::serve(stream, serving)).detach();
        }
    })
}

async fn datagrams() -> io::Result<Infallible> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    control::ready(&socket.local_addr()?.to_string())?;
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let (count, from) = socket.recv_from(&mut buffer).await?;
        socket.send_to(&buffer[..count], from).await?;
    }
}

pub(crate) fn reads(depth: u32) -> io::Result<Batch> {
    let glommio = Glommio::new()?;
    let file = files::file()?;
    let path = files::path_of(&file);
    let opened = glommio.block_on(async move { BufferedFile::open(path).await });
    let opened = Rc::new(opened.map_err(io::Error::from)?);
    Ok(Box::new(move |reads| {
        let _ = &file;
        let (file, each) = (opened.clone(), reads / u64::from(depth));
        let inside = glommio.clone();
        glommio.block_on(async move {
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

async fn read(file: Rc<BufferedFile>, first: u64, count: u64) -> io::Result<()> {
    for read in first..first + count {
        let block = file.read_at(files::offset_of(read), files::BLOCK_BYTES).await;
        files::whole(block.map_err(io::Error::from)?.len())?;
    }
    Ok(())
}
