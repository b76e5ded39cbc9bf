use std::io::{Read, Write};
use std::process::{Command, Stdio};

use ::futures::io::{AsyncReadExt, AsyncWriteExt};
use polyloop::io::{PipeReader, PipeWriter, pipe};
use polyloop::{ErrorKind, Loop, create_task, timeout, yield_now};
use std::time::Duration;

use crate::files::pattern;
use crate::run;

async fn read_all(reader: &mut PipeReader) -> Vec<u8> {
    let mut all = Vec::new();
    reader.read_to_end(&mut all).await.unwrap();
    all
}

#[test]
fn a_pipe_carries_more_than_it_holds_and_then_ends() {
    run(async {
        let (mut reader, mut writer) = pipe().await.unwrap();
        let sent = pattern(1_000_000);
        let expected = sent.clone();
        let writing = create_task(async move { writer.write_all(&sent).await.unwrap() });
        assert_eq!(read_all(&mut reader).await, expected);
        writing.await.unwrap();
    });
}

#[test]
fn exact_reads_and_reads_to_the_end_tell_what_came() {
    run(async {
        let (mut reader, mut writer) = pipe().await.unwrap();
        writer.write_all(b"head and body").await.unwrap();
        let mut head = [0; 4];
        reader.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"head");
        let mut body = b"the".to_vec();
        let reading = timeout(Duration::from_millis(20), reader.read_to_end(&mut body));
        reading.await.unwrap_err();
        assert_eq!(body, b"the and body", "giving up loses nothing");
        writer.write_all(b"123").await.unwrap();
        drop(writer);
        let mut wide = [0; 8];
        let error = reader.read_exact(&mut wide).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::UnexpectedEof), "{error}");
        assert_eq!((error.transferred(), &wide[..3]), (3, &b"123"[..]));
        assert!(error.to_string().contains("pipe"), "{error}");
    });
}

#[test]
fn the_traits_of_streams_carry_the_same() {
    run(async {
        let (mut reader, mut writer) = pipe().await.unwrap();
        let sent = pattern(1_000_000);
        let expected = sent.clone();
        let writing = create_task(async move {
            AsyncWriteExt::write_all(&mut writer, &sent).await.unwrap();
            writer.close().await.unwrap();
            writer.close().await.unwrap();
            let error = AsyncWriteExt::write(&mut writer, b"late").await.unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::NotConnected);
        });
        let mut all = Vec::new();
        AsyncReadExt::read_to_end(&mut reader, &mut all).await.unwrap();
        assert_eq!(all, expected);
        writing.await.unwrap();
    });
}

#[test]
fn a_write_given_up_has_written_nothing() {
    run(async {
        let (mut reader, mut writer) = pipe().await.unwrap();
        let mut filled = 0;
        let fill = async {
            loop {
                filled += writer.write(&[1; 4096]).await.unwrap();
            }
        };
        timeout(Duration::from_millis(50), fill).await.unwrap_err();
        timeout(Duration::from_millis(20), writer.write(&[2; 4096])).await.unwrap_err();
        let reading = create_task(async move { read_all(&mut reader).await });
        writer.write_all(&[3; 10]).await.unwrap();
        drop(writer);
        let all = reading.await.unwrap();
        assert_eq!(all.len(), filled + 10);
        assert!(all.ends_with(&[1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3]));
        assert!(!all.contains(&2));
    });
}

#[test]
fn a_write_without_readers_is_an_error_that_says_so() {
    run(async {
        let (reader, mut writer) = pipe().await.unwrap();
        drop(reader);
        let failed = async {
            loop {
                if let Err(error) = writer.write_all(b"anybody?").await {
                    return error;
                }
                yield_now().await;
            }
        };
        let error = timeout(Duration::from_secs(5), failed).await.unwrap();
        assert_eq!(error.io_kind(), std::io::ErrorKind::BrokenPipe);
        assert!(error.to_string().contains("write to a pipe"), "{error}");
    });
}

#[test]
fn pipes_come_from_std_and_go_back() {
    run(async {
        let (reader, writer) = std::io::pipe().unwrap();
        let mut reader = PipeReader::from_std(reader).unwrap();
        let mut writer = PipeWriter::from_std(writer).unwrap();
        writer.write_all(b"hello world").await.unwrap();
        assert_eq!(reader.read(&mut [0; 5]).await.unwrap(), 5);
        let mut writer = writer.into_std().await.unwrap();
        let (mut reader, mut rest) = reader.into_std().await.unwrap();
        writer.write_all(b"!").unwrap();
        drop(writer);
        reader.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, b" world!");
    });
}

#[test]
fn a_child_is_spoken_to_through_pipes() {
    run(async {
        let mut child = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("cat runs");
        let mut input = PipeWriter::from_fd(child.stdin.take().unwrap()).unwrap();
        let mut output = PipeReader::from_fd(child.stdout.take().unwrap()).unwrap();
        let sent = pattern(300_000);
        let expected = sent.clone();
        let writing = create_task(async move { input.write_all(&sent).await.unwrap() });
        assert_eq!(read_all(&mut output).await, expected);
        writing.await.unwrap();
        assert!(child.wait().unwrap().success());
    });
}

#[test]
fn a_file_is_no_pipe() {
    run(async {
        let file = std::fs::File::open("Cargo.toml").unwrap();
        let error = PipeReader::from_fd(file).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("a file as if it were a pipe"), "{error}");
        let directory = std::fs::File::open("src").unwrap();
        let error = PipeWriter::from_fd(directory).unwrap_err();
        assert!(error.to_string().contains("a directory as if it were a pipe"), "{error}");
    });
}

#[test]
fn dropped_pipes_leave_nothing_behind() {
    run(async {
        let census = || Loop::current().unwrap().census();
        let before = census();
        for _ in 0..20 {
            let (mut reader, mut writer) = pipe().await.unwrap();
            timeout(Duration::from_millis(1), reader.read(&mut [0; 8])).await.unwrap_err();
            let fill = async { while writer.write(&[0; 65536]).await.is_ok() {} };
            timeout(Duration::from_millis(1), fill).await.unwrap_err();
        }
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
