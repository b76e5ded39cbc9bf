//! Messages between two sockets of one loop, which the kernel hands over before the send returns.

use std::net::{Ipv4Addr, SocketAddr};

use polyloop::{Runner, UdpSocket, UnixStream, create_task};

use super::Work;
use crate::section::Section;

pub(super) const WORKS: &[Work] =
    &[("stream write and read", write_and_read), ("stream echo", echo), ("udp", datagram)];

const ROUNDS: u64 = 1_000;
const MESSAGE: [u8; 64] = [7; 64];

fn run(runner: &Runner, work: impl Future<Output = ()> + 'static) {
    runner.run(work).expect("the loop runs");
}

fn write_and_read(runner: &Runner) {
    run(runner, async {
        let (mut one, mut other) = UnixStream::pair().await.expect("a pair");
        let mut buf = [0; 64];
        // What happens once a stream is left out.
        let mut section = None;
        for round in 0..=ROUNDS {
            one.write_all(&MESSAGE).await.expect("sent");
            other.read_exact(&mut buf).await.expect("received");
            if round == 0 {
                section = Some(Section::begin("write a message and read it at the other end"));
            }
        }
        section.expect("set in the first round").end(ROUNDS);
    });
}

fn echo(runner: &Runner) {
    run(runner, async {
        let (mut near, mut far) = UnixStream::pair().await.expect("a pair");
        let echoing = create_task(async move {
            let mut buf = [0; 64];
            for _ in 0..=ROUNDS {
                far.read_exact(&mut buf).await.expect("received");
                far.write_all(&buf).await.expect("sent");
            }
        });
        let mut buf = [0; 64];
        let mut section = None;
        for round in 0..=ROUNDS {
            near.write_all(&MESSAGE).await.expect("sent");
            near.read_exact(&mut buf).await.expect("received");
            if round == 0 {
                section = Some(Section::begin("write a message to a task that waits for it"));
            }
        }
        section.expect("set in the first round").end(2 * ROUNDS);
        echoing.await.expect("nobody cancels it");
    });
}

fn datagram(runner: &Runner) {
    run(runner, async {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let one = UdpSocket::bind(any).await.expect("bound");
        let other = UdpSocket::bind(any).await.expect("bound");
        let address = other.local_addr().expect("it has one");
        let mut buf = [0; 64];
        let mut section = None;
        for round in 0..=ROUNDS {
            one.send_to(&MESSAGE, address).await.expect("sent");
            other.recv_from(&mut buf).await.expect("received");
            if round == 0 {
                section = Some(Section::begin("send a datagram and receive it"));
            }
        }
        section.expect("set in the first round").end(ROUNDS);
    });
}
