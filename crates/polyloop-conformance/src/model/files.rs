use std::collections::VecDeque;

use polyloop_core::{
    Address, Buffer, Error, ErrorKind, Op, OpId, OpenSpec, Output, Result, UnixAddress,
};

use super::disk::told;
use super::flaw::Flaw;
use super::network::Protocol;
use super::resource::{Body, Datagram, Inflow, Listener, OpenFile, Stream};
use super::wire::Wire;
use super::world::World;
use crate::sys::errno;

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
        while let Some(id) = self.disk.next_job() {
            let Some(key) = self.ops.get(id).and_then(|pending| pending.op.key()) else { continue };
            let result = self.do_job(id);
            let resource = self.resources.get_mut(key).expect("a job's resource is there");
            resource.jobs.retain(|other| *other != id);
            self.complete(id, result);
            self.touch(key);
        }
    }

    fn do_job(&mut self, id: OpId) -> Result<Output> {
        let (flaw, links) = (self.flaw, self.disk.links_of(self.ops.get(id), &self.resources));
        let pending = self.ops.get_mut(id).expect("a job in flight");
        let key = pending.op.key().expect("file ops have a key");
        let Some(Body::File(file)) = self.resources.get(key).map(|found| &found.body) else {
            return Err(ErrorKind::InvalidInput.into());
        };
        match &mut pending.op {
            Op::ReadAt { buffer, offset, .. } => {
                read(file, std::slice::from_mut(buffer), *offset, flaw)
            }
            Op::ReadVectoredAt { buffers, offset, .. } => {
                if flaw == Some(Flaw::FileVectorsReversed) {
                    buffers.reverse();
                }
                read(file, buffers, *offset, flaw)
            }
            Op::WriteAt { buffer, offset, .. } => write(file, buffer, *offset, flaw),
            Op::WriteVectoredAt { buffers, offset, .. } => {
                let mut pieces: Vec<&[u8]> =
                    buffers.iter().map(|buffer| buffer.as_slice()).collect();
                if flaw == Some(Flaw::FileVectorsReversed) {
                    pieces.reverse();
                }
                write(file, &pieces.concat(), *offset, flaw)
            }
            Op::Truncate { len, .. } => {
                if !file.write {
                    return Err(Error::from_errno(errno::INVALID_ARGUMENT));
                }
                let len = usize::try_from(*len).map_err(|_| ErrorKind::InvalidInput)?;
                if flaw != Some(Flaw::TruncateOnlyCuts) || len < file.content.borrow().len() {
                    file.content.borrow_mut().resize(len, 0);
                }
                Ok(Output::Done)
            }
            Op::Stat { .. } => Ok(Output::Metadata(Box::new(told(&file.content, links)))),
            _ => Ok(Output::Done),
        }
    }
}

fn read(
    file: &OpenFile,
    buffers: &mut [Buffer],
    offset: u64,
    flaw: Option<Flaw>,
) -> Result<Output> {
    if !file.read {
        return Err(Error::from_errno(errno::BAD_DESCRIPTOR));
    }
    let content = file.content.borrow();
    let is_ignored = flaw == Some(Flaw::OffsetIgnored) || i64::try_from(offset).is_err();
    let offset = if is_ignored { 0 } else { offset };
    let mut start = usize::try_from(offset).unwrap_or(usize::MAX).min(content.len());
    let mut total = 0;
    let is_cut = flaw == Some(Flaw::FileReadCut);
    let page_end = if is_cut { (start + 1).next_multiple_of(4096) } else { usize::MAX };
    let end = content.len().min(page_end);
    for buffer in buffers {
        let count = buffer.capacity().min(end - start);
        buffer.storage_mut()[..count].copy_from_slice(&content[start..start + count]);
        buffer.set_len(count);
        (start, total) = (start + count, total + count);
    }
    Ok(Output::Transferred(total))
}

fn write(file: &OpenFile, bytes: &[u8], offset: u64, flaw: Option<Flaw>) -> Result<Output> {
    if bytes.is_empty() && flaw == Some(Flaw::EmptyWriteUnasked) {
        return Ok(Output::Transferred(0));
    }
    if !file.write {
        return Err(Error::from_errno(errno::BAD_DESCRIPTOR));
    }
    if bytes.is_empty() {
        return Ok(Output::Transferred(0));
    }
    let mut content = file.content.borrow_mut();
    let end = content.len();
    let start = usize::try_from(offset).map_err(|_| ErrorKind::InvalidInput)?;
    let start = if i64::try_from(offset).is_err() { 0 } else { start };
    let start = if file.append && flaw != Some(Flaw::AppendIgnored) { end } else { start };
    content.resize(end.max(start + bytes.len()), 0);
    content[start..start + bytes.len()].copy_from_slice(bytes);
    Ok(Output::Transferred(bytes.len()))
}
