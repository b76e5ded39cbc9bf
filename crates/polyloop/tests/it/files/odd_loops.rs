//! Files on loops that know nothing of paths, or write less than they were given.

#![cfg(all(feature = "custom", feature = "mio"))]

use std::collections::HashMap;
use std::time::Duration;

use ::futures::io::AsyncWriteExt;
use polyloop::fs::{self, File};
use polyloop::{ErrorKind, Loop, timeout};
use polyloop_core::{Completion, EventLoop, Op, Submission, Token};

use super::Scratch;
use crate::around::{self, Manner};

/// Has the loop know nothing of paths.
#[derive(Clone)]
struct KnowsNoPaths;

impl Manner for KnowsNoPaths {
    fn submit(&mut self, inner: &mut dyn EventLoop, op: Op, token: Token) -> Submission {
        if op.paths()[0].is_none() {
            return inner.submit(op, token);
        }
        let unsupported = Err(ErrorKind::Unsupported.into());
        let completion = Completion::terminal(token, unsupported, op);
        Submission::Done(completion)
    }
}

/// A loop from elsewhere may know nothing of paths, or not how to open a file; threads do it then.
#[test]
fn what_a_loop_does_not_know_of_paths_threads_do() {
    around::run(KnowsNoPaths, async {
        let scratch = Scratch::new("lacking");
        let (one, two) = (scratch.path("one"), scratch.path("two"));
        let directory = scratch.path("directory");
        fs::write(&one, b"by a thread").await.unwrap();
        assert_eq!(fs::read(&one).await.unwrap(), b"by a thread");
        assert_eq!(fs::metadata(&one).await.unwrap().len, 11);
        fs::rename(&one, &two).await.unwrap();
        fs::hard_link(&two, &one).await.unwrap();
        fs::create_dir(&directory).await.unwrap();
        fs::remove_dir(&directory).await.unwrap();
        fs::remove_file(&one).await.unwrap();
        let error = File::open(&one).await.unwrap_err();
        assert_eq!(error.io_kind(), std::io::ErrorKind::NotFound);
        assert!(error.to_string().starts_with(&format!("open {}", one.display())), "{error}");
        let error = fs::remove_file(&one).await.unwrap_err();
        assert!(error.to_string().starts_with(&format!("remove {}", one.display())), "{error}");
        assert_eq!(fs::read(&two).await.unwrap(), b"by a thread");
    });
}

/// Has the loop write at most a thousand bytes at once, as a disk that is nearly full may.
#[derive(Clone, Default)]
struct WritesShort {
    /// What was left out of the writes under way.
    rests: HashMap<Token, Vec<u8>>,
}

impl Manner for WritesShort {
    fn submit(&mut self, inner: &mut dyn EventLoop, mut op: Op, token: Token) -> Submission {
        if let Op::WriteAt { buffer, .. } = &mut op
            && buffer.len() > 1000
        {
            self.rests.insert(token, buffer[1000..].to_vec());
            buffer.set_len(1000);
        }
        let is_cut = self.rests.contains_key(&token);
        let submission = inner.submit(op, token);
        // What is done at once is not told; others, such as a close, may be.
        assert!(!is_cut || matches!(submission, Submission::Queued(_)));
        submission
    }

    fn told(&mut self, completion: &mut Completion) {
        if let Some(Op::WriteAt { buffer, .. }) = &mut completion.op
            && let Some(rest) = self.rests.remove(&completion.token)
        {
            *buffer = [&buffer[..], &rest].concat().as_slice().into();
        }
    }
}

#[test]
fn what_was_given_to_a_file_that_is_dropped_is_written_to_its_end() {
    around::run(WritesShort::default(), async {
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
    });
}
