//! Taking connections, and giving them to the loop that is to serve them.

use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use polyloop_core::{Error, OsHandle};

use super::local::{Local, ServerId};
use super::member::{Counted, Member};
use super::place::Listening;
use super::room::Room;
use super::spread::Choice;
use crate::exception::{ExceptionContext, report};
use crate::functions::create_task;
use crate::net::resource::Resource;

/// Takes connections, while some loop has room for one, until it is cancelled or the listener fails.
pub(super) async fn accept(
    id: ServerId,
    listening: Listening,
    mut choice: Choice,
    room: Arc<Room>,
) {
    let local = Local::expect();
    loop {
        if !choice.has_room(&local.member, &room) {
            listening.pause();
            poll_fn(|cx| room.poll(cx, || choice.has_room(&local.member, &room))).await;
        }
        let connection = match listening.accept().await {
            Ok(connection) => connection,
            Err(error) => {
                let message =
                    format!("a server of a loop group stopped: accept connections: {error}");
                return report(&ExceptionContext::new(message));
            }
        };
        let member = choice.choose(&local.member, &room);
        let counted = Counted::new(member.clone(), room.take(member.index));
        if Arc::ptr_eq(&member, &local.member) {
            serve(&local, id, connection, counted);
        } else {
            hand_over(&local, id, connection, counted);
        }
    }
}

/// Serves a connection here.
fn serve(local: &Rc<Local>, id: ServerId, connection: Resource, counted: Counted) {
    // Without one the server was closed meanwhile, and so is the connection.
    if let Some(serve) = local.serve_of(id) {
        local.member.accepted.fetch_add(1, Ordering::Relaxed);
        serve(connection, local.connection(counted));
    }
}

/// Takes a connection out of this loop, in a task of its own, and posts it to another.
fn hand_over(local: &Rc<Local>, id: ServerId, connection: Resource, counted: Counted) {
    let handing_over = local.handing_over();
    let handing = async move {
        let member = counted.member.clone();
        let posted = match connection.detach().await {
            Ok(taken) => {
                debug_assert!(taken.unread.is_empty(), "nobody has read ahead");
                member.handle.call_soon_threadsafe(move || receive(id, taken.handle, counted))
            }
            Err(error) => Err(error),
        };
        if let Err(error) = posted {
            lost(&member, error);
        }
        drop(handing_over);
    };
    create_task(handing).detach();
}

/// Takes a connection into this loop that another has accepted.
fn receive(id: ServerId, handle: OsHandle, counted: Counted) {
    let local = Local::expect();
    match Resource::attach(handle) {
        Ok(connection) => {
            connection.ask_peer();
            serve(&local, id, connection, counted);
        }
        Err(error) => lost(&local.member, error),
    }
}

fn lost(member: &Member, error: Error) {
    let error = member.attempting(error, "hand a connection over to");
    report(&ExceptionContext::new(format!("a connection was lost: {error}")));
}
