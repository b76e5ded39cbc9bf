use crate::{EventLoop, forward_to_loop};

/// A boxed loop is a loop.
impl<L: EventLoop + ?Sized> EventLoop for Box<L> {
    forward_to_loop!(this => (**this);
        submit, cancel, turn, now, waker, capabilities, try_recv, try_recv_chunk, unread, try_send,
        try_send_soon, try_recv_from, try_send_to, try_peek, try_peek_from, try_recv_vectored, try_send_handles,
        try_recv_handles, local_address, peer_address, set_option, option, attach, census,
        prepare, next_deadline, guest_descriptor, guest_wait, close);
}
