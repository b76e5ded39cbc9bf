use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::rc::Rc;

use polyloop_core::{
    Address, Error, ErrorKind, FileSpec, Op, OpId, OpenSpec, Output, Result, UnixAddress,
};

use super::flaw::Flaw;
use super::network::Protocol;
use super::resource::{Body, Datagram, Inflow, Listener, OpenFile, Stream};
use super::wire::Wire;
use super::world::World;
use crate::sys::errno;

/// Files by path, and the jobs that the next turn does.
#[derive(Default)]
pub(super) struct Disk {
    files: BTreeMap<PathBuf, Rc<RefCell<Vec<u8>>>>,
    queue: VecDeque<OpId>,
}

impl Disk {
    pub(super) fn queue(&mut self, id: OpId) {
        self.queue.push_back(id);
    }
}

impl World {
    /// Makes what a spec asks for.
    pub(super) fn open(&mut self, spec: &OpenSpec) -> Result<Output> {
        if self.is_full() {
            return Err(ErrorKind::ResourceExhausted.into());
        }
        let body = match spec {
            OpenSpec::Tcp(spec) => {
                Body::Stream(Stream { local: spec.bind.map(Address::from), link: None })
            }
            OpenSpec::TcpListener(spec) => {
                Body::Listener(self.listener(spec.address.into(), spec.backlog)?)
            }
            OpenSpec::UnixListener(spec) => {
                Body::Listener(self.listener(spec.address.clone().into(), spec.backlog)?)
            }
            OpenSpec::UnixStream(spec) => {
                let local = spec.bind.clone().unwrap_or(UnixAddress::UNNAMED);
                Body::Stream(Stream { local: Some(local.into()), link: None })
            }
            OpenSpec::UnixDatagram(spec) => {
                let local = spec.bind.clone().unwrap_or(UnixAddress::UNNAMED);
                let peer = spec.connect.clone().map(Address::from);
                Body::Datagram(Datagram::at(self.choose(Protocol::Datagram, local.into())?, peer))
            }
            OpenSpec::Udp(spec) => {
                let local = self.choose(Protocol::Datagram, spec.bind.into())?;
                Body::Datagram(Datagram::at(local, spec.connect.map(Address::from)))
            }
            OpenSpec::File(spec) => {
                let path = spec.path.display();
                let unsaid = self.flaw == Some(Flaw::AttemptUnsaid);
                Body::File(self.disk.open(spec).map_err(|error| match unsaid {
                    true => error,
                    false => error.attempting(format_args!("open {path}")),
                })?)
            }
            OpenSpec::Pipe => return self.open_pipe(),
            OpenSpec::SocketPair(kind) => return self.open_pair(*kind),
            _ => return Err(ErrorKind::Unsupported.into()),
        };
        let local = match &body {
            Body::Listener(listener) => Some((Protocol::Stream, listener.local.clone())),
            Body::Datagram(socket) => Some((Protocol::Datagram, socket.local.clone())),
            _ => None,
        };
        let key = self.insert(body)?;
        if let Some((protocol, local)) = local {
            self.network.bind(protocol, local, key);
        }
        if let OpenSpec::Tcp(spec) = spec
            && self.flaw != Some(Flaw::SpecOptionsIgnored)
        {
            self.set_nodelay(key, spec.nodelay);
        }
        Ok(Output::Opened(key))
    }

    fn choose(&mut self, protocol: Protocol, at: Address) -> Result<Address> {
        match self.network.choose(protocol, at.clone()) {
            Err(_) if self.flaw == Some(Flaw::PortShared) => Ok(at),
            chosen => chosen,
        }
    }

    fn listener(&mut self, at: Address, backlog: u32) -> Result<Listener> {
        let local = self
            .choose(Protocol::Stream, at.clone())
            .map_err(|error| error.attempting(format_args!("listen on {at}")))?;
        Ok(Listener {
            local,
            backlog_max: backlog.max(1) as usize,
            backlog: VecDeque::new(),
            knocking: Vec::new(),
            drops_next: false,
        })
    }

