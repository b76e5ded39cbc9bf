use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use polyloop_core::{
    Buffer, Completion, Error, FileSpec, Interest, Key, Op, OpKind, OpenSpec, SyncScope,
};

use crate::linux::UringLoop;
use crate::linux::record::Owner;

impl UringLoop {
    /// Ends every op because the kernel serves the ring no more: the loop is closed, and its
    /// completions wait for the next turns.
    ///
    /// What the kernel may still use cannot be given back: such an op comes back hollow, and
    /// what it owned is leaked.
    pub(crate) fn break_down(&mut self, error: Error) {
        let errno = error.raw_os_error().unwrap_or(libc::EIO);
        for id in self.records.keys() {
            let Some(mut record) = self.records.remove(id) else { continue };
            let Owner::Caller(token, kind) = record.owner else { continue };
            let op = if record.held.is_in_kernel() {
                hollow(kind, record.key)
            } else {
                self.kernel.retire(&mut record.held)
            };
            let error = Error::from_errno(errno)
                .after_transferring(record.transferred)
                .attempting("io-uring: the kernel refuses the ring");
            self.done.push_back(Completion::terminal(token, Err(error), op));
        }
        self.resources = polyloop_core::Slab::new();
        self.ending = 0;
        self.pauses.clear();
        self.is_closed = true;
    }
}

/// Makes an op of a kind with nothing in it.
fn hollow(kind: OpKind, key: Option<Key>) -> Op {
    let key = key.unwrap_or(Key::from_bits(0));
    let buffer = Buffer::default();
    let address = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0)).into();
    match kind {
        OpKind::Accept => Op::Accept { key },
        OpKind::AcceptMulti => Op::AcceptMulti { key },
        OpKind::Connect => Op::Connect { key, address },
        OpKind::Recv => Op::Recv { key, buffer },
        OpKind::RecvMulti => Op::RecvMulti { key },
        OpKind::Send => Op::Send { key, buffer },
        OpKind::SendVectored => Op::SendVectored { key, buffers: Vec::new() },
        OpKind::RecvFrom => Op::RecvFrom { key, buffer },
        OpKind::SendTo => Op::SendTo { key, buffer, address },
        OpKind::Poll => Op::Poll { key, interest: Interest::NONE },
        OpKind::PollMulti => Op::PollMulti { key, interest: Interest::NONE },
        OpKind::Shutdown => Op::Shutdown { key, how: std::net::Shutdown::Both },
        OpKind::ReadAt => Op::ReadAt { key, buffer, offset: 0 },
        OpKind::WriteAt => Op::WriteAt { key, buffer, offset: 0 },
        OpKind::Sync => Op::Sync { key, scope: SyncScope::All },
        _ => Op::Open { spec: Box::new(OpenSpec::File(FileSpec::default())) },
    }
}
