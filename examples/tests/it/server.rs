//! An example that serves, in a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, ExitStatus, Stdio};

use polyloop::Backend;
use rustix::process::{Pid, Signal, kill_process};

use crate::process::example;

/// An example that listens; it is killed with this.
pub(crate) struct Server {
    child: Child,
    output: BufReader<ChildStdout>,
    /// The address or path that it listens at.
    pub(crate) listens: String,
}

impl Server {
    /// Starts `echo_server` at a port of the system's choice, and reads where that is.
    pub(crate) fn start(backend: &Backend) -> Server {
        Server::start_example("echo_server", &[], backend)
    }

    /// Starts an example likewise, with further arguments.
    pub(crate) fn start_example(name: &str, arguments: &[&str], backend: &Backend) -> Server {
        Server::start_at(name, &[&["--listen", "127.0.0.1:0"], arguments].concat(), backend)
    }

    /// Starts an example that is told by its arguments where to listen.
    pub(crate) fn start_at(name: &str, arguments: &[&str], backend: &Backend) -> Server {
        let mut child = example(name)
            .args(["--backend", backend.name()])
            .args(arguments)
            .stdout(Stdio::piped())
            // It tells there of every peer that disappears, and tests make many.
            .stderr(Stdio::null())
            .spawn()
            .expect("the example can be started");
        let mut output = BufReader::new(child.stdout.take().expect("the output is piped"));
        let mut line = String::new();
        output.read_line(&mut line).expect("the server's first line");
        let words: Vec<&str> = line.split_whitespace().collect();
        let expected = format!("{})", backend.name());
        let ["listening", "on", address, "(backend", name] = words[..] else {
            panic!("the server said {line:?}")
        };
        assert_eq!(name, expected, "an explicit choice is obeyed");
        let listens = address.to_owned();
        Server { child, output, listens }
    }

    /// Gives the address that it listens at.
    pub(crate) fn address(&self) -> SocketAddr {
        self.listens.parse().expect("an address and a port")
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Presses Ctrl-C, and gives how the server ended and what it said last.
    pub(crate) fn interrupt(mut self) -> (ExitStatus, String) {
        kill_process(Pid::from_child(&self.child), Signal::INT).expect("the server runs");
        let mut said = String::new();
        self.output.read_to_string(&mut said).expect("the server's last words");
        (self.child.wait().expect("the server ends"), said)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already unless a test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
