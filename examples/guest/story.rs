//! What the guest does: ordinary polyloop code.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use polyloop::{Result, TcpListener, TcpStream};

/// Messages that go there and back, one after the other.
pub(crate) const ROUND_TRIPS: u64 = 10_000;

/// Sleeps, one after the other, while the messages go.
pub(crate) const SLEEPS: u64 = 100;
const SLEEP: Duration = Duration::from_millis(2);

/// What has been done, for the host to see.
#[derive(Clone, Default)]
pub(crate) struct Progress {
    pub(crate) round_trips: Rc<Cell<u64>>,
    pub(crate) sleeps: Rc<Cell<u64>>,
    /// Sleeps that ended before they should have.
    pub(crate) early: Rc<Cell<u64>>,
}

/// Adds one to a count.
fn count(cell: &Cell<u64>) {
    cell.set(cell.get() + 1);
}

/// Talks to itself over TCP, and sleeps beside that.
pub(crate) async fn tell(progress: Progress) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = polyloop::create_task(async move {
        let (stream, _) = listener.accept().await?;
        echo(stream).await
    });
    let sleeper = polyloop::create_task(sleep_again_and_again(progress.clone()));

    let mut client = TcpStream::connect(address).await?;
    for number in 0..ROUND_TRIPS {
        let message = number.to_be_bytes();
        client.write_all(&message).await?;
        if read_exactly(&mut client).await? == message {
            count(&progress.round_trips);
        }
    }
    drop(client);
    server.await??;
    sleeper.await?;
    Ok(())
}

async fn echo(mut stream: TcpStream) -> Result<()> {
    let mut buf = [0; 64];
    loop {
        match stream.read(&mut buf).await? {
            0 => return Ok(()),
            count => stream.write_all(&buf[..count]).await?,
        }
    }
}

/// Reads one message; zeros stand for what the end of the stream cut off.
async fn read_exactly(stream: &mut TcpStream) -> Result<[u8; 8]> {
    let mut message = [0; 8];
    let mut filled = 0;
    while filled < message.len()
        && let count @ 1.. = stream.read(&mut message[filled..]).await?
    {
        filled += count;
    }
    Ok(message)
}

async fn sleep_again_and_again(progress: Progress) {
    for _ in 0..SLEEPS {
        let before = polyloop::time();
        polyloop::sleep(SLEEP).await;
        count(&progress.sleeps);
        if polyloop::time().since(before) < SLEEP {
            count(&progress.early);
        }
    }
}
