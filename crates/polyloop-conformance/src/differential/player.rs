use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use polyloop_core::{Buffer, CloseMode, Completion, Key, Op, OpKind, Output, SyncScope, Token};

use super::direction::Direction;
use super::script::{CONNECTIONS, Step};
use crate::parts::{Ended, Scratch};
use crate::rig::{Rig, Ticket};

/// Plays a script on one loop.
///
/// The direction of index `end` is the one that this end reads; it writes the one of its peer.
struct Player {
    rig: Rig,
    keys: Vec<Key>,
    closed: Vec<bool>,
    directions: Vec<Direction>,
    /// Ops in flight, with the end they belong to.
    open: BTreeMap<Token, (Ticket, usize)>,
    /// All ops in their order, to cancel one of the latest.
    tickets: Vec<(Ticket, usize)>,
    file: Key,
    records: Vec<String>,
}

/// Plays a script, and gives what must be the same on every loop.
pub(super) fn play(mut rig: Rig, script: &[Step]) -> Vec<String> {
    let scratch = Scratch::new();
    let mut keys = Vec::new();
    for _ in 0..CONNECTIONS {
        let pair = rig.pair();
        rig.close(pair.listener);
        keys.extend([pair.client, pair.server]);
    }
    let file = rig.file(&scratch);
    let mut player = Player {
        rig,
        closed: vec![false; keys.len()],
        directions: keys.iter().map(|_| Direction::default()).collect(),
        keys,
        open: BTreeMap::new(),
        tickets: Vec::new(),
        file,
        records: Vec::new(),
    };
    script.iter().for_each(|step| player.play(*step));
    player.end()
}

const fn peer_of(end: usize) -> usize {
    end ^ 1
}

fn is_send(ticket: Ticket) -> bool {
    matches!(ticket.kind, OpKind::Send | OpKind::SendVectored)
}

impl Player {
    fn play(&mut self, step: Step) {
        match step {
            Step::Send { end, len, pieces } => self.send(end, len, pieces),
            Step::Recv { end, capacity } => {
                let buffer = Buffer::with_capacity(capacity);
                let ticket = self.submit(end, Op::Recv { key: self.keys[end], buffer });
                self.directions[end].receiving(ticket.token);
            }
            Step::TryRecv { end, capacity } => self.try_recv(end, capacity),
            Step::Unread { end, len } => self.unread(end, len),
            Step::Poll { end, interest } => {
                self.submit(end, Op::Poll { key: self.keys[end], interest });
            }
            Step::Watch { end } => {
                self.submit(end, Op::RecvMulti { key: self.keys[end] });
            }
            Step::Cancel { back } => {
                if let Some((ticket, end)) = self.tickets.iter().rev().nth(back).copied() {
                    self.rig.cancel(ticket);
                    // Also if it has ended: whether it has is nobody's promise.
                    if is_send(ticket) {
                        self.directions[peer_of(end)].cut();
                    }
                }
            }
            Step::Shutdown { end } if !self.closed[end] => {
                let how = std::net::Shutdown::Write;
                self.submit(end, Op::Shutdown { key: self.keys[end], how });
                // Sends after it fail, and it may be cancelled itself.
                self.directions[peer_of(end)].sever();
            }
            Step::Close { end, abort } if !self.closed[end] => self.close(end, abort),
            Step::Shutdown { .. } | Step::Close { .. } => {}
            Step::Wrong { end, which } => self.wrong(end, which),
            Step::WriteFile { offset, len } => {
                let buffer = Buffer::from(vec![len as u8; len]);
                let (output, _) = self.rig.ok(Op::WriteAt { key: self.file, buffer, offset });
                self.records.push(format!("file write: {output:?}"));
            }
            Step::ReadFile { offset, capacity } => {
                let buffer = Buffer::with_capacity(capacity);
                let read = self.rig.submit(Op::ReadAt { key: self.file, buffer, offset });
                let (count, buffer) = self.rig.transferred(read);
                let sum: u64 = buffer.iter().map(|byte| u64::from(*byte)).sum();
                self.records.push(format!("file read: {count} bytes, sum {sum}"));
            }
            Step::RefusedConnect => self.refused_connect(),
            Step::Turn => {
                self.rig.turn(Duration::ZERO);
            }
        }
        self.collect();
    }

    fn submit(&mut self, end: usize, op: Op) -> Ticket {
        let ticket = self.rig.submit(op);
        self.open.insert(ticket.token, (ticket, end));
        self.tickets.push((ticket, end));
        ticket
    }

    fn send(&mut self, end: usize, len: usize, pieces: usize) {
        let direction = &mut self.directions[peer_of(end)];
        let bytes = direction.draw(len);
        let key = self.keys[end];
        let op = match pieces {
            1 => Op::Send { key, buffer: bytes.as_slice().into() },
            _ => {
                let piece = len.div_ceil(pieces).max(1);
                let buffers = bytes.chunks(piece).map(Buffer::from).collect();
                Op::SendVectored { key, buffers }
            }
        };
        let ticket = self.submit(end, op);
        self.directions[peer_of(end)].sending(ticket.token, bytes);
    }

    /// Reads directly, unless a receive waits: what it may have taken is not known yet.
    fn try_recv(&mut self, end: usize, capacity: usize) {
        if self.closed[end] || self.directions[end].has_waiting() {
            return;
        }
        let mut buf = vec![0; capacity];
        if let Ok(count) = self.rig.events.try_recv(self.keys[end], &mut buf) {
            self.directions[end].read(&buf[..count]);
        }
    }

