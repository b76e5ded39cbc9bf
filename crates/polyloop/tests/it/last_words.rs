//! What a program wrote before it ended arrives, also where the peer is slow and the loop had it to send soon.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use polyloop::TcpStream;

use crate::run;

/// A loop takes writes of this size to send soon.
const WRITE: [u8; 12_000] = [7; 12_000];

/// What is said before: a loop learns that the stream is read.
const GREETINGS: usize = 5;

/// More of them than a system keeps for a connection that nobody reads.
const WRITES_MAX: usize = 10_000;

#[test]
fn what_was_written_arrives_although_the_loop_ends_right_behind_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (full, is_full) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        for _ in 0..GREETINGS {
            stream.write_all(b"!").unwrap();
            stream.read_exact(&mut [0]).unwrap();
        }
        is_full.recv().unwrap();
        // The writer's loop ends meanwhile.
        std::thread::sleep(Duration::from_millis(300));
        let mut received = Vec::new();
        stream.read_to_end(&mut received).unwrap();
        received.len()
    });
    let written = run(async move {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // Reads that wait, so that the loop would hear of a broken connection.
        for _ in 0..GREETINGS {
            assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 1);
            stream.write_all(b"?").await.unwrap();
        }
        let wait = Duration::from_millis(20);
        let mut written = 0;
        while let Ok(wrote) = polyloop::timeout(wait, stream.write_all(&WRITE)).await {
            wrote.unwrap();
            written += WRITE.len();
            assert!(written < WRITES_MAX * WRITE.len(), "nobody reads, and it is not full");
        }
        full.send(()).unwrap();
        written
    });
    let received = reader.join().unwrap();
    // Of the write that was given up some may have gone.
    assert!((written..written + WRITE.len()).contains(&received), "{received} of {written} bytes");
}
