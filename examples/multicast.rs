//! Teaches: datagrams to a group, and receivers that share a port.
//!
//!     cargo run --release --example multicast -- --receive
//!     cargo run --release --example multicast -- --send "hello, group"
//!     cargo run --release --example multicast -- --self-test
//!
//! A receiver joins the group and prints what is sent to it, until Ctrl-C; any number of them may
//! run on one machine. The sender's datagrams stay in the local network. The self-test does both on the
//! loopback interface, and says so where that takes no groups.
#![forbid(unsafe_code)]

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use polyloop::{
    Backend, Error, ErrorKind, Result, Runner, SocketOption, UdpSocket, UdpSpec, timeout,
};
use polyloop_examples::{Arguments, exit};

const USAGE: &str = "multicast --receive | --send TEXT | --self-test [--group ADDR] [--port PORT] \
                     [--interface ADDR] [--backend auto|mio|io-uring|polling]";

/// Where the members of a group meet.
#[derive(Clone, Copy)]
struct Meeting {
    group: Ipv4Addr,
    port: u16,
    /// An address of the interface; unspecified lets the system choose one.
    interface: Ipv4Addr,
}

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<()> {
    let mut arguments = Arguments::of_process();
    let meeting = Meeting {
        group: arguments.value("--group")?.unwrap_or(Ipv4Addr::new(239, 255, 70, 70)),
        port: arguments.value("--port")?.unwrap_or(7070),
        interface: arguments.value("--interface")?.unwrap_or(Ipv4Addr::UNSPECIFIED),
    };
    let backend: Backend = arguments.value("--backend")?.unwrap_or_default();
    let text: Option<String> = arguments.value("--send")?;
    let (receives, tests) = (arguments.flag("--receive"), arguments.flag("--self-test"));
    arguments.finish(USAGE)?;

    let runner = Runner::builder().backend(backend).build()?;
    let result = match (text, receives, tests) {
        (Some(text), false, false) => runner.run(send(meeting, text)),
        (None, true, false) => runner.run(receive(meeting)),
        (None, false, true) => runner.run(self_test(meeting.group)),
        _ => return Err(Error::other(format_args!("say one of them (usage: {USAGE})"))),
    };
    match result {
        Err(error) if error.kind() == ErrorKind::Interrupted => {
            println!("stopped");
            Ok(())
        }
        result => result?,
    }
}

/// Joins the group; others on this machine may have joined it at the same port.
async fn join(meeting: Meeting) -> Result<UdpSocket> {
    let mut spec = UdpSpec::at(SocketAddr::from((Ipv4Addr::UNSPECIFIED, meeting.port)));
    spec.reuse_address = true;
    let socket = UdpSocket::open(spec).await?;
    socket.join_multicast_v4(meeting.group, meeting.interface)?;
    Ok(socket)
}

/// Makes a socket whose datagrams leave by the interface of the meeting.
async fn sender(meeting: Meeting) -> Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
    socket.set_option(SocketOption::MulticastInterfaceV4(meeting.interface))?;
    // Not beyond the local network, but to members on this machine too.
    socket.set_option(SocketOption::MulticastHops(1))?;
    socket.set_option(SocketOption::MulticastLoop(true))?;
    Ok(socket)
}

async fn receive(meeting: Meeting) -> Result<()> {
    let socket = join(meeting).await?;
    println!("in the group {} at port {}", meeting.group, meeting.port);
    std::io::stdout().flush()?;
    let mut buf = [0; 65_536];
    loop {
        let (count, from) = socket.recv_from(&mut buf).await?;
        println!("{from}: {}", String::from_utf8_lossy(&buf[..count]));
        std::io::stdout().flush()?;
    }
}

async fn send(meeting: Meeting, text: String) -> Result<()> {
    let to = SocketAddr::from((meeting.group, meeting.port));
    let count = sender(meeting).await?.send_to(text.as_bytes(), to).await?;
    println!("sent {count} bytes to {to}");
    Ok(())
}

/// Two members receive what one sender says, and one that has left does not.
async fn self_test(group: Ipv4Addr) -> Result<()> {
    let patience = Duration::from_secs(10);
    let mut meeting = Meeting { group, port: 0, interface: Ipv4Addr::LOCALHOST };
    let first = match join(meeting).await {
        Err(error) if error.raw_os_error().is_some() => {
            println!("skipped: the loopback interface takes no groups: {error}");
            return Ok(());
        }
        joined => joined?,
    };
    meeting.port = first.local_addr()?.port();
    let second = join(meeting).await?;
    let to = SocketAddr::from((group, meeting.port));
    let sender = sender(meeting).await?;
    let mut buf = [0; 64];
    sender.send_to(b"to both", to).await?;
    for member in [&first, &second] {
        let (count, _) = timeout(patience, member.recv_from(&mut buf)).await??;
        check(&buf[..count] == b"to both", "each member receives what is sent to the group")?;
    }
    second.leave_multicast_v4(group, meeting.interface)?;
    sender.send_to(b"to one", to).await?;
    let (count, _) = timeout(patience, first.recv_from(&mut buf)).await??;
    check(&buf[..count] == b"to one", "the member that stays goes on receiving")?;
    println!("ok: {} members at {to} (backend {})", 2, polyloop::backend_info().name());
    Ok(())
}

fn check(holds: bool, what: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::other(format_args!("it does not hold that {what}"))) }
}
