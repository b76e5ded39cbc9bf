use std::io::SeekFrom;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ::futures::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use ::futures::{StreamExt, TryStreamExt};
use polyloop::fs::{self, File, FileKind, OpenOptions};
use polyloop::{ErrorKind, Loop, timeout};

use crate::run;

/// A directory of the test's own, removed with it.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("polyloop-{}-{name}", std::process::id()));
        let _left_by_a_process_of_that_id = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Scratch(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn root(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Gives bytes of which no piece is like another.
pub(crate) fn pattern(len: usize) -> Vec<u8> {
    (0..len as u64).map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8).collect()
}

#[test]
fn a_file_is_written_and_read_by_its_path() {
    run(async {
        let scratch = Scratch::new("by-path");
        let path = scratch.path("data");
        let bytes = pattern(300_000);
        fs::write(&path, &bytes).await.unwrap();
        assert_eq!(fs::read(&path).await.unwrap(), bytes);
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        fs::write(&path, "text").await.unwrap();
        assert_eq!(fs::read_to_string(&path).await.unwrap(), "text");
        fs::write(&path, b"\xff").await.unwrap();
        let error = fs::read_to_string(&path).await.unwrap_err();
        assert_eq!(error.io_kind(), std::io::ErrorKind::InvalidData);
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
        assert_eq!(fs::read(&scratch.path("data")).await.unwrap(), b"\xff");
    });
}

#[test]
fn offsets_and_the_cursor_do_not_disturb_each_other() {
    run(async {
        let scratch = Scratch::new("offsets");
        let mut file = File::create(scratch.path("data")).await.unwrap();
        file.write_all(b"0123456789").await.unwrap();
        file.write_all_at(b"ab", 4).await.unwrap();
        let mut buf = [0; 4];
        assert_eq!(file.read_at(&mut buf, 3).await.unwrap(), 4);
        assert_eq!(&buf, b"3ab6");
        assert_eq!(file.stream_position().await.unwrap(), 10);
        assert_eq!(file.read(&mut buf).await.unwrap(), 0);
        assert_eq!(file.seek(SeekFrom::End(-3)).await.unwrap(), 7);
        assert_eq!(file.read(&mut buf).await.unwrap(), 3);
        assert_eq!(file.seek(SeekFrom::Current(-4)).await.unwrap(), 6);
        file.read_exact(&mut buf).await.unwrap();
        assert_eq!(&buf, b"6789");
        let error = file.read_exact(&mut buf).await.unwrap_err();
        assert_eq!(error.io_kind(), std::io::ErrorKind::UnexpectedEof);
        let error = file.seek(SeekFrom::Current(-11)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(file.stream_position().await.unwrap(), 10, "a seek that fails moves nothing");
        let error = file.read_exact_at(&mut buf, 8).await.unwrap_err();
        assert_eq!(error.io_kind(), std::io::ErrorKind::UnexpectedEof);
        assert_eq!(
            file.read_at(&mut buf, u64::MAX).await.unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
    });
}

#[test]
fn vectors_come_back_as_long_as_they_were() {
    run(async {
        let file = fs::temp_file().await.unwrap();
        let (written, bytes) = file.write_owned_at(b"owned".to_vec(), 2).await;
        assert_eq!((written.unwrap(), &bytes[..]), (5, &b"owned"[..]));
        let (read, buffer) = file.read_owned_at(vec![9; 10], 0).await;
        assert_eq!((read.unwrap(), &buffer[..7], buffer.len()), (7, &b"\0\0owned"[..], 10));
        let parts = vec![b"one ".to_vec(), Vec::new(), b"two".to_vec()];
        let (written, parts) = file.write_vectored_at(parts, 0).await;
        assert_eq!((written.unwrap(), parts.len()), (7, 3));
        let (read, parts) = file.read_vectored_at(vec![vec![0; 5], vec![0; 5]], 0).await;
        assert_eq!(read.unwrap(), 7);
        assert_eq!((&parts[0][..], &parts[1][..2], parts[1].len()), (&b"one t"[..], &b"wo"[..], 5));
        let (read, back) = file.read_owned_at(Vec::new(), 0).await;
        assert_eq!((read.unwrap(), back.len()), (0, 0));
    });
}

#[test]
fn many_reads_at_offsets_go_on_at_once() {
    run(async {
        let file = fs::temp_file().await.unwrap();
        let bytes = pattern(64 * 4096);
        file.write_all_at(&bytes, 0).await.unwrap();
        let read = |n: usize| {
            let file = &file;
            async move {
                let mut buf = vec![0; 4096];
                file.read_exact_at(&mut buf, n as u64 * 4096).await.unwrap();
                buf
            }
        };
        let all = ::futures::future::join_all((0..64).rev().map(read)).await;
        for (n, part) in all.into_iter().rev().enumerate() {
            assert!(part == bytes[n * 4096..(n + 1) * 4096], "part {n}");
        }
    });
}

#[test]
fn the_traits_of_streams_read_write_and_seek() {
    run(async {
        let scratch = Scratch::new("traits");
        let bytes = pattern(500_000);
        let mut file = File::create(scratch.path("data")).await.unwrap();
        AsyncWriteExt::write_all(&mut file, &bytes).await.unwrap();
        AsyncWriteExt::flush(&mut file).await.unwrap();
        assert_eq!(AsyncSeekExt::seek(&mut file, SeekFrom::Start(100)).await.unwrap(), 100);
        let mut all = Vec::new();
        AsyncReadExt::read_to_end(&mut file, &mut all).await.unwrap();
        assert!(all == bytes[100..]);
        AsyncWriteExt::write_all(&mut file, b"dropped, not flushed").await.unwrap();
        drop(file);
        let path = scratch.path("data");
        let whole = async {
            while fs::metadata(&path).await.unwrap().len < 500_020 {
                polyloop::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(Duration::from_secs(10), whole).await.expect("a drop lets the write go on");
    });
}

#[test]
fn a_failure_of_a_write_by_the_traits_comes_to_the_next_call() {
    run(async {
        let mut file = File::open("Cargo.toml").await.unwrap();
        let written = AsyncWriteExt::write_all(&mut file, b"no").await;
        let error = match written {
            Ok(()) => AsyncWriteExt::flush(&mut file).await.unwrap_err(),
            Err(error) => error,
        };
        assert!(error.raw_os_error().is_some(), "{error:?}");
        let mut buf = [0; 4];
        file.rewind().await.unwrap();
        file.read_exact(&mut buf).await.expect("the failure was told once");
    });
}

#[test]
fn appending_writes_go_to_the_end() {
    run(async {
        let scratch = Scratch::new("append");
        let path = scratch.path("log");
        let options = OpenOptions::new().read(true).append(true).create(true);
        let mut one = options.clone().open(&path).await.unwrap();
        let mut two = options.open(&path).await.unwrap();
        one.write_all(b"one ").await.unwrap();
        two.write_all(b"two ").await.unwrap();
        one.write_all(b"three").await.unwrap();
        assert_eq!(fs::read(&path).await.unwrap(), b"one two three");
        assert_eq!(one.stream_position().await.unwrap(), 13);
        assert_eq!(one.read(&mut [0; 4]).await.unwrap(), 0);
        one.rewind().await.unwrap();
        let mut buf = [0; 3];
        one.read_exact(&mut buf).await.unwrap();
        assert_eq!(&buf, b"one");
    });
}

#[test]
fn a_read_given_up_leaves_the_cursor() {
    run(async {
        let mut file = fs::temp_file().await.unwrap();
        let bytes = pattern(100_000);
        file.write_all(&bytes).await.unwrap();
        file.rewind().await.unwrap();
        let mut all = Vec::new();
        for round in 0..200 {
            let mut buf = vec![0; 1000];
            // Polled once, so begun; done at once or given up.
            let once = ::futures::poll!(Box::pin(file.read(&mut buf)));
            if let std::task::Poll::Ready(count) = once {
                all.extend_from_slice(&buf[..count.unwrap()]);
            }
            if round % 3 == 0 {
                let count = file.read(&mut buf[..500]).await.unwrap();
                all.extend_from_slice(&buf[..count]);
            }
        }
        file.read_to_end(&mut all).await.unwrap();
        assert!(all == bytes);
    });
}

#[test]
fn what_is_known_of_a_file_is_told() {
    run(async {
        let scratch = Scratch::new("metadata");
        let path = scratch.path("data");
        let file = OpenOptions::new().write(true).create_new(true).mode(0o640);
        let mut file = file.open(&path).await.unwrap();
        file.write_all(b"12345").await.unwrap();
        file.set_len(3).await.unwrap();
        file.sync_all().await.unwrap();
        file.sync_data().await.unwrap();
        let known = file.metadata().await.unwrap();
        assert_eq!((known.len, known.kind, known.is_file()), (3, FileKind::Regular, true));
        if cfg!(unix) {
            assert_eq!(known.mode & 0o137, 0, "no more than what was asked for");
            assert_eq!(known.links, 1);
        }
        assert_eq!(fs::metadata(&path).await.unwrap(), known);
        assert!(fs::metadata(scratch.root()).await.unwrap().is_dir());
        assert!(fs::try_exists(&path).await.unwrap());
        assert!(!fs::try_exists(scratch.path("other")).await.unwrap());
    });
}

#[test]
fn names_are_made_changed_and_removed() {
    run(async {
        let scratch = Scratch::new("names");
        let deep = scratch.path("a/b/c");
        fs::create_dir_all(&deep).await.unwrap();
        fs::create_dir_all(&deep).await.expect("it is there already");
        fs::write(deep.join("file"), b"content").await.unwrap();
        fs::rename(deep.join("file"), deep.join("renamed")).await.unwrap();
        fs::hard_link(deep.join("renamed"), deep.join("second")).await.unwrap();
        assert_eq!(fs::copy(deep.join("second"), deep.join("copy")).await.unwrap(), 7);
        assert_eq!(fs::read(deep.join("copy")).await.unwrap(), b"content");
        if cfg!(unix) {
            fs::symlink("second", deep.join("link")).await.unwrap();
            assert_eq!(fs::read_link(deep.join("link")).await.unwrap(), Path::new("second"));
            assert!(fs::symlink_metadata(deep.join("link")).await.unwrap().is_symlink());
            let resolved = fs::canonicalize(deep.join("link")).await.unwrap();
            assert!(resolved.ends_with("a/b/c/second"), "{}", resolved.display());
            fs::remove_file(deep.join("link")).await.unwrap();
        }
        let error = fs::remove_dir(&deep).await.unwrap_err();
        assert_eq!(error.io_kind(), std::io::ErrorKind::DirectoryNotEmpty);
        fs::remove_file(deep.join("second")).await.unwrap();
        let mut names: Vec<String> = fs::read_dir(&deep)
            .await
            .unwrap()
            .map_ok(|entry| entry.file_name().to_string_lossy().into_owned())
            .try_collect()
            .await
            .unwrap();
        names.sort();
        assert_eq!(names, ["copy", "renamed"]);
        fs::remove_dir_all(scratch.path("a")).await.unwrap();
        assert!(!fs::try_exists(scratch.path("a")).await.unwrap());
        let file_in_the_way = scratch.path("file");
        fs::write(&file_in_the_way, b"").await.unwrap();
        fs::create_dir_all(file_in_the_way.join("below")).await.unwrap_err();
        fs::create_dir_all(&file_in_the_way).await.unwrap_err();
    });
}

#[test]
fn a_directory_of_many_entries_is_read_whole() {
    run(async {
        let scratch = Scratch::new("many");
        for n in 0..600 {
            std::fs::write(scratch.path(&n.to_string()), b"").unwrap();
        }
        std::fs::create_dir(scratch.path("directory")).unwrap();
        let entries: Vec<_> = fs::read_dir(scratch.root()).await.unwrap().collect().await;
        let entries: Vec<_> = entries.into_iter().map(|entry| entry.unwrap()).collect();
        assert_eq!(entries.len(), 601);
        let directories: Vec<_> =
            entries.iter().filter(|entry| entry.kind() == Some(FileKind::Directory)).collect();
        assert_eq!(directories.len(), 1);
        assert_eq!(directories[0].path(), scratch.path("directory"));
        assert!(directories[0].metadata().await.unwrap().is_dir());
    });
}

#[test]
fn failures_say_what_was_attempted_on_which_path() {
    run(async {
        let scratch = Scratch::new("failures");
        let missing = scratch.path("missing");
        let of = |error: polyloop::Error, kind: std::io::ErrorKind, says: &str, path: &Path| {
            assert_eq!(error.io_kind(), kind, "{error}");
            let text = error.to_string();
            assert!(text.contains(says) && text.contains(&path.display().to_string()), "{text}");
        };
        let not_found = std::io::ErrorKind::NotFound;
        of(File::open(&missing).await.unwrap_err(), not_found, "open", &missing);
        of(fs::read(&missing).await.unwrap_err(), not_found, "open", &missing);
        of(fs::metadata(&missing).await.unwrap_err(), not_found, "look at", &missing);
        of(fs::remove_file(&missing).await.unwrap_err(), not_found, "remove", &missing);
        of(fs::read_dir(&missing).await.unwrap_err(), not_found, "read the directory", &missing);
        of(fs::read_link(&missing).await.unwrap_err(), not_found, "read the link", &missing);
        let to = scratch.path("to");
        of(fs::rename(&missing, &to).await.unwrap_err(), not_found, "rename", &to);
        of(fs::copy(&missing, &to).await.unwrap_err(), not_found, "copy", &missing);
        let nul = Path::new("with\0nul");
        for error in [
            File::open(nul).await.unwrap_err(),
            fs::rename(&missing, nul).await.unwrap_err(),
            fs::read_dir(nul).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(r#""with\0nul""#), "{error}");
        }
        let path = scratch.path("data");
        fs::write(&path, b"x").await.unwrap();
        let mut reader = File::open(&path).await.unwrap();
        let error = reader.write_all(b"y").await.unwrap_err();
        assert!(
            error.to_string().contains("write to") && error.raw_os_error().is_some(),
            "{error}"
        );
        let error = File::create_new(&path).await.unwrap_err();
        of(error, std::io::ErrorKind::AlreadyExists, "open", &path);
        if cfg!(unix) {
            let error = fs::read(scratch.root()).await.unwrap_err();
            of(error, std::io::ErrorKind::IsADirectory, "read from", scratch.root());
        }
    });
}

#[test]
fn files_come_from_std_and_go_back() {
    use std::io::{Read, Seek, Write};
    run(async {
        let scratch = Scratch::new("std");
        let options = std::fs::File::options().read(true).write(true).create(true).clone();
        let mut file = options.clone().truncate(true).open(scratch.path("data")).unwrap();
        file.write_all(b"0123456789").unwrap();
        file.seek(SeekFrom::Start(4)).unwrap();
        let mut file = File::from_std(file).unwrap();
        let mut buf = [0; 2];
        file.read_exact(&mut buf).await.unwrap();
        assert_eq!(&buf, b"45");
        let mut file = file.into_std().await.unwrap();
        let mut rest = String::new();
        file.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "6789");
    });
}

#[test]
fn a_temporary_file_leaves_no_name_and_no_resource() {
    run(async {
        let census = || Loop::current().unwrap().census();
        let before = census();
        let mut file = fs::temp_file().await.unwrap();
        file.write_all(b"scratch").await.unwrap();
        if cfg!(unix) {
            assert_eq!(file.metadata().await.unwrap().links, 0);
        }
        assert!(!fs::try_exists(file.path().unwrap()).await.unwrap());
        drop(file);
        let settle = async {
            while census() != before {
                polyloop::sleep(Duration::from_millis(1)).await;
            }
        };
        if timeout(Duration::from_secs(5), settle).await.is_err() {
            panic!("left behind: {:?}, before: {before:?}", census());
        }
    });
}

/// Has the loop write at most a thousand bytes at once, as a disk that is nearly full may.
#[cfg(all(feature = "custom", feature = "mio"))]
#[derive(Clone, Default)]
struct WritesShort {
    /// What was left out of the writes under way.
    rests: std::collections::HashMap<polyloop_core::Token, Vec<u8>>,
}

#[cfg(all(feature = "custom", feature = "mio"))]
impl crate::around::Manner for WritesShort {
    fn submit(
        &mut self,
        inner: &mut dyn polyloop_core::EventLoop,
        mut op: polyloop_core::Op,
        token: polyloop_core::Token,
    ) -> polyloop_core::Submission {
        if let polyloop_core::Op::WriteAt { buffer, .. } = &mut op
            && buffer.len() > 1000
        {
            self.rests.insert(token, buffer[1000..].to_vec());
            buffer.set_len(1000);
        }
        let submission = inner.submit(op, token);
        assert!(
            self.rests.is_empty() || matches!(submission, polyloop_core::Submission::Queued(_))
        );
        submission
    }

    fn told(&mut self, completion: &mut polyloop_core::Completion) {
        if let Some(polyloop_core::Op::WriteAt { buffer, .. }) = &mut completion.op
            && let Some(rest) = self.rests.remove(&completion.token)
        {
            *buffer = [&buffer[..], &rest].concat().as_slice().into();
        }
    }
}

#[test]
#[cfg(all(feature = "custom", feature = "mio"))]
fn what_was_given_to_a_file_that_is_dropped_is_written_to_its_end() {
    crate::around::run(WritesShort::default(), async {
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
