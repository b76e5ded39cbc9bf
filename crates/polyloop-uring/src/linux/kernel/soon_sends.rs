use std::io::IoSlice;
use std::os::fd::RawFd;

use io_uring::squeue::Entry;
use io_uring::{opcode, squeue, types};
use polyloop_core::{Buffer, Key, OpId, SlabKey, limits};

use super::encode::{SEND_WHOLE, filled};

/// The sends of the loop's own, each with the bytes that a stream was given to send soon.
///
/// They are no ops, which may be of any kind and come back to somebody: a send is a place of this
/// table for as long as it takes, and its buffer stays there for the next. While `is_flying` the
/// kernel may read the buffer, so nothing is added to it, and dropping the table leaks it. The
/// descriptor is of the resource, which stays until its send has landed.
///
/// A place is of one send, or in `spare` if it has memory, or in `bare`.
///
/// Where the kernel can do that, a send is *silent*: it never waits, and there is a completion of it only if
/// it did not go as a whole. It is over, this way or that, when the kernel has taken its entry; so
/// once all completions have been read, what is among the first `taken` of `unanswered` and
/// still flying has gone. Nobody is to wait for a silent send: it ends no wait in the kernel.
#[derive(Default)]
pub(crate) struct SoonSends {
    sends: Vec<SoonSend>,
    /// The last used is used first.
    spare: Vec<u32>,
    bare: Vec<u32>,
    can_be_silent: bool,
    /// Silent sends that were pushed; also of ones that have landed since, or are another's.
    unanswered: Vec<OpId>,
    /// So many of them, the first, were taken by the kernel.
    taken: usize,
}

/// One of them.
struct SoonSend {
    key: Key,
    fd: RawFd,
    is_flying: bool,
    is_silent: bool,
    /// Something waits for its end.
    is_awaited: bool,
    is_canceled: bool,
    buffer: Buffer,
}

/// Set in the positions of the names of these sends, without any above it.
pub(crate) const SOON: u32 = 1 << 29;

impl SoonSends {
    /// Begins to gather bytes for a stream, with these.
    #[inline]
    pub(crate) fn begin(&mut self, key: Key, fd: RawFd, bytes: &[u8]) -> (OpId, usize) {
        let place = self.spare.pop().unwrap_or_else(|| self.make_place());
        let send = &mut self.sends[place as usize];
        (send.key, send.fd) = (key, fd);
        (send.is_awaited, send.is_canceled) = (false, false);
        (OpId::from_parts(place | SOON, GENERATION), send.buffer.append(bytes))
    }

