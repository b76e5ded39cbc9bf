use std::fmt;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use polyloop_core::{ListenSpec, Result};

use super::accepting::accept;
use super::group::LoopGroup;
use super::local::{Connection, Local, ServerId};
use super::member::{Member, wait_for};
use super::spread::{Choice, Spread};
use crate::functions::create_task;
use crate::net::{TcpListener, TcpStream, ToAddress};
use crate::server::{ConnectionOutcome, watched};

/// How a server of a [`LoopGroup`] is made.
#[derive(Debug)]
#[must_use]
pub struct GroupServerBuilder<'a> {
    group: &'a LoopGroup,
    spread: Spread,
    backlog: Option<u32>,
}

/// A server of a [`LoopGroup`]. Dropping it stops listening; connections that were taken go on.
#[must_use = "a server stops listening when it is dropped"]
pub struct GroupServer {
    id: ServerId,
    address: SocketAddr,
    spread: Spread,
    /// Those that listen.
    acceptors: Vec<Arc<Member>>,
    members: Vec<Arc<Member>>,
}

impl<'a> GroupServerBuilder<'a> {
    pub(super) fn new(group: &'a LoopGroup) -> GroupServerBuilder<'a> {
        GroupServerBuilder { group, spread: Spread::Auto, backlog: None }
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

    /// Listens, and serves each connection on one of the loops; see [`LoopGroup::serve`].
    ///
    /// # Errors
    ///
    /// As for [`LoopGroup::serve`].
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
        static NEXT: AtomicU64 = AtomicU64::new(0);
        self.group.assert_elsewhere("made a server");
        let id = ServerId(NEXT.fetch_add(1, Ordering::Relaxed));
        let spread = self.spread.resolved();
        let members = self.group.members().to_vec();
        // The first that listens says where: port 0 is a choice of the system's.
        let address = address.to_address()?;
        // What was begun ends with it, if something fails.
        let mut server = GroupServer { id, address, spread, acceptors: Vec::new(), members };
        let make = Arc::new(make);
        for member in &server.members {
            let (make, index) = (make.clone(), member.index);
            let install = move || async move {
                Local::expect().add_server(id, serving(make(index)));
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
            let mut spec = ListenSpec::at(server.address);
            spec.reuse_port = spread == Spread::ReusePort;
            spec.backlog = self.backlog.unwrap_or(spec.backlog);
            let members = server.members.clone();
            let listen = move || async move {
                let choice = Choice::of(spread, &members);
                let listener = TcpListener::open(spec).await?;
                let address = listener.local_addr()?;
                let acceptor = create_task(accept(id, listener, choice));
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

impl GroupServer {
    /// Gives the address that it listens at.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Tells how its loops share the connections: never [`Spread::Auto`].
    pub fn spread(&self) -> Spread {
        self.spread
    }

    /// Stops listening, soon: the loops are told. Connections that were taken go on.
    pub fn close(self) {}
}

impl Drop for GroupServer {
    fn drop(&mut self) {
        let id = self.id;
        let mut unfed = self.members.clone();
        for acceptor in &self.acceptors {
            // What an acceptor hands over comes to the others before they are told to forget the server.
            let fed = Choice::of(self.spread, &self.members).fed(acceptor);
            unfed.retain(|member| !fed.iter().any(|fed| Arc::ptr_eq(fed, member)));
            let stop = move || async move {
                Local::expect().stop_accepting(Some(id)).await;
                fed.iter().for_each(|member| forget(member, id));
            };
            // A loop that has ended listens no more.
            drop(acceptor.run("close a server on", stop));
        }
        // Those that were to listen and do not, because something failed.
        unfed.iter().for_each(|member| forget(member, id));
    }
}

/// Has a loop forget a server; one that has ended has nothing to forget.
fn forget(member: &Member, id: ServerId) {
    drop(member.handle.call_soon_threadsafe(move || Local::expect().remove_server(id)));
}

/// Makes what runs a task for each connection.
fn serving<H, F>(handler: H) -> Rc<dyn Fn(TcpStream, Connection)>
where
    H: Fn(TcpStream) -> F + 'static,
    F: Future<Output: ConnectionOutcome> + 'static,
{
    let handler = Rc::new(handler);
    Rc::new(move |stream, connection| {
        let handler = handler.clone();
        // The handler's function is called in the task, so that its panic is that connection's.
        let handling = async move {
            watched(async move { handler(stream).await }).await;
            drop(connection);
        };
        create_task(handling).detach();
    })
}

impl fmt::Debug for GroupServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut server = f.debug_struct("GroupServer");
        server.field("address", &self.address).field("spread", &self.spread).finish()
    }
}
