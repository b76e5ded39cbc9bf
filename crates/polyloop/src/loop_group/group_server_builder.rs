use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use polyloop_core::Result;
#[cfg(unix)]
use polyloop_core::UnixAddress;

use super::accepting::accept;
use super::group::LoopGroup;
use super::group_server::GroupServer;
use super::idle::IdleWatch;
use super::local::{Connection, Local, Serve, ServerId};
use super::member::{invalid, wait_for};
use super::place::{Options, Place};
use super::room::Room;
use super::spread::{Choice, Spread};
use crate::functions::create_task;
use crate::net::resource::Resource;
use crate::net::{TcpStream, ToAddress};
#[cfg(unix)]
use crate::net::{ToUnixAddress, UnixStream};
use crate::server::{ConnectionOutcome, watched};

/// How a server of a [`LoopGroup`] is made.
#[derive(Debug)]
#[must_use]
pub struct GroupServerBuilder<'a> {
    group: &'a LoopGroup,
    spread: Spread,
    backlog: Option<u32>,
    connections_max: usize,
    idle_timeout: Option<Duration>,
}

impl<'a> GroupServerBuilder<'a> {
    pub(super) fn new(group: &'a LoopGroup) -> GroupServerBuilder<'a> {
        let (spread, backlog) = (Spread::Auto, None);
        let (connections_max, idle_timeout) = (usize::MAX, None);
        GroupServerBuilder { group, spread, backlog, connections_max, idle_timeout }
    }

    /// Sets how the loops share the connections.
    pub fn spread(mut self, spread: Spread) -> Self {
        self.spread = spread;
        self
    }

    /// Sets how many connections may wait to be accepted, at each listener; the system may lower it.
    pub fn backlog(mut self, backlog: u32) -> Self {
        self.backlog = Some(backlog);
        self
    }

    /// Sets how many connections of this server **each loop** may have at once. A loop that has as many gets no more until one has
    /// ended; where one loop accepts for all, it stops when none has room. The others wait, most of them with the
    /// system: nobody is turned away before the backlog is full.
    pub fn connections_max(mut self, connections: usize) -> Self {
        self.connections_max = connections;
        self
    }

    /// Has a connection ended whose handler had nothing to do for that long (and up to a quarter more): nothing came that it
    /// waited for. The handler is dropped, which closes what it holds; nobody is told.
    ///
    /// What counts is the handler's own future. Who gives parts of a connection to other tasks has it wait for these, and
    /// watch the time there.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// Listens, and serves each connection on one of the loops; see [`LoopGroup::serve`].
    ///
    /// # Errors
    ///
    /// As for [`LoopGroup::serve`]; *invalid input* if it allows no connection, or none any time.
    ///
    /// # Panics
    ///
    /// As [`LoopGroup::serve`].
    pub fn start<M, H, F>(self, address: impl ToAddress, make: M) -> Result<GroupServer>
    where
        M: Fn(usize) -> H + Send + Sync + 'static,
        H: Fn(TcpStream) -> F + 'static,
        F: Future<Output: ConnectionOutcome> + 'static,
    {
        let (address, idle) = (address.to_address()?, self.idle_timeout);
        self.serve_at(address, move |index| serving(make(index), TcpStream::of, idle))
    }

    /// Listens at a Unix socket, and serves each connection on one of the loops. One loop accepts for all, so
    /// [`Spread::Auto`] is [`Spread::RoundRobin`]. The path must not be there yet, and stays when the server is closed.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start), and *invalid input* for [`Spread::ReusePort`]: there is no port.
    ///
    /// # Panics
    ///
    /// As [`LoopGroup::serve`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::{Read, Write};
    ///
    /// use polyloop::{LoopGroup, UnixStream};
    ///
    /// let path = std::env::temp_dir().join(format!("polyloop-group-{}.sock", std::process::id()));
    /// let group = LoopGroup::builder().loops(2).build()?;
    /// let server = group.server().connections_max(100).start_unix(&path, |index| {
    ///     move |mut stream: UnixStream| async move { stream.write_all(&[index as u8]).await }
    /// })?;
    /// let mut served_by = [7];
    /// std::os::unix::net::UnixStream::connect(&path)?.read_exact(&mut served_by)?;
    /// assert_eq!(served_by, [0]);
    /// drop(server);
    /// std::fs::remove_file(&path)?;
    /// # Ok::<(), polyloop::Error>(())
    /// ```
    #[cfg(unix)]
    pub fn start_unix<M, H, F>(
        mut self,
        address: impl ToUnixAddress,
        make: M,
    ) -> Result<GroupServer<UnixAddress>>
    where
        M: Fn(usize) -> H + Send + Sync + 'static,
        H: Fn(UnixStream) -> F + 'static,
        F: Future<Output: ConnectionOutcome> + 'static,
    {
        let (address, idle) = (address.to_unix_address()?, self.idle_timeout);
        match self.spread {
            Spread::Auto => self.spread = Spread::RoundRobin,
            Spread::ReusePort => {
                return Err(invalid(format_args!("share the port of the Unix socket {address}")));
            }
            _ => {}
        }
        self.serve_at(address, move |index| serving(make(index), UnixStream::of, idle))
    }

    fn serve_at<A: Place>(
        self,
        address: A,
        make: impl Fn(usize) -> Serve + Send + Sync + 'static,
    ) -> Result<GroupServer<A>> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        self.group.assert_elsewhere("made a server");
        if self.connections_max == 0 || self.idle_timeout == Some(Duration::ZERO) {
            return Err(invalid("make a server that allows no connection, or none any time"));
        }
        let id = ServerId(NEXT.fetch_add(1, Ordering::Relaxed));
        let spread = self.spread.resolved();
        let members = self.group.members().to_vec();
        let room = Arc::new(Room::new(members.len(), self.connections_max));
        let options = Options { backlog: self.backlog, reuse_port: spread == Spread::ReusePort };
        // The first that listens says where: port 0 is a choice of the system's. What was begun ends with
        // this, if something fails.
        let mut server = GroupServer { id, address, spread, room, acceptors: Vec::new(), members };
        let make = Arc::new(make);
        for member in &server.members {
            let (make, index) = (make.clone(), member.index);
            let install = move || async move {
                Local::expect().add_server(id, make(index));
                Ok(())
            };
            wait_for(member, member.run(SERVE, install)?, SERVE)?;
        }
        let count = server.members.len();
        let listening = match spread {
            Spread::ReusePort => server.members.clone(),
            // Several servers of one group do not all burden the same loop.
            _ => vec![server.members[id.0 as usize % count].clone()],
        };
        for member in listening {
            let (address, room) = (server.address.clone(), server.room.clone());
            let members = server.members.clone();
            let listen = move || async move {
                let choice = Choice::of(spread, &members);
                let (listening, address) = address.listen(options).await?;
                let acceptor = create_task(accept(id, listening, choice, room));
                Local::expect().add_acceptor(id, acceptor);
                Ok(address)
            };
            server.address = wait_for(&member, member.run(SERVE, listen)?, SERVE)?;
            server.acceptors.push(member);
        }
        Ok(server)
    }
}

const SERVE: &str = "serve on";

/// Makes what runs a task for each connection, which `stream` gives its form.
fn serving<S, H, F>(handler: H, stream: fn(Resource) -> S, idle: Option<Duration>) -> Serve
where
    S: 'static,
    H: Fn(S) -> F + 'static,
    F: Future<Output: ConnectionOutcome> + 'static,
{
    let handler = Rc::new(handler);
    let idle = idle.map(IdleWatch::new);
    Rc::new(move |resource, connection: Connection| {
        let (handler, stream) = (handler.clone(), stream(resource));
        // The handler's function is called in the task, so that its panic is that connection's.
        let handling = async move {
            watched(async move { handler(stream).await }).await;
            drop(connection);
        };
        match idle.clone() {
            None => create_task(handling).detach(),
            Some(idle) => create_task(idle.guard(handling)).detach(),
        }
    })
}
