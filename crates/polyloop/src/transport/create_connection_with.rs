use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;

use polyloop_core::{Completion, Op, OpenSpec, Result, TcpSpec};

use super::core;
use super::create_connection::wire;
use super::protocol::Protocol;
use super::transport_handle::Transport;
use crate::callback::Callback;
use crate::context::HeldContext;
use crate::engine::{self, Begun, Engine, OnCompletion, Ready, WaitId};
use crate::net::resource::Resource;
use crate::op_future::opened;

/// Connects, puts a protocol on the connection and calls `done`: `create_connection` for callbacks.
///
/// No task is needed. The address is numeric; `done` is called in the iteration in which
/// `connection_made` is queued, or with the error.
///
/// # Errors
///
/// *Invalid input* if there is no running loop. What fails later is told to `done`.
pub fn create_connection_with<P: Protocol>(
    factory: impl FnOnce() -> P + 'static,
    address: SocketAddr,
    done: impl FnOnce(Result<Transport>) + 'static,
) -> Result<()> {
    let engine = engine::current().ok_or_else(engine::not_running)?;
    let start = move |resource| core::start(&wire(resource), factory());
    let connecting = Rc::new(Connecting {
        address,
        context: HeldContext::copied(),
        opened: Cell::new(None),
        finish: Cell::new(Some(Box::new(move |result: Result<Resource>| {
            done(result.map(start));
        }))),
        ended_at_once: Cell::new(None),
    });
    let spec = Box::new(OpenSpec::Tcp(TcpSpec::to(address)));
    connecting.begin(&engine, Op::Open { spec });
    Ok(())
}

type Finish = Box<dyn FnOnce(Result<Resource>)>;

/// A connection that is being made: first its socket is opened, which then is `opened`.
struct Connecting {
    address: SocketAddr,
    context: HeldContext,
    opened: Cell<Option<Resource>>,
    finish: Cell<Option<Finish>>,
    /// What ended without waiting, until its place in the ready queue comes.
    ended_at_once: Cell<Option<Completion>>,
}

impl Connecting {
    fn begin(self: &Rc<Self>, engine: &Rc<Engine>, op: Op) {
        match engine.begin(op) {
            Begun::Waiting(id) => engine.call_on(id, self.clone()),
            Begun::Done(completion) => {
                self.ended_at_once.set(Some(completion));
                engine.push_ready(Ready::Callback(self.clone()));
            }
        }
    }

    fn go_on(self: &Rc<Self>, engine: &Rc<Engine>, completion: Completion) {
        let result = match self.opened.take() {
            Some(resource) => completion.result.map(|_| {
                resource.note_peer(self.address.into());
                resource
            }),
            None => match opened(completion) {
                Ok(key) => {
                    self.opened.set(Some(Resource::new(engine.id, key)));
                    let address = self.address.into();
                    return self.begin(engine, Op::Connect { key, address });
                }
                Err(error) => Err(error),
            },
        };
        if let Some(finish) = self.finish.take() {
            self.context.run(|| finish(result));
        }
    }
}

impl OnCompletion for Connecting {
    fn on_completion(self: Rc<Self>, engine: &Rc<Engine>, id: WaitId) {
        if let Some(completion) = engine.take_completed(id) {
            self.go_on(engine, completion);
        }
    }
}

impl Callback for Connecting {
    fn call(self: Rc<Self>) {
        if let Some(engine) = engine::current()
            && let Some(completion) = self.ended_at_once.take()
        {
            self.go_on(&engine, completion);
        }
    }
}
