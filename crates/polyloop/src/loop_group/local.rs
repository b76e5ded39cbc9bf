use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use super::member::{Counted, GroupId, Member};
use crate::net::resource::Resource;
use crate::task::Task;
use crate::wakers::Wakers;

/// Names a server of a group, on each of its loops.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct ServerId(pub(super) u64);

/// What a loop does with a connection of a server.
pub(super) type Serve = Rc<dyn Fn(Resource, Connection)>;

/// The part of a loop of a group that stays on its thread.
///
/// `tasks` and `connections` count what stopping waits for, `handing_over` the connections on their way to
/// other loops. `serves` has every server that may still get a connection, `acceptors` those
/// that take some.
pub(super) struct Local {
    pub(super) member: Arc<Member>,
    serves: RefCell<BTreeMap<ServerId, Serve>>,
    acceptors: RefCell<Vec<(ServerId, Task<()>)>>,
    tasks: Cell<usize>,
    connections: Cell<usize>,
    handing_over: Cell<usize>,
    changed: Wakers,
}

/// Something of a loop that is counted until it is dropped, there.
pub(super) struct Busy {
    local: Rc<Local>,
    count: fn(&Local) -> &Cell<usize>,
}

/// A connection of a loop, counted there and for the other loops until it is dropped.
pub(super) struct Connection {
    _busy: Busy,
    _counted: Counted,
}

thread_local! {
    static LOCAL: RefCell<Option<Rc<Local>>> = const { RefCell::new(None) };
}

impl Local {
    /// Makes this thread's.
    pub(super) fn enter(member: Arc<Member>) -> Rc<Local> {
        let local = Rc::new(Local {
            member,
            serves: RefCell::default(),
            acceptors: RefCell::default(),
            tasks: Cell::new(0),
            connections: Cell::new(0),
            handing_over: Cell::new(0),
            changed: Wakers::default(),
        });
        LOCAL.set(Some(local.clone()));
        local
    }

    /// Forgets this thread's, and what its servers hold.
    pub(super) fn leave() {
        let local = LOCAL.take();
        let left = local.map(|local| (local.acceptors.take(), local.serves.take()));
        drop(left);
    }

    /// Gives that of this thread, if it is a group's.
    pub(super) fn current() -> Option<Rc<Local>> {
        LOCAL.with_borrow(Clone::clone)
    }

    /// Gives that of this thread, for what was sent to it.
    pub(super) fn expect() -> Rc<Local> {
        Local::current().expect("this was posted to a loop of a group, which runs here")
    }

    /// Tells whether this thread is one of a group's.
    pub(super) fn is_of(group: GroupId) -> bool {
        Local::current().is_some_and(|local| local.member.group == group)
    }

    /// Counts a task until what it gives is dropped.
    pub(super) fn task(self: &Rc<Self>) -> Busy {
        self.busy(|local| &local.tasks)
    }

    pub(super) fn handing_over(self: &Rc<Self>) -> Busy {
        self.busy(|local| &local.handing_over)
    }

    pub(super) fn connection(self: &Rc<Self>, counted: Counted) -> Connection {
        Connection { _busy: self.busy(|local| &local.connections), _counted: counted }
    }

    pub(super) fn add_server(&self, id: ServerId, serve: Serve) {
        let old = self.serves.borrow_mut().insert(id, serve);
        debug_assert!(old.is_none(), "ids of servers are not used again");
    }

    pub(super) fn remove_server(&self, id: ServerId) {
        let serve = self.serves.borrow_mut().remove(&id);
        drop(serve);
    }

    /// Gives what to do with a connection; nothing once the server is closed.
    pub(super) fn serve_of(&self, id: ServerId) -> Option<Serve> {
        self.serves.borrow().get(&id).cloned()
    }

    pub(super) fn add_acceptor(&self, id: ServerId, acceptor: Task<()>) {
        self.acceptors.borrow_mut().push((id, acceptor));
    }

    /// Stops accepting for one server, or for all, and waits until what was accepted has been handed over.
    pub(super) async fn stop_accepting(&self, of: Option<ServerId>) {
        let is_meant = |id: ServerId| of.is_none_or(|of| of == id);
        let acceptors = self.acceptors.take();
        let (stopping, others): (Vec<_>, Vec<_>) =
            acceptors.into_iter().partition(|(id, _)| is_meant(*id));
        self.acceptors.borrow_mut().extend(others);
        for (_, acceptor) in stopping {
            acceptor.cancel();
            // It was cancelled, or had ended because its listener failed, which it has told.
            drop(acceptor.await);
        }
        self.until(|local| local.handing_over.get() == 0).await;
    }

    /// Waits until no task and no connection is left.
    pub(super) async fn idle(&self) {
        self.until(|local| local.left() == (0, 0)).await;
    }

    /// Counts the tasks and the connections that have not ended.
    pub(super) fn left(&self) -> (usize, usize) {
        (self.tasks.get(), self.connections.get())
    }

    async fn until(&self, holds: impl Fn(&Local) -> bool) {
        let waiter = self.changed.waiter();
        poll_fn(|cx| {
            if holds(self) {
                return Poll::Ready(());
            }
            waiter.add(cx.waker());
            Poll::Pending
        })
        .await;
    }

    fn busy(self: &Rc<Self>, count: fn(&Local) -> &Cell<usize>) -> Busy {
        count(self).update(|count| count + 1);
        Busy { local: self.clone(), count }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        (self.count)(&self.local).update(|count| count - 1);
        self.local.changed.wake_all();
    }
}
