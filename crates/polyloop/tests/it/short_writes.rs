//! Files on a loop that writes less at once than it is given.

#![cfg(all(feature = "custom", feature = "mio"))]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ::futures::io::AsyncWriteExt;
use polyloop::fs::{self, File};
use polyloop::{Backend, Loop, Runner, timeout};
use polyloop_core::{
    Batch, EventLoop, FnFactory, LoopConfig, LoopFactory, Op, Submission, Time, Token, Turned,
    forward_to_loop,
};

use crate::files::Scratch;

/// A loop that writes at most a thousand bytes at once, as to a disk that is nearly full.
struct WritesShort {
    inner: Box<dyn EventLoop>,
    /// What was left out of the writes under way.
    rests: HashMap<Token, Vec<u8>>,
}

impl EventLoop for WritesShort {
    fn submit(&mut self, mut op: Op, token: Token) -> Submission {
        if let Op::WriteAt { buffer, .. } = &mut op
            && buffer.len() > 1000
        {
            self.rests.insert(token, buffer[1000..].to_vec());
            buffer.set_len(1000);
        }
        let submission = self.inner.submit(op, token);
        let is_queued = matches!(submission, Submission::Queued(_));
        assert!(is_queued || !self.rests.contains_key(&token), "writes are never done at once");
        submission
    }

    fn turn(&mut self, deadline: Time, batch: &mut Batch) -> Turned {
        let turned = self.inner.turn(deadline, batch);
        for mut completion in batch.drain().collect::<Vec<_>>() {
            if let Some(Op::WriteAt { buffer, .. }) = &mut completion.op
                && let Some(rest) = self.rests.remove(&completion.token)
            {
                *buffer = [&buffer[..], &rest].concat().as_slice().into();
            }
            batch.push(completion).expect("it had room");
        }
        turned
    }

    forward_to_loop!(this => this.inner;
        cancel, now, waker, capabilities, try_recv, try_recv_chunk, unread, try_send,
        try_recv_from, try_send_to, try_peek, try_peek_from, try_recv_vectored, try_send_handles,
        try_recv_handles, local_address, peer_address, set_option, option, attach, census, prepare,
        next_deadline, guest_descriptor, guest_wait, close);
}

#[test]
fn what_was_given_to_a_file_that_is_dropped_is_written_to_its_end() {
    let inner = polyloop_mio::factory();
    let factory = FnFactory::new("short", move |config: &LoopConfig| {
        let inner = inner.build(config)?;
        Ok(Box::new(WritesShort { inner, rests: HashMap::new() }) as Box<dyn EventLoop>)
    });
    let backend = Backend::Custom(Arc::new(factory));
    let runner = Runner::builder().backend(backend).build().unwrap();
    let test = async {
        let scratch = Scratch::new("short");
        let bytes: Vec<u8> = (0..10_500u32).map(|n| n as u8).collect();
        let before = Loop::current().unwrap().census().resources;
        let mut file = File::create(scratch.path("short")).await.unwrap();
        assert_eq!(AsyncWriteExt::write(&mut file, &bytes).await.unwrap(), bytes.len());
        drop(file);
        let written = async {
            while fs::read(scratch.path("short")).await.unwrap() != bytes {
                polyloop::sleep(Duration::from_millis(1)).await;
            }
            while Loop::current().unwrap().census().resources != before {
                polyloop::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(Duration::from_secs(20), written).await.unwrap();
    };
    runner.run(test).unwrap();
}
