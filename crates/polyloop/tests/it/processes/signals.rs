use std::os::unix::process::ExitStatusExt;

use polyloop::process::{Command, PIPE};
use polyloop::signal::SignalKind;

use super::{is_known, shell, until, waiting};
use crate::run;

#[test]
fn a_process_is_stopped_terminated_and_killed() {
    run(async {
        let process = waiting();
        process.send_signal(SignalKind::STOP).unwrap();
        process.send_signal(SignalKind::CONTINUE).unwrap();
        process.terminate().unwrap();
        assert_eq!(process.wait().await.unwrap().signal(), Some(15));
        assert_eq!(process.returncode(), Some(-15));
        let process = waiting();
        process.kill().unwrap();
        assert_eq!(process.wait().await.unwrap().signal(), Some(9));
    });
}

#[test]
fn a_process_that_has_ended_gets_no_signal() {
    run(async {
        let process = Command::new("true").spawn().unwrap();
        process.wait().await.unwrap();
        assert!(!is_known(process.pid()));
        for error in [process.kill(), process.signal_group(SignalKind::KILL)] {
            let error = error.unwrap_err();
            assert_eq!(error.raw_os_error(), Some(rustix::io::Errno::SRCH.raw_os_error()));
            let expected = format!("send SIGKILL to process {} (true)", process.pid());
            assert!(error.to_string().starts_with(&expected), "{error}");
        }
    });
}

/// The system gives numbers again, which root can hasten on Linux; where not, this tests nothing.
#[test]
fn a_number_that_was_given_again_is_not_signalled() {
    run(async {
        for _ in 0..20 {
            let ended = Command::new("true").spawn().unwrap();
            ended.wait().await.unwrap();
            let last = (ended.pid() - 1).to_string();
            if std::fs::write("/proc/sys/kernel/ns_last_pid", last).is_err() {
                return;
            }
            let other = waiting();
            if other.pid() != ended.pid() {
                continue;
            }
            assert!(ended.kill().is_err() && ended.signal_group(SignalKind::KILL).is_err());
            other.terminate().unwrap();
            assert_eq!(other.wait().await.unwrap().signal(), Some(15), "it was killed before");
            return;
        }
    });
}

#[test]
fn a_group_is_killed_whole() {
    run(async {
        let script = "sleep 60 & echo $!; wait";
        let mut leader = shell(script).process_group(0).stdout(PIPE).await.unwrap();
        let mut buf = [0; 32];
        assert!(leader.stdout().as_mut().unwrap().read(&mut buf).await.unwrap() > 0, "it has begun");
        leader.signal_group(SignalKind::KILL).unwrap();
        assert_eq!(leader.wait().await.unwrap().signal(), Some(9));
        // It is a child of nobody's now; as a zombie it has closed the pipe that the leader gave it.
        assert_eq!(leader.stdout().as_mut().unwrap().read(&mut buf).await.unwrap(), 0);
    });
}

#[test]
fn dropping_kills_only_what_is_to_be_killed_and_leaves_no_zombie() {
    run(async {
        let mut killed = Command::new("cat").stdin(PIPE).kill_on_drop(true).spawn().unwrap();
        let input = killed.stdin().take();
        let pid = killed.pid();
        assert!(is_known(pid));
        drop(killed);
        until("the process is killed and waited for", || !is_known(pid)).await;
        drop(input);

        let mut left = waiting();
        let (pid, input) = (left.pid(), left.stdin().take());
        drop(left);
        for _ in 0..20 {
            polyloop::yield_now().await;
        }
        assert!(is_known(pid), "it runs on");
        drop(input);
        until("the loop has waited for the process", || !is_known(pid)).await;
    });
}
