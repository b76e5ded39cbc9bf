use std::time::Duration;

use futures::StreamExt;
use polyloop::{
    ErrorKind, ReadError, StreamReader, StreamWriter, create_task, sleep, timeout, yield_now,
};

use crate::run;
use crate::streams::pair;

const MS: Duration = Duration::from_millis(1);

/// A reader, and the end that writes to it.
pub(crate) async fn piped() -> (StreamReader, StreamWriter, (StreamReader, StreamWriter)) {
    let (client, server) = pair().await;
    let (reader, writer) = client.into_streams();
    (reader, writer, server.into_streams())
}

/// Writes each piece on its own: the next when the one before has gone.
async fn trickle(writer: &StreamWriter, pieces: &[&[u8]]) {
    for piece in pieces {
        writer.write(piece);
        writer.drain().await.unwrap();
        sleep(MS).await;
    }
}

#[test]
fn readexactly_waits_for_all_and_leaves_the_rest() {
    run(async {
        let (mut reader, _writer, (_, peer)) = piped().await;
        create_task(async move { trickle(&peer, &[b"ab", b"c", b"defg"]).await }).detach();
        assert_eq!(reader.readexactly(0).await.unwrap(), b"");
        assert_eq!(reader.readexactly(5).await.unwrap(), b"abcde");
        assert_eq!(reader.readexactly(2).await.unwrap(), b"fg");
        assert!(reader.at_eof() || reader.read(9).await.unwrap().is_empty());
        let error = reader.readexactly(1).await.unwrap_err();
        assert_eq!(error.partial(), Some(&b""[..]));
    });
}

#[test]
fn an_end_within_readexactly_gives_the_partial_bytes() {
    run(async {
        let (mut reader, _writer, (_, peer)) = piped().await;
        peer.write(b"half");
        drop(peer);
        match reader.readexactly(8).await.unwrap_err() {
            ReadError::Incomplete(error) => {
                assert_eq!((&error.partial[..], error.expected), (&b"half"[..], Some(8)));
                assert_eq!(error.to_string(), "4 of 8 bytes before the end of the stream");
            }
            other => panic!("{other}"),
        }
        assert!(reader.at_eof());
        assert_eq!(reader.read(1).await.unwrap(), b"");
    });
}

#[test]
fn errors_convert_and_say_what_happened() {
    run(async {
        let read = || async { StreamReader::over(&b"abc"[..]).readexactly(5).await.unwrap_err() };
        let error = polyloop::Error::from(read().await);
        assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::UnexpectedEof));
        assert!(error.to_string().contains("3 of 5 bytes"), "{error}");
        let error = std::io::Error::from(read().await);
        let inner = error.get_ref().unwrap().downcast_ref::<polyloop::IncompleteReadError>();
        assert_eq!(inner.unwrap().partial, b"abc", "nothing is lost");
    });
}

#[test]
fn lines_come_whole_over_chunks_and_the_last_needs_no_end() {
    run(async {
        let (mut reader, _writer, (_, peer)) = piped().await;
        create_task(async move { trickle(&peer, &[b"on", b"e\ntwo\n\nth", b"ree"]).await })
            .detach();
        assert_eq!(reader.readline().await.unwrap(), b"one\n");
        let rest: Vec<_> = reader.lines().map(Result::unwrap).collect().await;
        assert_eq!(rest, [&b"two\n"[..], b"\n", b"three"]);
        assert_eq!(reader.readline().await.unwrap(), b"");
    });
}

#[test]
fn a_separator_is_found_where_chunks_meet() {
    run(async {
        let (mut reader, _writer, (_, peer)) = piped().await;
        create_task(async move { trickle(&peer, &[b"one\r", b"\n", b"two;th\r", b"x"]).await })
            .detach();
        let separators: &[&[u8]] = &[b"\r\n", b";"];
        assert_eq!(reader.readuntil(separators).await.unwrap(), b"one\r\n");
        assert_eq!(reader.readuntil(separators).await.unwrap(), b"two;");
        let error = reader.readuntil(separators).await.unwrap_err();
        assert!(error.is_incomplete());
        assert_eq!(error.partial(), Some(&b"th\rx"[..]));
    });
}

/// The numbers are those of asyncio's `readuntil` for the same bytes.
#[test]
fn an_overrun_leaves_the_bytes_and_says_how_many_to_skip() {
    run(async {
        let mut reader = StreamReader::over(&b"123456789;rest;"[..]);
        reader.set_limit(4);
        match reader.readuntil(b";").await.unwrap_err() {
            ReadError::LimitOverrun(error) => {
                assert_eq!((error.consumed, error.found), (9, true));
            }
            other => panic!("{other}"),
        }
        assert_eq!(reader.readexactly(9).await.unwrap(), b"123456789");
        assert_eq!(reader.readuntil(b";").await.unwrap(), b";");
        assert_eq!(reader.readuntil(b";").await.unwrap(), b"rest;");
        let mut reader = StreamReader::over(&b"123456789"[..]);
        reader.set_limit(4);
        match reader.readuntil(b"\r\n").await.unwrap_err() {
            ReadError::LimitOverrun(error) => {
                assert_eq!((error.consumed, error.found), (8, false));
            }
            other => panic!("{other}"),
        }
        assert_eq!(reader.read_to_end().await.unwrap(), b"123456789");
    });
}

