//! Taking connections, and giving them to the loop that is to serve them.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use polyloop_core::Error;

use super::local::{Local, ServerId};
use super::member::{Counted, Member};
use super::spread::Choice;
use crate::exception::{ExceptionContext, report};
use crate::functions::create_task;
use crate::net::{TcpListener, TcpStream};

/// Takes connections until it is cancelled, or the listener fails.
pub(super) async fn accept(id: ServerId, listener: TcpListener, mut choice: Choice) {
    let local = Local::expect();
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                let message =
                    format!("a server of a loop group stopped: accept connections: {error}");
                return report(&ExceptionContext::new(message));
            }
        };
        match choice.choose(&local.member) {
            None => serve(&local, id, stream, Counted::new(local.member.clone())),
            Some(member) => hand_over(&local, id, stream, member),
        }
    }
}

/// Serves a connection here.
fn serve(local: &Rc<Local>, id: ServerId, stream: TcpStream, counted: Counted) {
    // Without one the server was closed meanwhile, and so is the connection.
    if let Some(serve) = local.serve_of(id) {
        local.member.accepted.fetch_add(1, Ordering::Relaxed);
        serve(stream, local.connection(counted));
    }
}

/// Takes a connection out of this loop, in a task of its own, and posts it to another.
fn hand_over(local: &Rc<Local>, id: ServerId, stream: TcpStream, member: Arc<Member>) {
    let counted = Counted::new(member.clone());
    let handing_over = local.handing_over();
    let handing = async move {
        let posted = match stream.into_std().await {
            Ok(taken) => {
                debug_assert!(taken.unread.is_empty(), "nobody has read ahead");
                member.handle.call_soon_threadsafe(move || receive(id, taken.stream, counted))
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
fn receive(id: ServerId, stream: std::net::TcpStream, counted: Counted) {
    let local = Local::expect();
    match TcpStream::from_std(stream) {
        Ok(stream) => serve(&local, id, stream, counted),
        Err(error) => lost(&local.member, error),
    }
}

fn lost(member: &Member, error: Error) {
    let error = member.attempting(error, "hand a connection over to");
    report(&ExceptionContext::new(format!("a connection was lost: {error}")));
}
