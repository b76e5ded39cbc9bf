use std::time::Duration;

use polyloop::process::{Command, DEVNULL, PIPE, SubprocessProtocol, SubprocessTransport};
use polyloop::signal::SignalKind;
use polyloop::{Error, LoopFuture, create_future, subprocess_exec, subprocess_shell, timeout};

use super::{is_known, until};
use crate::{Log, run};

/// Notes what it is told, and sets a future at the last call.
struct Noting {
    log: Log,
    lost: LoopFuture<()>,
    input: Vec<u8>,
    panics: bool,
}

impl SubprocessProtocol for Noting {
    fn connection_made(&mut self, transport: &SubprocessTransport) {
        self.log.push("made");
        if let Some(input) = transport.pipe_transport(0) {
            input.write(&self.input);
            // More than that is kept, so the protocol is told when it may go on.
            if self.input.len() < 1 << 16 {
                input.write_eof();
            }
        }
    }

    fn pipe_data_received(&mut self, _: &SubprocessTransport, number: i32, data: &[u8]) {
        self.log.push(format!("data {number} {}", String::from_utf8_lossy(data).trim()));
        assert!(!self.panics, "on purpose");
    }

    fn pipe_connection_lost(&mut self, t: &SubprocessTransport, number: i32, e: Option<Error>) {
        assert!(t.pipe_transport(number).is_none(), "it is closed");
        let error = e.map_or(String::new(), |error| format!(" {:?}", error.kind()));
        self.log.push(format!("pipe lost {number}{error}"));
    }

    fn process_exited(&mut self, transport: &SubprocessTransport) {
        self.log.push(format!("exited {:?}", transport.returncode()));
    }

    fn connection_lost(&mut self, _: &SubprocessTransport) {
        self.log.push("lost");
        self.lost.set_result(()).unwrap();
    }

    fn pause_writing(&mut self, transport: &SubprocessTransport) {
        assert!(transport.returncode().is_none());
        self.log.push("pause");
    }

    fn resume_writing(&mut self, transport: &SubprocessTransport) {
        self.log.push("resume");
        transport.pipe_transport(0).unwrap().write_eof();
    }
}

/// A protocol, what it notes, and what is set when it has been told of the end.
fn noting(input: &[u8]) -> (Noting, Log, LoopFuture<()>) {
    let (log, lost) = (Log::default(), create_future());
    let (input, panics) = (input.to_owned(), false);
    (Noting { log: log.clone(), lost: lost.clone(), input, panics }, log, lost)
}

fn position(log: &[String], what: &str) -> usize {
    log.iter().position(|line| line == what).unwrap_or_else(|| panic!("no {what} in {log:?}"))
}

#[test]
fn a_protocol_is_told_of_each_pipe_and_of_the_process_in_order() {
    run(async {
        let (protocol, log, lost) = noting(b"given");
        let script = "read line; echo $line; echo err >&2; exit 3";
        let transport = subprocess_shell(|| protocol, script).unwrap();
        assert!(log.take().is_empty(), "nothing is told before the next iteration");
        lost.await.unwrap();
        let log = log.take();
        assert_eq!((log.first().unwrap().as_str(), log.last().unwrap().as_str()), ("made", "lost"));
        assert!(position(&log, "data 1 given") < position(&log, "pipe lost 1"), "{log:?}");
        assert!(position(&log, "data 2 err") < position(&log, "pipe lost 2"), "{log:?}");
        position(&log, "pipe lost 0");
        position(&log, "exited Some(3)");
        assert_eq!(log.len(), 8, "{log:?}");
        assert_eq!(transport.returncode(), Some(3));
        assert!(transport.kill().is_err() && transport.pipe_transport(1).is_none());
    });
}

#[test]
fn an_input_that_nobody_reads_does_not_keep_a_protocol() {
    run(async {
        let (protocol, log, lost) = noting(&vec![b'x'; 1 << 20]);
        subprocess_exec(|| protocol, "true", [""; 0]).unwrap();
        lost.await.unwrap();
        let log = log.take();
        position(&log, "exited Some(0)");
        assert_eq!(log.last().unwrap(), "lost");
    });
}

#[test]
fn writing_pauses_and_resumes_also_from_within_a_method() {
    run(async {
        let (protocol, log, lost) = noting(&vec![b'x'; 1 << 20]);
        subprocess_shell(|| protocol, "wc -c").unwrap();
        lost.await.unwrap();
        let log = log.take();
        assert!(position(&log, "pause") < position(&log, "resume"), "{log:?}");
        position(&log, "data 1 1048576");
    });
}

#[test]
fn a_group_is_signalled_whole_by_its_transport() {
    run(async {
        let (protocol, log, lost) = noting(b"");
        // Whoever sleeps keeps the pipe of the output, so its end tells of both processes.
        let command = Command::shell("sleep 60 & echo begun; wait").process_group(0);
        let transport = command.stdout(PIPE).start_protocol(|| protocol).unwrap();
        until("it has begun", || log.0.borrow().contains(&"data 1 begun".to_owned())).await;
        transport.signal_group(SignalKind::KILL).unwrap();
        timeout(Duration::from_secs(20), lost).await.expect("nobody sleeps on").unwrap();
        assert_eq!(transport.returncode(), Some(-9), "{:?}", log.take());
        let error = transport.signal_group(SignalKind::KILL).unwrap_err();
        assert!(error.to_string().contains("SIGKILL to process"), "{error}");
    });
}

#[test]
fn closing_a_transport_kills_its_process_and_a_panic_closes_it() {
    run(async {
        let (protocol, log, lost) = noting(b"");
        let command = Command::new("sleep").arg("60").stdin(DEVNULL).stdout(DEVNULL);
        let transport = command.start_protocol(|| protocol).unwrap();
        let pid = transport.pid();
        assert!(transport.pipe_transport(0).is_none() && transport.pipe_transport(2).is_some());
        transport.close();
        lost.await.unwrap();
        assert_eq!(log.take(), ["made", "pipe lost 2", "exited Some(-9)", "lost"]);
        until("it is waited for", || !is_known(pid)).await;

        polyloop::Loop::current().unwrap().set_exception_handler(|_| {});
        let (mut protocol, log, lost) = noting(b"");
        protocol.panics = true;
        let transport = subprocess_shell(|| protocol, "echo out; exec sleep 60").unwrap();
        lost.await.unwrap();
        assert_eq!(transport.returncode(), Some(-9), "{:?}", log.take());
    });
}

#[test]
fn a_protocol_goes_with_its_loop() {
    let runner = polyloop::Runner::new().unwrap();
    let log = runner
        .run(async {
            let (protocol, log, _) = noting(b"");
            let command = Command::new("sleep").arg("60").kill_on_drop(true);
            let transport = command.start_protocol(|| protocol).unwrap();
            polyloop::sleep(Duration::from_millis(1)).await;
            drop(transport);
            log
        })
        .unwrap();
    let Log(kept) = &log;
    assert!(std::rc::Rc::strong_count(kept) > 1, "the loop keeps the protocol");
    drop(runner);
    let Log(kept) = &log;
    assert_eq!(std::rc::Rc::strong_count(kept), 1, "the protocol is dropped with its loop");
}
