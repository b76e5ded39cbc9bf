//! Handles that travel through Unix sockets.

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::rc::Rc;
use std::time::Duration;

use polyloop::{ErrorKind, UnixDatagram, UnixStream, create_task, sleep};

use crate::run;

/// Counts what the process has open.
#[cfg(target_os = "linux")]
fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[test]
fn a_handle_that_arrives_is_the_receivers_own() {
    run(async {
        let (here, there) = UnixStream::pair().await.unwrap();
        let receiving = create_task(async move {
            let mut buf = [0; 16];
            let received = there.recv_handles(&mut buf, 4).await.unwrap();
            (received, buf, there)
        });
        sleep(Duration::from_millis(5)).await;
        let (mut reader, writer) = std::io::pipe().unwrap();
        let sent = here.send_handles(b"take it", &[writer.as_fd()]).await.unwrap();
        drop(writer);
        assert_eq!(sent, 7);
        let (mut received, buf, _there) = receiving.await.unwrap();
        assert_eq!((&buf[..received.len], received.truncated), (&b"take it"[..], false));
        let mut handle = received.handles.pop().unwrap();
        assert!(received.handles.is_empty());
        handle.write_all(b"through the pipe").unwrap();
        drop(handle);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "through the pipe");
    });
}

#[test]
fn handles_beyond_the_room_are_closed_and_told_of() {
    run(async {
        let (here, there) = UnixDatagram::pair().await.unwrap();
        let (reader, writer) = std::io::pipe().unwrap();
        let three = [writer.as_fd(); 3];
        here.send_handles(b"x", &three).await.unwrap();
        let received = there.recv_handles(&mut [0; 4], 1).await.unwrap();
        assert_eq!((received.handles.len(), received.truncated), (1, true));
        drop((received, writer));
        // Nobody holds the write end any more: what did not fit was closed.
        let mut reader = polyloop::io::PipeReader::from_std(reader).unwrap();
        assert_eq!(reader.read(&mut [0; 4]).await.unwrap(), 0);
    });
}

#[test]
fn a_stream_that_was_read_before_says_that_handles_would_be_lost() {
    run(async {
        let (here, mut there) = UnixStream::pair().await.unwrap();
        let waiting = polyloop::timeout(Duration::from_millis(5), there.read(&mut [0; 4])).await;
        assert!(waiting.is_err());
        let error = there.recv_handles(&mut [0; 4], 1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Busy);
        assert!(error.to_string().contains("read before"), "{error}");
        let error = here.send_handles(b"", &[std::io::stdin().as_fd()]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    });
}

#[test]
fn sending_handles_waits_for_room() {
    run(async {
        let (here, there) = UnixStream::pair().await.unwrap();
        let sending = create_task(async move {
            let mut sent = 0;
            while sent < 1_000_000 {
                sent += here.send_handles(&[7; 10_000], &[]).await.unwrap();
            }
            sent
        });
        sleep(Duration::from_millis(10)).await;
        let (mut received, mut buf) = (0, vec![0; 60_000]);
        loop {
            match there.recv_handles(&mut buf, 1).await.unwrap().len {
                0 => break,
                count => received += count,
            }
        }
        assert_eq!(sending.await.unwrap(), received);
    });
}

/// Handles that are received, dropped unread with their socket, taken by a plain read, or left out:
/// none stays open. In a process of its own, because the descriptors of other tests would count.
#[test]
#[cfg(target_os = "linux")]
fn no_handle_stays_open() {
    const CHILD: &str = "POLYLOOP_TEST_HANDLES_CHILD";
    if std::env::var_os(CHILD).is_none() {
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["handles::no_handle_stays_open", "--exact", "--test-threads=1", "--nocapture"])
            .env(CHILD, "1")
            .status()
            .unwrap();
        assert!(status.success());
        return;
    }
    run(async {
        let round = async || {
            let (here, there) = UnixStream::pair().await.unwrap();
            let (_reader, writer) = std::io::pipe().unwrap();
            let two = [writer.as_fd(); 2];
            here.send_handles(b"one", &two).await.unwrap();
            assert_eq!(there.recv_handles(&mut [0; 8], 2).await.unwrap().handles.len(), 2);
            here.send_handles(b"two", &two).await.unwrap();
            assert_eq!(there.recv_handles(&mut [0; 8], 1).await.unwrap().handles.len(), 1);
            here.send_handles(b"three", &two).await.unwrap();
            let mut there = there;
            there.read_exact(&mut [0; 5]).await.unwrap();
            here.send_handles(b"four", &two).await.unwrap();
            drop((here, there));
        };
        round().await;
        let settled = async |before: usize| {
            while open_descriptors() > before {
                sleep(Duration::from_millis(1)).await;
            }
        };
        sleep(Duration::from_millis(20)).await;
        let before = open_descriptors();
        for _ in 0..50 {
            round().await;
        }
        let settling = polyloop::timeout(Duration::from_secs(5), settled(before)).await;
        assert!(settling.is_ok(), "{before} were open, now {}", open_descriptors());
    });
}

#[test]
fn any_number_of_tasks_wait_for_room_to_send_handles() {
    run(async {
        const EACH: usize = 100;
        let (here, there) = UnixStream::pair().await.unwrap();
        let (_reader, writer) = std::io::pipe().unwrap();
        let (here, writer) = (Rc::new(here), Rc::new(writer));
        let sending: Vec<_> = (0..3)
            .map(|_| {
                let (here, writer) = (here.clone(), writer.clone());
                create_task(async move {
                    let mut sent = 0;
                    for _ in 0..EACH {
                        sent += here.send_handles(&[1; 8192], &[writer.as_fd()]).await.unwrap();
                    }
                    sent
                })
            })
            .collect();
        drop(here);
        let receiving = create_task(async move {
            let (mut bytes, mut handles) = (0, 0);
            let mut buf = vec![0; 8192];
            loop {
                let received = there.recv_handles(&mut buf, 4).await.unwrap();
                if received.len == 0 {
                    return (bytes, handles);
                }
                bytes += received.len;
                handles += received.handles.len();
            }
        });
        let mut sent = 0;
        for task in sending {
            sent += task.await.unwrap();
        }
        assert_eq!(receiving.await.unwrap(), (sent, 3 * EACH));
    });
}
