use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use super::local::{Local, ServerId};
use super::member::Member;
use super::room::Room;
use super::spread::{Choice, Spread};

/// A server of a [`LoopGroup`](super::LoopGroup), at an address of one kind or another. Dropping it stops listening; connections that were taken
/// go on.
#[must_use = "a server stops listening when it is dropped"]
pub struct GroupServer<A = SocketAddr> {
    pub(super) id: ServerId,
    pub(super) address: A,
    pub(super) spread: Spread,
    pub(super) room: Arc<Room>,
    /// Those that listen.
    pub(super) acceptors: Vec<Arc<Member>>,
    pub(super) members: Vec<Arc<Member>>,
}

impl<A> GroupServer<A> {
    /// Gives the address that it listens at.
    pub fn local_addr(&self) -> A
    where
        A: Clone,
    {
        self.address.clone()
    }

    /// Counts the connections of this server that each loop has; those of all servers are
    /// [`LoopGroup::connections`](super::LoopGroup::connections).
    pub fn connections(&self) -> Vec<usize> {
        self.room.counts()
    }

    /// Tells how its loops share the connections: never [`Spread::Auto`].
    pub fn spread(&self) -> Spread {
        self.spread
    }

    /// Stops listening, soon: the loops are told. Connections that were taken go on.
    pub fn close(self) {}
}

impl<A> Drop for GroupServer<A> {
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

impl<A: fmt::Debug> fmt::Debug for GroupServer<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut server = f.debug_struct("GroupServer");
        server.field("address", &self.address).field("spread", &self.spread).finish()
    }
}
