use std::time::Duration;

use polyloop::process::{Command, PIPE};
use polyloop::{ErrorKind, wait_for};

use super::shell;
use crate::run;

#[test]
fn a_mebibyte_goes_through_a_process_both_ways() {
    run(async {
        let bytes: Vec<u8> = (0..1 << 20).map(|n: u32| (n * 31 / 7) as u8).collect();
        let mut cat = shell("tee /dev/stderr").stdin(PIPE).stdout(PIPE).stderr(PIPE).await.unwrap();
        let (output, errors) = cat.communicate(&bytes).await.unwrap();
        assert!(output == bytes && errors == bytes, "{} and {} bytes", output.len(), errors.len());
        assert_eq!(cat.returncode(), Some(0));
        assert!(cat.stdin().is_none() && cat.stdout().is_none() && cat.stderr().is_none());
    });
}

#[test]
fn a_talk_that_is_given_up_goes_on_where_it_was() {
    run(async {
        let script = "echo first; read line; echo $line >&2; read line; echo $line";
        let mut process = shell(script).stdin(PIPE).stdout(PIPE).stderr(PIPE).await.unwrap();
        // A half line does not end the reading, and the pipe is kept open by a second writer's end.
        let patience = Duration::from_millis(300);
        let mut slow = shell("echo begun; exec sleep 60").stdout(PIPE).await.unwrap();
        assert!(wait_for(slow.communicate(""), patience).await.is_err());
        assert!(wait_for(slow.communicate(""), Duration::ZERO).await.is_err());
        slow.kill().unwrap();
        assert_eq!(slow.communicate("").await.unwrap(), (b"begun\n".to_vec(), vec![]));
        assert_eq!(slow.returncode(), Some(-9));
        let (output, errors) = process.communicate("second\nthird\n").await.unwrap();
        assert_eq!((&*output, &*errors), (&b"first\nthird\n"[..], &b"second\n"[..]));
    });
}

#[test]
fn a_large_input_that_was_given_up_half_way_goes_on() {
    run(async {
        let bytes = vec![b'x'; 1 << 20];
        // Nobody reads until the file is there, so the input is stuck half-way.
        let path = std::env::temp_dir().join(format!("polyloop-talk-{}", std::process::id()));
        let script = format!("while [ ! -e {0} ]; do sleep 0.01; done; wc -c", path.display());
        let mut process = shell(&script).stdin(PIPE).stdout(PIPE).await.unwrap();
        let given_up = wait_for(process.communicate(&bytes), Duration::from_millis(100)).await;
        assert!(given_up.is_err());
        std::fs::write(&path, "").unwrap();
        let (output, _) = process.communicate("").await.unwrap();
        assert_eq!(String::from_utf8(output).unwrap().trim(), "1048576");
        std::fs::remove_file(path).unwrap();
    });
}

#[test]
fn a_process_need_not_read_its_input() {
    run(async {
        let mut process = shell("exec true").stdin(PIPE).await.unwrap();
        process.communicate(vec![0; 1 << 20]).await.unwrap();
        assert_eq!(process.returncode(), Some(0));
        let mut process = Command::new("true").spawn().unwrap();
        let error = process.communicate("input").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        process.wait().await.unwrap();
    });
}

#[test]
fn pipes_are_streams_of_the_loop() {
    run(async {
        let mut cat = Command::new("cat").stdin(PIPE).stdout(PIPE).await.unwrap();
        let mut buf = [0; 16];
        for word in ["one", "two"] {
            cat.stdin().as_mut().unwrap().write_all(word.as_bytes()).await.unwrap();
            let count = cat.stdout().as_mut().unwrap().read(&mut buf).await.unwrap();
            assert_eq!(&buf[..count], word.as_bytes());
        }
        *cat.stdin() = None;
        assert_eq!(cat.stdout().as_mut().unwrap().read(&mut buf).await.unwrap(), 0);
        assert!(cat.wait().await.unwrap().success());
    });
}

/// Ends that fail: sockets that their peer has reset stand in for the process's pipes.
#[test]
fn the_errors_of_talking_name_the_process() {
    use polyloop::io::{PipeReader, PipeWriter};
    use polyloop::process::Command;

    fn reset() -> std::os::fd::OwnedFd {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let here = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (there, _) = listener.accept().unwrap();
        let there = socket2::Socket::from(there);
        there.set_linger(Some(std::time::Duration::ZERO)).unwrap();
        drop(there);
        here.into()
    }

    run(async {
        let mut process = Command::shell("exit 0").stdout(PIPE).stdin(PIPE).await.unwrap();
        let name = format!("process {} (", process.pid());
        *process.stdout() = Some(PipeReader::from_fd(reset()).unwrap());
        let error = process.communicate("").await.unwrap_err();
        assert!(error.to_string().starts_with("read the output of process "), "{error}");
        assert!(error.to_string().contains(&name), "{error}");
        *process.stdin() = Some(PipeWriter::from_fd(reset()).unwrap());
        *process.stdout() = None;
        let error = process.communicate("x").await.unwrap_err();
        assert!(error.to_string().starts_with("write to the input of process "), "{error}");
        assert!(error.to_string().contains(&name), "{error}");
        *process.stdin() = None;
        let error = process.communicate("x").await.unwrap_err();
        assert!(error.to_string().starts_with("give input to process "), "{error}");
        assert!(error.to_string().contains(&name), "{error}");
        assert!(process.wait().await.unwrap().success());
    });
}