    /// Adds bytes to what is gathered, and tells how many; none where they fit no more.
    pub(crate) fn append(&mut self, id: OpId, bufs: &[IoSlice<'_>]) -> usize {
        match self.get_mut(id) {
            Some(send) if !send.is_flying => send.buffer.append_slices(bufs),
            _ => 0,
        }
    }

    /// Notes that something waits for the end of a send.
    pub(crate) fn note_awaited(&mut self, id: OpId) {
        if let Some(send) = self.get_mut(id) {
            send.is_awaited = true;
        }
    }

    /// Makes the entry of a send that has not begun, which it has from now on: the entry is to be pushed.
    /// It is silent if it can be and `may_be_silent`.
    #[inline]
    pub(super) fn take_off(&mut self, id: OpId, may_be_silent: bool) -> Option<Entry> {
        let send = self.sends.get_mut(place(id)).filter(|send| !send.is_flying)?;
        send.is_flying = true;
        send.is_silent = self.can_be_silent && may_be_silent && !send.is_awaited;
        let (start, len) = filled(&send.buffer);
        let entry = opcode::Send::new(types::Fd(send.fd), start, len);
        if !send.is_silent {
            return Some(entry.flags(SEND_WHOLE).build().user_data(id.to_bits()));
        }
        self.unanswered.push(id);
        let entry = entry.flags(SEND_WHOLE | libc::MSG_DONTWAIT).build();
        Some(entry.flags(squeue::Flags::SKIP_SUCCESS).user_data(id.to_bits()))
    }

    /// Allows sends to be silent.
    pub(super) fn allow_silence(&mut self) {
        self.can_be_silent = true;
    }

    /// Tells whether there are silent sends of which is not known that they are over.
    #[inline]
    pub(crate) fn is_unsettled(&self) -> bool {
        !self.unanswered.is_empty()
    }

    /// Notes that the kernel has taken all entries.
    #[inline]
    pub(super) fn note_taken(&mut self) {
        self.taken = self.unanswered.len();
    }

    /// Ends the next silent send that was taken and has not landed otherwise, and gives its stream. To be
    /// asked when all completions have been read.
    #[inline]
    pub(super) fn next_gone(&mut self) -> Option<Key> {
        while self.taken > 0 {
            self.taken -= 1;
            // What comes into its place was not taken, or is the same.
            let place = place(self.unanswered.swap_remove(self.taken));
            let send = &mut self.sends[place];
            if send.is_flying && send.is_silent {
                send.is_flying = false;
                let key = send.key;
                self.give_up(place);
                return Some(key);
            }
        }
        None
    }

    /// Notes that the kernel has given a send back. If everything has gone, its place is given up and its
    /// stream given; else [`take`](Self::take) gives the rest.
    #[inline]
    pub(super) fn land(&mut self, id: OpId, answer: i32) -> Option<Key> {
        let send = self.sends.get_mut(place(id))?;
        send.is_flying = false;
        let is_whole = usize::try_from(answer).is_ok_and(|count| count == send.buffer.len());
        let key = send.key;
        if !is_whole {
            return None;
        }
        self.give_up(place(id));
        Some(key)
    }

    /// Asks for the end of a send; tells whether it is with the kernel, which has to be asked too.
    pub(crate) fn cancel(&mut self, id: OpId) -> bool {
        self.get_mut(id)
            .is_some_and(|send| send.is_flying && !std::mem::replace(&mut send.is_canceled, true))
    }

    /// Gives up a place whose send is not to be.
    pub(crate) fn release(&mut self, id: OpId) {
        drop(self.take(id));
    }

    /// Gives up a place, with the stream and the bytes of its send and whether somebody has asked for its end,
    /// for who goes on with them.
    pub(crate) fn take(&mut self, id: OpId) -> Option<(Key, Buffer, bool)> {
        let send = self.get_mut(id).filter(|send| !send.is_flying)?;
        let taken = (send.key, std::mem::take(&mut send.buffer), send.is_canceled);
        self.bare.push(place(id) as u32);
        Some(taken)
    }

    /// Gives the names of the sends that are with the kernel.
    pub(super) fn flying(&self) -> Vec<OpId> {
        let places = (0..).zip(&self.sends).filter(|(_, send)| send.is_flying);
        places.map(|(place, _)| OpId::from_parts(place | SOON, GENERATION)).collect()
    }

    /// Tells whether an id names one of these.
    #[inline]
    pub(crate) fn has_name(id: OpId) -> bool {
        id.index() & !(SOON - 1) == SOON
    }

    #[inline]
    fn get_mut(&mut self, id: OpId) -> Option<&mut SoonSend> {
        self.sends.get_mut(place(id))
    }

    /// Gives up the place of a send that has gone.
    #[inline]
    fn give_up(&mut self, place: usize) {
        self.sends[place].buffer.clear();
        if self.spare.len() < limits::GATHERED_BUFFERS_MAX {
            self.spare.push(place as u32);
        } else {
            self.bare(place);
        }
    }

    /// Frees the memory of a place, because there is as much as is kept.
    #[cold]
    fn bare(&mut self, place: usize) {
        self.sends[place].buffer = Buffer::default();
        self.bare.push(place as u32);
    }

    /// Makes a place with memory, which happens until there are as many as are on their way at a time.
    #[cold]
    fn make_place(&mut self) -> u32 {
        let place = self.bare.pop().unwrap_or_else(|| {
            let place = self.sends.len() as u32;
            self.sends.push(SoonSend {
                key: Key::from_bits(0),
                fd: -1,
                is_flying: false,
                is_silent: false,
                is_awaited: false,
                is_canceled: false,
                buffer: Buffer::default(),
            });
            place
        });
        self.sends[place as usize].buffer = Buffer::with_capacity(limits::WRITE_PIECE);
        place
    }
}

impl Drop for SoonSends {
    fn drop(&mut self) {
        for send in self.sends.iter_mut().filter(|send| send.is_flying) {
            std::mem::forget(std::mem::take(&mut send.buffer));
        }
    }
}

/// A place has one send at a time, of which there is one completion at most: they need no generations. A cancel
/// cannot meet a later one, see [`own_request`](crate::linux::own_request).
const GENERATION: u32 = 1;

#[inline]
fn place(id: OpId) -> usize {
    (id.index() & !SOON) as usize
}
