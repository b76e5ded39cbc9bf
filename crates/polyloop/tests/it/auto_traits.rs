//! What may cross threads and what stays on its loop's: a change of either is a compile error here.

use polyloop::sync::{Barrier, Condition, Event, Lock, LockGuard, Semaphore, SemaphorePermit};
use polyloop::{
    Blockage, Chunk, Context, Error, Executor, Gather, GroupServer, Guest, Handle, Interval, Loop,
    LoopFuture, LoopGroup, LoopGroupBuilder, LoopGroupError, LoopHandle, Metrics, Queue,
    QueueShutDown, Runner, Sleep, Task, TaskError, TaskGroup, TaskInfo, TcpListener, TcpStream,
    ThreadTask, ThreadsafeTask, TimedOut, Timeout, TimerHandle, Watchdog,
};

/// Is implemented once for what is not `Send`, and twice for what is: then asking is ambiguous.
trait Stays<Which> {
    fn stays() {}
}

impl<T> Stays<()> for T {}
impl<T: Send> Stays<u8> for T {}

fn crosses<T: Send + Sync>() {}

#[test]
fn what_crosses_threads_is_send_and_sync() {
    crosses::<LoopHandle>();
    crosses::<Executor>();
    crosses::<ThreadTask<u32>>();
    crosses::<ThreadsafeTask<u32>>();
    crosses::<LoopGroup>();
    crosses::<LoopGroupBuilder>();
    crosses::<GroupServer>();
    crosses::<LoopGroupError>();
    crosses::<Watchdog>();
    crosses::<Blockage>();
    crosses::<Metrics>();
    crosses::<Error>();
    crosses::<TimedOut>();
    crosses::<QueueShutDown<u32>>();
    crosses::<polyloop::RunnerBuilder>();
    crosses::<polyloop::Backend>();
    crosses::<polyloop::ServerBuilder>();
    crosses::<polyloop::DatagramEndpoint>();
    crosses::<polyloop::TcpSocket>();
    crosses::<polyloop::Dial>();
    crosses::<polyloop::DialError>();
    crosses::<polyloop::ReadError>();
    crosses::<polyloop::io::CopyError>();
    crosses::<polyloop::fs::OpenOptions>();
    crosses::<polyloop::SystemResolver>();
    crosses::<polyloop::LoopConfig>();
    #[cfg(unix)]
    crosses::<polyloop::signal::SignalKind>();
    #[cfg(feature = "tls")]
    {
        crosses::<polyloop::tls::TlsAcceptor>();
        crosses::<polyloop::tls::TlsConnector>();
        crosses::<polyloop::tls::ConnectionInfo>();
    }
    fn moves<T: Send>() {}
    moves::<TaskError>();
    moves::<Chunk>();
}

#[test]
fn what_belongs_to_a_loop_stays_on_its_thread() {
    <Loop as Stays<_>>::stays();
    <Runner as Stays<_>>::stays();
    <Guest as Stays<_>>::stays();
    <Task<u32> as Stays<_>>::stays();
    <TaskInfo as Stays<_>>::stays();
    <TaskGroup<TaskError> as Stays<_>>::stays();
    <LoopFuture<u32> as Stays<_>>::stays();
    <Gather<u32> as Stays<_>>::stays();
    <Handle as Stays<_>>::stays();
    <TimerHandle as Stays<_>>::stays();
    <Sleep as Stays<_>>::stays();
    <Timeout<Sleep> as Stays<_>>::stays();
    <Interval as Stays<_>>::stays();
    <Context as Stays<_>>::stays();
    <Queue<u32> as Stays<_>>::stays();
    <Lock<u32> as Stays<_>>::stays();
    <LockGuard<'_, u32> as Stays<_>>::stays();
    <Event as Stays<_>>::stays();
    <Condition as Stays<_>>::stays();
    <Semaphore as Stays<_>>::stays();
    <SemaphorePermit<'_> as Stays<_>>::stays();
    <Barrier as Stays<_>>::stays();
    <TcpStream as Stays<_>>::stays();
    <TcpListener as Stays<_>>::stays();
    <polyloop::OwnedReadHalf as Stays<_>>::stays();
    <polyloop::UdpSocket as Stays<_>>::stays();
    <polyloop::StreamReader as Stays<_>>::stays();
    <polyloop::StreamWriter as Stays<_>>::stays();
    <polyloop::ExtraInfo as Stays<_>>::stays();
    <polyloop::Transport as Stays<_>>::stays();
    <polyloop::DatagramTransport as Stays<_>>::stays();
    <polyloop::Server as Stays<_>>::stays();
    <polyloop::fs::File as Stays<_>>::stays();
    <polyloop::io::PipeReader as Stays<_>>::stays();
    <polyloop::io::Stdin as Stays<_>>::stays();
    <polyloop::io::Stdout as Stays<_>>::stays();
    #[cfg(unix)]
    {
        <polyloop::UnixStream as Stays<_>>::stays();
        <polyloop::process::Process as Stays<_>>::stays();
        <polyloop::process::SubprocessTransport as Stays<_>>::stays();
        <polyloop::signal::Signals as Stays<_>>::stays();
    }
    #[cfg(feature = "tls")]
    <polyloop::tls::TlsStream<TcpStream> as Stays<_>>::stays();
}
