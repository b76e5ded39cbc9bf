use polyloop_core::{Address, Output, PairKind, Result, UnixAddress};

use super::flaw::Flaw;
use super::resource::{Body, Datagram, Inflow, Link, Stream};
use super::wire::{SharedWire, Wire};
use super::world::World;

impl World {
    /// Makes two sockets that are connected to each other.
    pub(super) fn open_pair(&mut self, kind: PairKind) -> Result<Output> {
        let (there, back) = (Wire::new(), Wire::new());
        let body = |inflow: &SharedWire, outgoing: &SharedWire| match kind {
            PairKind::Stream => {
                let (inflow, outgoing) = (Inflow::of(inflow.clone()), outgoing.clone());
                let link = Link { inflow, outgoing, peer: unnamed() };
                Body::Stream(Stream { local: Some(unnamed()), link: Some(link) })
            }
            PairKind::Datagram => Body::Datagram(Datagram::at(unnamed(), Some(unnamed()))),
        };
        let read = self.insert(body(&back, &there))?;
        let answers = match self.flaw {
            Some(Flaw::PairOneWay) => Wire::new(),
            _ => back.clone(),
        };
        let write = self.insert(body(&there, &answers)).inspect_err(|_| {
            self.resources.remove(read);
        })?;
        (there.borrow_mut().writer, there.borrow_mut().reader) = (Some(read), Some(write));
        (back.borrow_mut().writer, back.borrow_mut().reader) = (Some(write), Some(read));
        for (key, mate) in [(read, write), (write, read)] {
            if let Some(Body::Datagram(socket)) =
                self.resources.get_mut(key).map(|found| &mut found.body)
            {
                socket.mate = Some(mate);
            }
        }
        Ok(Output::OpenedPair { read, write })
    }
}

fn unnamed() -> Address {
    UnixAddress::UNNAMED.into()
}
