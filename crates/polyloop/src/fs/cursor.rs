//! The cursor of a file, and what is under way there.

use std::io::SeekFrom;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use polyloop_core::{Buffer, Completion, Error, ErrorKind, Op, Output, Result, limits};

use super::file::File;
use super::offset_methods::transferred;
use super::path_op::metadata_of;
use crate::engine::{Begun, Engine, OnCompletion, WaitId};
use crate::net::resource::Resource;

/// Where a file is read and written next, and the one op that is under way for that.
///
/// `place` counts what a write under way was given as written. A write under way is never given up;
/// what else is under way is when another thing is wanted.
pub(super) struct Cursor {
    place: Place,
    /// Each write goes to the end of the file.
    appends: bool,
    flight: Option<Flight>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    At(u64),
    /// Wherever the file ends: nobody has asked yet.
    End,
}

#[derive(Clone, Copy)]
struct Flight {
    kind: Kind,
    wait: WaitId,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Read,
    Write,
    Length,
}

impl Cursor {
    pub(super) fn new(appends: bool) -> Cursor {
        Cursor { place: Place::At(0), appends, flight: None }
    }

    pub(super) fn set(&mut self, position: u64) {
        self.place = Place::At(position);
    }
}

impl File {
    pub(super) fn poll_read_here(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<Result<usize>> {
        ready!(self.poll_written(cx))?;
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let offset = ready!(self.poll_place(cx))?;
        let (key, wanted) = (self.resource.key(), buf.len());
        let op = move |engine: &Engine| {
            let is_small = wanted < limits::WRITE_PIECE;
            let buffer =
                if is_small { Buffer::with_capacity(wanted) } else { engine.lend_buffer() };
            Op::ReadAt { key, buffer, offset }
        };
        let completion = ready!(self.poll_flight(cx, Kind::Read, op))?;
        let count = transferred(completion.result).map_err(|error| self.reading(error))?;
        // The slice may be shorter than that of the poll that began the read.
        let count = count.min(buf.len());
        if let Some(Op::ReadAt { buffer, .. }) = completion.op {
            buf[..count].copy_from_slice(&buffer[..count]);
            self.resource.engine()?.return_buffer(buffer);
        }
        self.cursor.set(offset + count as u64);
        Poll::Ready(Ok(count))
    }

    /// Takes bytes, and begins to write them.
    pub(super) fn poll_write_here(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        ready!(self.poll_written(cx))?;
        let offset = if self.cursor.appends { 0 } else { ready!(self.poll_place(cx))? };
        let engine = self.resource.engine()?;
        ready!(engine.poll_spend(cx));
        self.give_up(&engine);
        let mut buffer = engine.lend_buffer();
        let count = buffer.append(bytes);
        self.begin_write(&engine, buffer, offset)?;
        self.cursor.place =
            if self.cursor.appends { Place::End } else { Place::At(offset + count as u64) };
        Poll::Ready(Ok(count))
    }

    /// Waits for the write under way.
    pub(super) fn poll_written(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        while let Some(Flight { kind: Kind::Write, wait }) = self.cursor.flight {
            let engine = self.resource.engine()?;
            let Some(completion) = engine.take_completion(wait, cx.waker()) else {
                return Poll::Pending;
            };
            self.cursor.flight = None;
            self.end_write(&engine, completion)?;
        }
        Poll::Ready(Ok(()))
    }

    pub(super) fn poll_seek_to(&mut self, cx: &mut Context<'_>, to: SeekFrom) -> Poll<Result<u64>> {
        ready!(self.poll_written(cx))?;
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => ready!(self.poll_place(cx))?.checked_add_signed(by),
            SeekFrom::End(by) => ready!(self.poll_length(cx))?.checked_add_signed(by),
        };
        let Some(place) = place.filter(|place| *place <= limits::OFFSET_MAX) else {
            return Poll::Ready(Err(self.saying("seek in", ErrorKind::InvalidInput.into())));
        };
        if let Ok(engine) = self.resource.engine() {
            self.give_up(&engine);
        }
        self.cursor.set(place);
        Poll::Ready(Ok(place))
    }

    fn poll_place(&mut self, cx: &mut Context<'_>) -> Poll<Result<u64>> {
        if let Place::At(place) = self.cursor.place {
            return Poll::Ready(Ok(place));
        }
        let length = ready!(self.poll_length(cx))?;
        self.cursor.set(length);
        Poll::Ready(Ok(length))
    }

