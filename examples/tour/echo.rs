use std::rc::Rc;

use polyloop::{Result, TcpListener, TcpStream, create_task, gather, try_gather};
use sha2::{Digest, Sha256};

/// Connections that are open at once.
const CONNECTIONS: usize = 64;

/// Sends a file through an echo server, over all connections at once, and gives the checksum of
/// what came back: one if it is the same on every connection.
pub(crate) async fn file(bytes: Rc<Vec<u8>>) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = create_task(serve(listener));
    let clients = (0..CONNECTIONS).map(|_| {
        let bytes = bytes.clone();
        async move { there_and_back(TcpStream::connect(address).await?, bytes).await }
    });
    let mut checksums = try_gather(clients).await?;
    server.cancel();
    checksums.sort();
    checksums.dedup();
    Ok(checksums.join(" and "))
}

/// Gives the SHA-256 of some bytes, in hexadecimal digits.
pub(crate) fn checksum(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

async fn serve(listener: TcpListener) -> Result<()> {
    loop {
        let (stream, _peer) = listener.accept().await?;
        create_task(echo(stream));
    }
}

async fn echo(mut stream: TcpStream) -> Result<()> {
    let mut buf = vec![0; 16 * 1024];
    while let count @ 1.. = stream.read(&mut buf).await? {
        stream.write_all(&buf[..count]).await?;
    }
    Ok(())
}

/// Writes and reads at once: an echo that nobody reads would soon stop the writing.
async fn there_and_back(stream: TcpStream, bytes: Rc<Vec<u8>>) -> Result<String> {
    let (mut reader, mut writer) = stream.into_split();
    let sending = async move {
        writer.write_all(&bytes).await?;
        writer.shutdown().await
    };
    let receiving = async move {
        let mut sum = Sha256::new();
        let mut buf = vec![0; 16 * 1024];
        while let count @ 1.. = reader.read(&mut buf).await? {
            sum.update(&buf[..count]);
        }
        polyloop::Result::Ok(hexadecimal(&sum.finalize()))
    };
    let (sent, received) = gather!(sending, receiving).await?;
    sent?;
    received
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