    fn open_pipe(&mut self) -> Result<Output> {
        let wire = Wire::new();
        let read = self.insert(Body::PipeReader(Inflow::of(wire.clone())))?;
        let write = self.insert(Body::PipeWriter(wire.clone())).inspect_err(|_| {
            self.resources.remove(read);
        })?;
        let mut ends = wire.borrow_mut();
        (ends.reader, ends.writer) = (Some(read), Some(write));
        if self.flaw == Some(Flaw::PipeReaderForgotten) {
            ends.reader = None;
        }
        Ok(Output::OpenedPair { read, write })
    }

    /// Does the file ops that wait; those that were cancelled are gone already.
    pub(super) fn do_jobs(&mut self) {
        while let Some(id) = self.disk.queue.pop_front() {
            let Some(key) = self.ops.get(id).and_then(|pending| pending.op.key()) else { continue };
            let result = self.do_job(id);
            let resource = self.resources.get_mut(key).expect("a job's resource is there");
            resource.jobs.retain(|other| *other != id);
            self.complete(id, result);
            self.touch(key);
        }
    }

    fn do_job(&mut self, id: OpId) -> Result<Output> {
        let ignore_offset = self.flaw == Some(Flaw::OffsetIgnored);
        let ignore_append = self.flaw == Some(Flaw::AppendIgnored);
        let pending = self.ops.get_mut(id).expect("a job in flight");
        let key = pending.op.key().expect("file ops have a key");
        let Some(Body::File(file)) = self.resources.get(key).map(|found| &found.body) else {
            return Err(ErrorKind::InvalidInput.into());
        };
        match &mut pending.op {
            Op::ReadAt { buffer, offset, .. } => {
                if !file.read {
                    return Err(Error::from_errno(errno::BAD_DESCRIPTOR));
                }
                let content = file.content.borrow();
                let is_ignored = ignore_offset || i64::try_from(*offset).is_err();
                let offset = if is_ignored { 0 } else { *offset };
                let start = usize::try_from(offset).unwrap_or(usize::MAX).min(content.len());
                let count = buffer.capacity().min(content.len() - start);
                buffer.storage_mut()[..count].copy_from_slice(&content[start..start + count]);
                buffer.set_len(count);
                Ok(Output::Transferred(count))
            }
            Op::WriteAt { buffer, offset, .. } => {
                if buffer.is_empty() && self.flaw == Some(Flaw::EmptyWriteUnasked) {
                    return Ok(Output::Transferred(0));
                }
                if !file.write {
                    return Err(Error::from_errno(errno::BAD_DESCRIPTOR));
                }
                let mut content = file.content.borrow_mut();
                let end = content.len();
                let start = usize::try_from(*offset).map_err(|_| ErrorKind::InvalidInput)?;
                let start = if i64::try_from(*offset).is_err() { 0 } else { start };
                let start = if file.append && !ignore_append { end } else { start };
                content.resize(end.max(start + buffer.len()), 0);
                content[start..start + buffer.len()].copy_from_slice(buffer);
                Ok(Output::Transferred(buffer.len()))
            }
            _ => Ok(Output::Done),
        }
    }
}

impl Disk {
    fn open(&mut self, spec: &FileSpec) -> Result<OpenFile> {
        let write = spec.write || spec.append;
        if !spec.read && !write {
            return Err(Error::from_errno(errno::INVALID_ARGUMENT));
        }
        let content = match self.files.get(&spec.path) {
            Some(_) if spec.create_new => return Err(Error::from_errno(errno::FILE_EXISTS)),
            Some(content) => content.clone(),
            None if spec.create || spec.create_new => {
                let content = Rc::new(RefCell::new(Vec::new()));
                self.files.insert(spec.path.clone(), content.clone());
                content
            }
            None => return Err(Error::from_errno(errno::NO_SUCH_FILE)),
        };
        if spec.truncate {
            content.borrow_mut().clear();
        }
        Ok(OpenFile { content, read: spec.read, write, append: spec.append })
    }
}