    fn unread(&mut self, end: usize, len: usize) {
        if self.closed[end] || self.directions[end].has_waiting() {
            return;
        }
        let bytes = self.directions[end].take_back(len);
        self.rig.events.unread(self.keys[end], &bytes).expect("a stream takes bytes back");
    }

    fn close(&mut self, end: usize, abort: bool) {
        let mode = if abort { CloseMode::Abort } else { CloseMode::Flush };
        self.submit(end, Op::Close { key: self.keys[end], mode });
        self.closed[end] = true;
        self.directions[end].sever();
        self.directions[peer_of(end)].sever();
    }

    /// Submits what cannot succeed, and records how it fails.
    fn wrong(&mut self, end: usize, which: usize) {
        let key = self.keys[end];
        let op = match which {
            0 => Op::Accept { key },
            1 => Op::ReadAt { key, buffer: Buffer::with_capacity(1), offset: 0 },
            2 => Op::RecvFrom { key, buffer: Buffer::with_capacity(1) },
            3 => Op::Sync { key, scope: SyncScope::All },
            _ => Op::AcceptMulti { key },
        };
        let name = op.kind().name();
        let (error, _) = self.rig.err(op);
        self.records.push(format!("wrong {name} of end {end}: {:?}", error.kind()));
    }

    fn refused_connect(&mut self) {
        let (listener, address) = self.rig.listen();
        self.rig.close(listener);
        let key = self.rig.socket();
        let (error, _) = self.rig.err(Op::Connect { key, address: address.into() });
        self.records.push(format!("refused connect: {:?}", error.kind()));
        self.rig.close(key);
    }

    /// Books what has been delivered.
    fn collect(&mut self) {
        for completion in self.rig.take_all() {
            let Some((_, end)) = self.open.get(&completion.token).copied() else {
                panic!("{completion:?} came for an op that is not in flight");
            };
            if !completion.is_more() {
                self.open.remove(&completion.token);
                self.book(end, completion);
            }
        }
    }

    fn book(&mut self, end: usize, completion: Completion) {
        let Completion { token, result, op, .. } = completion;
        match (op.expect("a terminal completion gives the op back"), result) {
            (Op::Recv { buffer, .. }, Ok(Output::Transferred(count))) => {
                assert_eq!(count, buffer.len(), "the buffer's length is what was received");
                self.directions[end].received(token, &buffer);
            }
            (Op::Recv { .. }, Err(_)) => self.directions[end].received(token, &[]),
            (Op::Send { .. } | Op::SendVectored { .. }, Ok(Output::Transferred(count))) => {
                self.directions[peer_of(end)].sent(token, count, true);
            }
            (Op::Send { .. } | Op::SendVectored { .. }, Err(error)) => {
                self.directions[peer_of(end)].sent(token, error.transferred(), false);
            }
            (op, Ok(output)) => {
                let fits = matches!(output, Output::Done | Output::Ready(_));
                assert!(fits, "{} gave {output:?}", op.kind().name());
            }
            (_, Err(_)) => {}
        }
    }

    /// Ends every direction, reads what is left, closes everything, and settles.
    fn end(mut self) -> Vec<String> {
        for (ticket, _) in self.open.values().copied().collect::<Vec<_>>() {
            if !is_send(ticket) {
                self.rig.cancel(ticket);
            }
        }
        self.await_all("all but sends to end", |ticket| !is_send(*ticket));
        for end in 0..self.keys.len() {
            if !self.closed[end] {
                let how = std::net::Shutdown::Write;
                self.submit(end, Op::Shutdown { key: self.keys[end], how });
            }
        }
        for end in 0..self.keys.len() {
            self.read_to_end(end);
        }
        for end in 0..self.keys.len() {
            if !self.closed[end] {
                let mode = CloseMode::Abort;
                self.submit(end, Op::Close { key: self.keys[end], mode });
            }
        }
        self.await_all("every op to end", |_| true);
        self.rig.close(self.file);
        let census = self.rig.events.census();
        self.records.push(format!("left: {} resources, {} ops", census.resources, census.ops));
        let settled = self.directions.iter().enumerate();
        let settled = settled.map(|(end, found)| format!("end {end} read: {}", found.settle()));
        self.records.extend(settled.collect::<Vec<_>>());
        self.records
    }

    fn read_to_end(&mut self, end: usize) {
        let mut bytes = Vec::new();
        let expires = Instant::now() + self.rig.patience();
        while !self.closed[end] {
            assert!(Instant::now() < expires, "waited in vain for the end of a stream");
            self.collect();
            let (part, ended) = self.rig.drain(self.keys[end]);
            bytes.extend(part);
            let severed = self.directions[end].is_severed();
            match ended {
                Ended::WouldBlock => self.rig.turn(Duration::from_millis(1)),
                Ended::Eof => break,
                Ended::Failed(kind) => {
                    assert!(severed, "an undisturbed stream failed: {kind:?}");
                    break;
                }
            };
        }
        self.directions[end].read(&bytes);
    }

    /// Waits until none of the open ops is of those.
    fn await_all(&mut self, what: &str, of: impl Fn(&Ticket) -> bool) {
        let expires = Instant::now() + self.rig.patience();
        loop {
            self.collect();
            if !self.open.values().any(|(ticket, _)| of(ticket)) {
                return;
            }
            assert!(Instant::now() < expires, "waited in vain for {what}");
            self.rig.turn(Duration::from_millis(5));
        }
    }
}
