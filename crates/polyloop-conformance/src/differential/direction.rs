use std::collections::VecDeque;

use polyloop_core::Token;

/// One direction of a connection, as its player sees it.
///
/// `sends` are in the order of their submission; `received` is in the order of the stream.
#[derive(Default)]
pub(super) struct Direction {
    sends: Vec<Sent>,
    received: Vec<u8>,
    /// Receives that have not ended.
    waiting: VecDeque<Token>,
    /// A send was cancelled, so that how much went is nobody's promise.
    cut: bool,
    /// An end was closed while something may have been under way.
    severed: bool,
    drawn: usize,
}

struct Sent {
    token: Token,
    bytes: Vec<u8>,
    /// How much went; nothing while that is open.
    went: Option<usize>,
}

impl Direction {
    /// Gives the bytes of the next send: each send has its own.
    pub(super) fn draw(&mut self, len: usize) -> Vec<u8> {
        self.drawn = (self.drawn + 37) % 1024;
        crate::parts::payload_at(self.drawn, len)
    }

    pub(super) fn sending(&mut self, token: Token, bytes: Vec<u8>) {
        self.sends.push(Sent { token, bytes, went: None });
    }

    pub(super) fn sent(&mut self, token: Token, went: usize, whole: bool) {
        let send = self.sends.iter_mut().find(|send| send.token == token);
        let send = send.expect("a send that was submitted");
        assert!(went <= send.bytes.len(), "more went than was there");
        assert!(!whole || went == send.bytes.len(), "a send completes with its whole length");
        send.went = Some(went);
        assert!(whole || self.cut || self.severed, "an undisturbed send failed");
    }

    pub(super) fn receiving(&mut self, token: Token) {
        self.waiting.push_back(token);
    }

    /// A receive has ended; receives end in their order.
    pub(super) fn received(&mut self, token: Token, bytes: &[u8]) {
        let at = self.waiting.iter().position(|other| *other == token);
        let at = at.expect("a receive that was submitted");
        assert!(bytes.is_empty() || at == 0, "a receive was done before an earlier one");
        self.waiting.remove(at);
        self.received.extend_from_slice(bytes);
    }

    /// Takes what was read last out of the record, to be put back.
    pub(super) fn take_back(&mut self, len: usize) -> Vec<u8> {
        self.received.split_off(self.received.len().saturating_sub(len))
    }

    pub(super) fn read(&mut self, bytes: &[u8]) {
        self.received.extend_from_slice(bytes);
    }

    /// A send is being cancelled: how much goes is nobody's promise.
    pub(super) fn cut(&mut self) {
        self.cut = true;
    }

    pub(super) fn sever(&mut self) {
        self.severed = true;
    }

    pub(super) fn is_severed(&self) -> bool {
        self.severed
    }

    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Checks that what arrived is the front of what went, all of it if nothing was severed; gives
    /// what must be the same on every loop.
    pub(super) fn settle(&self) -> String {
        let mut went = Vec::new();
        for send in &self.sends {
            // A send whose count is not known may have gone in part when an end was severed.
            went.extend_from_slice(&send.bytes[..send.went.unwrap_or(0)]);
        }
        let arrived = &self.received;
        if self.severed {
            let all: Vec<&[u8]> = self.sends.iter().map(|send| &send.bytes[..]).collect();
            let all = all.concat();
            let in_order = self.cut || all.starts_with(arrived);
            assert!(in_order, "what arrived of a severed stream is not the front of what was sent");
            return "severed".to_owned();
        }
        assert_eq!(arrived.len(), went.len(), "as much arrives as went");
        assert!(*arrived == went, "the bytes arrive as they went");
        match self.cut {
            true => "cut".to_owned(),
            false => format!("{} bytes in {} sends", went.len(), self.sends.len()),
        }
    }
}