    fn poll_length(&mut self, cx: &mut Context<'_>) -> Poll<Result<u64>> {
        let key = self.resource.key();
        let completion = ready!(self.poll_flight(cx, Kind::Length, |_| Op::Stat { key }))?;
        let found = completion.result.and_then(metadata_of);
        Poll::Ready(found.map(|found| found.len).map_err(|error| self.saying("look at", error)))
    }

    /// Waits for the op of a kind under way; begins it if there is none, giving up another.
    fn poll_flight(
        &mut self,
        cx: &mut Context<'_>,
        kind: Kind,
        op: impl FnOnce(&Engine) -> Op,
    ) -> Poll<Result<Completion>> {
        let engine = self.resource.engine()?;
        let wait = match self.cursor.flight {
            Some(flight) if flight.kind == kind => flight.wait,
            _ => {
                ready!(engine.poll_spend(cx));
                self.give_up(&engine);
                match engine.begin(op(&engine)) {
                    Begun::Done(completion) => return Poll::Ready(Ok(completion)),
                    Begun::Waiting(wait) => wait,
                }
            }
        };
        self.cursor.flight = Some(Flight { kind, wait });
        let Some(completion) = engine.take_completion(wait, cx.waker()) else {
            return Poll::Pending;
        };
        self.cursor.flight = None;
        Poll::Ready(Ok(completion))
    }

    fn begin_write(&mut self, engine: &Engine, buffer: Buffer, offset: u64) -> Result<()> {
        let op = Op::WriteAt { key: self.resource.key(), buffer, offset };
        match engine.begin(op) {
            Begun::Done(completion) => self.end_write(engine, completion),
            Begun::Waiting(wait) => {
                self.cursor.flight = Some(Flight { kind: Kind::Write, wait });
                Ok(())
            }
        }
    }

    /// Takes in what a write came to, and begins to write the rest of one that was short.
    fn end_write(&mut self, engine: &Engine, completion: Completion) -> Result<()> {
        let count = transferred(completion.result).map_err(|error| self.writing(error))?;
        let Some(Op::WriteAt { buffer, offset, .. }) = completion.op else {
            return Err(crate::op_future::wrong_answer(&Output::Transferred(count)));
        };
        if count < buffer.len() {
            if count == 0 {
                let none = Error::new(ErrorKind::Io(std::io::ErrorKind::WriteZero));
                return Err(self.writing(none));
            }
            let rest = Buffer::from(&buffer[count..]);
            engine.return_buffer(buffer);
            return self.begin_write(engine, rest, offset + count as u64);
        }
        engine.return_buffer(buffer);
        Ok(())
    }

    /// Gives up what is under way, which is no write: those are waited for.
    fn give_up(&mut self, engine: &Engine) {
        if let Some(Flight { kind, wait }) = self.cursor.flight.take() {
            debug_assert!(kind != Kind::Write, "a write is never given up");
            engine.abandon(wait);
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let Ok(engine) = self.resource.engine() else { return };
        match self.cursor.flight.take() {
            Some(Flight { kind: Kind::Write, wait }) => {
                let resource = self.resource.take_over();
                engine.call_on(wait, Rc::new(LastWrite { resource }));
            }
            Some(Flight { wait, .. }) => engine.abandon(wait),
            None => {}
        }
    }
}

/// A write whose file was dropped: it goes on to its end, then the file is closed.
struct LastWrite {
    resource: Resource,
}

impl LastWrite {
    /// Writes the rest of what was written short. What fails, nobody can be told.
    fn go_on(self: Rc<Self>, engine: &Engine, mut completion: Completion) {
        loop {
            let written = transferred(completion.result).unwrap_or(0);
            let Some(Op::WriteAt { buffer, offset, .. }) = completion.op else { return };
            let rest = Buffer::from(&buffer[written.min(buffer.len())..]);
            engine.return_buffer(buffer);
            if written == 0 || rest.is_empty() {
                return;
            }
            let (key, offset) = (self.resource.key(), offset + written as u64);
            match engine.begin(Op::WriteAt { key, buffer: rest, offset }) {
                Begun::Waiting(wait) => return engine.call_on(wait, self),
                Begun::Done(next) => completion = next,
            }
        }
    }
}

impl OnCompletion for LastWrite {
    fn on_completion(self: Rc<Self>, engine: &Rc<Engine>, wait: WaitId) {
        if let Some(completion) = engine.take_completed(wait) {
            self.go_on(engine, completion);
        }
    }
}
