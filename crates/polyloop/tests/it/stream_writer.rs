use std::time::Duration;

use polyloop::{ErrorKind, OptionName, SocketOption, create_task, sleep, timeout};

use crate::run;
use crate::stream_reader::piped;

const MS: Duration = Duration::from_millis(1);

/// More than the buffers of a socket take.
const MUCH: usize = 8_000_000;

#[test]
fn a_write_never_waits_and_drain_does_while_much_is_kept() {
    run(async {
        let (_reader, writer, (mut peer, _back)) = piped().await;
        writer.write(&vec![1; MUCH]);
        assert!(writer.write_buffer_size() > 64 * 1024);
        assert!(timeout(MS * 20, writer.drain()).await.is_err(), "nobody reads");
        let reading = create_task(async move { peer.readexactly(MUCH).await.map(|all| all.len()) });
        writer.drain().await.unwrap();
        assert!(writer.write_buffer_size() <= 16 * 1024);
        assert_eq!(reading.await.unwrap().unwrap(), MUCH);
    });
}

#[test]
fn an_iterator_of_lines_may_use_the_writer() {
    run(async {
        let (reader, writer, (mut peer, _back)) = piped().await;
        let lines = [&b"one"[..], b"two"];
        writer.writelines(lines.iter().map(|line| {
            assert!(writer.write_buffer_size() < MUCH && !format!("{writer:?}").is_empty());
            writer.write(b"-");
            *line
        }));
        drop((reader, writer));
        assert_eq!(peer.read_to_end().await.unwrap(), b"-one-two");
    });
}

#[test]
fn what_was_written_goes_out_when_both_ends_are_dropped() {
    run(async {
        let (reader, writer, (mut peer, _back)) = piped().await;
        writer.write(&vec![1; MUCH]);
        writer.writelines([&b"a"[..], b"", b"bc"]);
        drop((reader, writer));
        let all = peer.read_to_end().await.unwrap();
        assert_eq!(all.len(), MUCH + 3);
        assert_eq!(&all[MUCH..], b"abc");
    });
}

#[test]
fn dropping_the_writer_ends_its_direction_only() {
    run(async {
        let (mut reader, writer, (mut peer, back)) = piped().await;
        writer.write(b"question");
        drop(writer);
        assert_eq!(peer.read_to_end().await.unwrap(), b"question");
        back.write(b"answer");
        drop(back);
        assert_eq!(reader.read_to_end().await.unwrap(), b"answer");
    });
}

#[test]
fn write_eof_ends_the_direction_and_what_is_written_after_is_an_error() {
    run(async {
        let (mut reader, writer, (mut peer, back)) = piped().await;
        assert!(writer.can_write_eof());
        writer.write(b"all");
        writer.write_eof();
        writer.write_eof();
        writer.drain().await.unwrap();
        assert_eq!(peer.read_to_end().await.unwrap(), b"all");
        writer.write(b"more");
        let error = writer.drain().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("after its end"), "{error}");
        back.write(b"still here");
        assert_eq!(reader.readexactly(10).await.unwrap(), b"still here");
    });
}

#[test]
fn a_closed_writer_ends_the_reader_and_drops_what_is_written() {
    run(async {
        let (mut reader, writer, (mut peer, _back)) = piped().await;
        let peername = writer.extra_info().peername();
        writer.write(b"bye");
        assert!(!writer.is_closing());
        writer.close();
        assert!(writer.is_closing());
        writer.write(b"too late");
        assert_eq!(reader.read(1).await.unwrap(), b"");
        writer.wait_closed().await.unwrap();
        assert_eq!(peer.read_to_end().await.unwrap(), b"bye");
        assert!(peername.is_some());
        assert_eq!(writer.extra_info().peername(), peername, "it is remembered");
        assert_eq!(writer.extra_info().sockname(), None);
    });
}

#[test]
fn an_abort_ends_a_close_that_the_peer_holds_up() {
    run(async {
        let (_reader, writer, peer) = piped().await;
        writer.write(&vec![1; MUCH]);
        writer.close();
        assert!(timeout(MS * 20, writer.wait_closed()).await.is_err());
        writer.abort();
        timeout(MS * 5000, writer.wait_closed()).await.unwrap().unwrap();
        drop(peer);
    });
}

#[test]
fn a_peer_that_has_gone_is_told_by_drain_while_its_last_words_are_read() {
    run(async {
        let (mut reader, writer, (there, back)) = piped().await;
        back.write(b"enough");
        drop((there, back));
        let failing = async {
            loop {
                writer.write(b"more");
                match writer.drain().await {
                    Ok(()) => sleep(MS).await,
                    Err(error) => return error,
                }
            }
        };
        let error = timeout(MS * 5000, failing).await.unwrap();
        assert!(matches!(
            error.io_kind(),
            std::io::ErrorKind::BrokenPipe | std::io::ErrorKind::ConnectionReset
        ));
        // What the system has dropped with the reset, no reader finds.
        let words = reader.read(100).await;
        assert!(words.is_err() || words.is_ok_and(|words| words == b"enough"));
        writer.close();
        let end = writer.wait_closed().await.unwrap_err();
        assert_eq!(end.raw_os_error(), error.raw_os_error());
    });
}

#[test]
fn marks_and_options_are_set_and_read() {
    run(async {
        let (_reader, writer, _peer) = piped().await;
        assert_eq!(writer.write_buffer_limits(), (16 * 1024, 64 * 1024));
        writer.set_write_buffer_limits(10_000_000, None);
        assert_eq!(writer.write_buffer_limits(), (2_500_000, 10_000_000));
        writer.write(&vec![1; MUCH]);
        timeout(MS * 5000, writer.drain()).await.unwrap().unwrap();
        let info = writer.extra_info();
        info.set_option(SocketOption::Nodelay(false)).unwrap();
        assert_eq!(info.option(OptionName::Nodelay).unwrap(), SocketOption::Nodelay(false));
        assert!(info.sockname().unwrap().as_ip().unwrap().ip().is_loopback());
    });
}
