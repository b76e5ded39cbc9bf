//! What a program wrote before it ended arrives, also where the peer is slow and the loop had it to send soon.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use polyloop::TcpStream;

use crate::run;

/// More than the system keeps for a connection, in writes that a loop takes to send soon.
const WRITES: usize = 1500;
const WRITE: [u8; 12_000] = [7; 12_000];

#[test]
fn what_was_written_arrives_although_the_loop_ends_right_behind_it() {
    for extra in 0..4 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let writes = WRITES + extra;
        let reader = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(b"!").unwrap();
            // Until it is full on the way, and the writer's loop about to end.
            let mut count = 0;
            let mut buf = vec![0; 256 * 1024];
            loop {
                std::thread::sleep(Duration::from_millis(5));
                match stream.read(&mut buf).unwrap() {
                    0 => return count,
                    read => count += read,
                }
            }
        });
        run(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 1);
            // A read that waits, so that the loop hears of a broken connection.
            let early = polyloop::timeout(Duration::from_millis(1), stream.read(&mut [0; 8])).await;
            assert!(early.is_err());
            for _ in 0..writes {
                stream.write_all(&WRITE).await.unwrap();
            }
        });
        assert_eq!(reader.join().unwrap(), writes * WRITE.len());
    }
}
