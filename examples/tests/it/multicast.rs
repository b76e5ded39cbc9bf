//! The example `multicast`, with itself and in two processes.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use polyloop_examples::available_backends;
use rustix::process::{Pid, Signal, kill_process};

use crate::process::{example, output_of, text};

#[test]
fn members_of_a_group_receive_what_is_sent_to_it() {
    for backend in available_backends() {
        let output = output_of("multicast", &["--self-test", "--backend", backend.name()]);
        println!("{}", text(&output));
        assert!(output.status.success(), "{backend}: {}", text(&output));
    }
}

#[test]
fn a_receiver_prints_what_another_process_sends() {
    // Held until the receiver has it, so that nobody else is given the port.
    let free = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("it is bound").port().to_string();
    drop(free);
    let place = ["--interface", "127.0.0.1", "--port", &port];
    let mut receiver = example("multicast")
        .arg("--receive")
        .args(place)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the example can be started");
    let mut lines = BufReader::new(receiver.stdout.take().expect("it is piped")).lines();
    match lines.next() {
        Some(line) => assert!(line.expect("text").starts_with("in the group 239.255.70.70")),
        None => {
            eprintln!("skipped: the loopback interface takes no groups");
            receiver.wait().expect("it has ended");
            return;
        }
    }
    let sent = output_of("multicast", &[&["--send", "hello"][..], &place].concat());
    assert!(sent.status.success(), "{}", text(&sent));
    let line = lines.next().expect("what was sent").expect("text");
    assert!(line.ends_with(": hello"), "{line}");
    kill_process(Pid::from_child(&receiver), Signal::INT).expect("the receiver runs");
    assert_eq!(lines.next().expect("its last words").expect("text"), "stopped");
    assert!(receiver.wait().expect("it ends").success());
}

#[test]
fn what_to_do_must_be_said_once_and_a_group_be_a_group() {
    for arguments in [&[][..], &["--receive", "--self-test"]] {
        let output = output_of("multicast", arguments);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
        assert!(text(&output).contains("usage"), "{}", text(&output));
    }
    let output = output_of("multicast", &["--receive", "--group", "10.1.2.3", "--port", "0"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("join the group 10.1.2.3"), "{}", text(&output));
}
