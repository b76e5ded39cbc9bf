//! Teaches: one task per connection that write to each other's, and what to do with a slow reader.
//!
//!     cargo run --release --example chat -- --listen 127.0.0.1:7008
//!
//! and then `nc 127.0.0.1 7008`, several times. The first line of each is a name; every further line
//! goes to all others. Nobody waits for anybody: writing never waits, and a member that does not
//! read is cut off when too much is kept for it.
#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use polyloop::{Backend, ErrorKind, ReadError, Result, Runner, Server, StreamReader, StreamWriter};
use polyloop_examples::{Arguments, exit};

const USAGE: &str = "chat [--listen ADDR] [--backend auto|mio|io-uring|polling]";

/// Bytes that are kept for a member who does not read.
const KEPT_MAX: usize = 256 * 1024;

/// The longest name and line, in bytes.
const LINE_MAX: usize = 4096;

const MEMBERS_MAX: usize = 1000;

/// How long somebody may be silent, in words and in reading.
const SILENCE_MAX: Duration = Duration::from_secs(3600);

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<()> {
    let mut arguments = Arguments::of_process();
    let listen = arguments.value("--listen")?;
    let listen: SocketAddr = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 7008)));
    let backend: Backend = arguments.value("--backend")?.unwrap_or_default();
    arguments.finish(USAGE)?;

    let runner = Runner::builder().backend(backend).build()?;
    match runner.run(serve(listen)) {
        Err(error) if error.kind() == ErrorKind::Interrupted => {
            println!("stopped");
            Ok(())
        }
        result => result?,
    }
}

async fn serve(listen: SocketAddr) -> Result<()> {
    let room = Rc::new(Room::default());
    let server = Server::builder()
        .connections_max(MEMBERS_MAX)
        .idle_timeout(SILENCE_MAX)
        .start_server(move |reader, writer| visit(room.clone(), reader, writer), listen)
        .await?;
    let backend = polyloop::backend_info();
    println!("listening on {} (backend {})", server.local_addr()?, backend.name());
    // Whoever started this program may be reading the line from a pipe.
    std::io::stdout().flush()?;
    server.serve_forever().await
}

/// Who is there, by name.
#[derive(Default)]
struct Room {
    members: RefCell<BTreeMap<String, Rc<StreamWriter>>>,
}

/// A name in the room; it goes when this is dropped, however the visit ends.
struct Member {
    room: Rc<Room>,
    name: String,
}

impl Room {
    /// Lets somebody in, unless the name is taken.
    fn enter(self: Rc<Self>, name: &str, writer: Rc<StreamWriter>) -> Option<Member> {
        let mut members = self.members.borrow_mut();
        if members.contains_key(name) {
            return None;
        }
        members.insert(name.to_owned(), writer);
        drop(members);
        self.tell(name, &format!("* {name} joined\n"));
        Some(Member { room: self, name: name.to_owned() })
    }

    /// Writes to all but one, and cuts off who does not read.
    fn tell(&self, but: &str, line: &str) {
        for (_, writer) in self.members.borrow().iter().filter(|(name, _)| *name != but) {
            writer.write(line.as_bytes());
            if writer.write_buffer_size() > KEPT_MAX {
                writer.abort();
            }
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.room.members.borrow_mut().remove(&self.name);
        self.room.tell(&self.name, &format!("* {} left\n", self.name));
    }
}

/// One connection, from its first line to its last.
async fn visit(
    room: Rc<Room>,
    mut reader: StreamReader,
    writer: StreamWriter,
) -> Result<(), ReadError> {
    reader.set_limit(LINE_MAX);
    let writer = Rc::new(writer);
    let Some(name) = read_line(&mut reader).await?.filter(|name| !name.is_empty()) else {
        writer.write(b"* a name, please\n");
        return Ok(());
    };
    let Some(member) = room.enter(&name, writer.clone()) else {
        writer.write(b"* that name is taken\n");
        return Ok(());
    };
    writer.write(format!("* welcome, {name}\n").as_bytes());
    loop {
        match read_line(&mut reader).await {
            Ok(Some(line)) => member.room.tell(&name, &format!("{name}: {line}\n")),
            Ok(None) => return Ok(()),
            Err(error) if error.is_limit_overrun() => writer.write(b"* that was too long\n"),
            // A peer that disappears has left; there is nothing to report.
            Err(ReadError::Failed(_)) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// Reads a line without its end; nothing at the end of the stream.
async fn read_line(reader: &mut StreamReader) -> Result<Option<String>, ReadError> {
    let line = reader.readline().await?;
    let text = String::from_utf8_lossy(&line);
    Ok((!line.is_empty()).then(|| text.trim_end().to_owned()))
}