#[test]
fn a_line_that_is_too_long_is_dropped_and_the_next_is_read() {
    run(async {
        let mut reader = StreamReader::over(&b"far too long\nok\nno end of it at all"[..]);
        reader.set_limit(5);
        assert!(reader.readline().await.unwrap_err().is_limit_overrun());
        assert_eq!(reader.readline().await.unwrap(), b"ok\n");
        assert!(reader.readline().await.unwrap_err().is_limit_overrun());
        assert_eq!(reader.readline().await.unwrap(), b"");
    });
}

#[test]
fn reads_of_every_kind_mix_in_order() {
    run(async {
        let (mut reader, _writer, (_, peer)) = piped().await;
        peer.write(b"0123456789abcdefghij");
        drop(peer);
        assert_eq!(reader.readexactly(2).await.unwrap(), b"01");
        let mut buf = [0; 3];
        assert_eq!(reader.read_into(&mut buf).await.unwrap(), 3);
        assert_eq!(&buf, b"234");
        assert_eq!(reader.read(1).await.unwrap(), b"5");
        let mut chunk = reader.read_chunk().await.unwrap().unwrap();
        assert_eq!(&chunk[..], b"6789abcdefghij");
        chunk.consume(14);
        assert!(reader.read_chunk().await.unwrap().is_none());
        assert_eq!(reader.read_into(&mut buf).await.unwrap(), 0);
        assert_eq!(reader.read_to_end().await.unwrap(), b"");
    });
}

#[test]
fn a_read_that_is_given_up_loses_nothing() {
    run(async {
        let (mut reader, _writer, (_, peer)) = piped().await;
        peer.write(b"part");
        assert!(timeout(MS * 5, reader.readexactly(8)).await.is_err());
        assert!(timeout(MS * 5, reader.readuntil(b"!")).await.is_err());
        assert!(timeout(MS * 5, reader.read_to_end()).await.is_err());
        peer.write(b"ial!");
        assert_eq!(reader.readuntil(b"!").await.unwrap(), b"partial!");
    });
}

#[test]
fn bytes_before_a_reset_are_read_first_and_the_error_stays() {
    run(async {
        let (mut reader, _writer, (_, peer)) = piped().await;
        peer.write(b"last words");
        peer.drain().await.unwrap();
        assert_eq!(reader.readexactly(4).await.unwrap(), b"last");
        peer.extra_info().set_option(polyloop::SocketOption::Linger(Some(Duration::ZERO))).unwrap();
        peer.abort();
        peer.wait_closed().await.unwrap();
        let error = timeout(MS * 5000, reader.readexactly(100)).await.unwrap().unwrap_err();
        assert!(matches!(error, ReadError::Failed(_)), "{error}");
        assert_eq!(reader.read(100).await.unwrap(), b" words");
        for _ in 0..2 {
            let error = reader.read(1).await.unwrap_err();
            assert_eq!(error.io_kind(), std::io::ErrorKind::ConnectionReset);
        }
        assert!(!reader.at_eof());
    });
}

#[test]
fn readers_and_writers_are_those_of_generic_code() {
    use futures::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};

    run(async {
        let (mut reader, mut writer, (mut there, back)) = piped().await;
        let echo = create_task(async move {
            let mut back = back;
            futures::io::copy(&mut there, &mut back).await.unwrap();
            AsyncWriteExt::close(&mut back).await.unwrap();
        });
        writer.write_all(b"first\nsecond\nthird").await.unwrap();
        writer.flush().await.unwrap();
        assert_eq!(writer.write_buffer_size(), 0);
        AsyncWriteExt::close(&mut writer).await.unwrap();
        let mut line = String::new();
        reader.read_line(&mut line).await.unwrap();
        assert_eq!(line, "first\n");
        let mut rest = Vec::new();
        AsyncReadExt::read_to_end(&mut reader, &mut rest).await.unwrap();
        assert_eq!(rest, b"second\nthird");
        echo.await.unwrap();
    });
}

#[test]
fn at_eof_is_true_only_when_everything_was_read() {
    run(async {
        let (mut reader, _writer, (_, peer)) = piped().await;
        assert!(!reader.at_eof());
        peer.write(b"x");
        drop(peer);
        let seen = async {
            while !reader.at_eof() {
                let _ = timeout(MS, reader.read(1)).await;
                yield_now().await;
            }
        };
        timeout(MS * 5000, seen).await.unwrap();
    });
}

#[test]
fn the_stream_of_lines_keeps_their_ends_and_goes_on_after_one_that_is_too_long() {
    run(async {
        for (text, lines) in [
            (&b""[..], &[][..]),
            (b"\n", &[&b"\n"[..]]),
            (b"one\ntwo\n", &[b"one\n", b"two\n"]),
            (b"one\r\n\ntwo", &[b"one\r\n", b"\n", b"two"]),
        ] {
            let mut reader = StreamReader::over(text);
            let read: Vec<_> = reader.lines().map(Result::unwrap).collect().await;
            assert_eq!(read, lines, "{text:?}");
        }
        let mut reader = StreamReader::over(&b"ok\nfar too long\nlast"[..]);
        reader.set_limit(5);
        let mut lines = reader.lines();
        assert_eq!(lines.next().await.unwrap().unwrap(), b"ok\n");
        assert!(lines.next().await.unwrap().unwrap_err().is_limit_overrun());
        assert_eq!(lines.next().await.unwrap().unwrap(), b"last");
        assert!(lines.next().await.is_none());
    });
}
