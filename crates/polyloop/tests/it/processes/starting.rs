use std::fs::File;
use std::os::unix::process::ExitStatusExt;

use polyloop::process::{Command, DEVNULL, PIPE, STDOUT, Stdio};
use polyloop::{ErrorKind, create_subprocess_exec};

use super::shell;
use crate::run;

#[test]
fn a_program_gets_its_arguments_environment_and_directory() {
    run(async {
        let directory = std::env::temp_dir().canonicalize().unwrap();
        let mut env = create_subprocess_exec("/usr/bin/env", ["/bin/sh", "-c", "echo $A-$B; pwd"])
            .env_clear()
            .env("A", "one")
            .env("B", "two")
            .env_remove("B")
            .current_dir(&directory)
            .stdout(PIPE)
            .await
            .unwrap();
        let (output, errors) = env.communicate("").await.unwrap();
        let expected = format!("one-\n{}\n", directory.display());
        assert_eq!(String::from_utf8(output).unwrap(), expected);
        assert!(errors.is_empty());
        assert!(env.wait().await.unwrap().success());
    });
}

#[test]
fn output_and_status_tell_how_it_ended() {
    run(async {
        let output = shell("cat; echo out; echo err >&2; exit 3").output().await.unwrap();
        assert_eq!(output.stdout, b"out\n");
        assert_eq!(output.stderr, b"err\n");
        assert_eq!(output.status.code(), Some(3));
        let status = shell("kill -9 $$").status().await.unwrap();
        assert_eq!((status.code(), status.signal()), (None, Some(9)));
    });
}

#[test]
fn the_errors_can_go_where_the_output_goes() {
    run(async {
        let script = "echo one; echo two >&2; echo three";
        let both = shell(script).stderr(STDOUT).output().await.unwrap();
        assert_eq!((&*both.stdout, &*both.stderr), (&b"one\ntwo\nthree\n"[..], &b""[..]));
        let mut neither = shell(script).stdout(DEVNULL).stderr(STDOUT).await.unwrap();
        assert_eq!(neither.communicate("").await.unwrap(), (vec![], vec![]));
        let misplaced = shell("true").stdout(STDOUT).spawn().unwrap_err();
        assert_eq!(misplaced.kind(), ErrorKind::InvalidInput, "{misplaced}");
    });
}

#[test]
fn files_and_the_output_of_others_can_be_streams() {
    run(async {
        let path = std::env::temp_dir().join(format!("polyloop-processes-{}", std::process::id()));
        let to_file = shell("echo from a file").stdout(File::create(&path).unwrap());
        assert!(to_file.status().await.unwrap().success());
        let mut first =
            Command::new("cat").stdin(File::open(&path).unwrap()).stdout(PIPE).spawn().unwrap();
        let output = first.stdout().take().unwrap();
        let second = Command::new("tr")
            .args(["a-z", "A-Z"])
            .stdin(Stdio::from_reader(output).await.unwrap())
            .output()
            .await
            .unwrap();
        assert_eq!(second.stdout, b"FROM A FILE\n");
        assert!(first.wait().await.unwrap().success());
        std::fs::remove_file(path).unwrap();
    });
}

#[test]
fn what_cannot_be_started_is_named() {
    run(async {
        let error = Command::new("/no/such/program").spawn().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::NotFound));
        assert!(error.to_string().starts_with("start /no/such/program: "), "{error}");
        let error = Command::new("/etc/passwd").spawn().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::PermissionDenied));
        assert!(error.to_string().starts_with("start /etc/passwd: "), "{error}");
        let error = Command::new("true").current_dir("/no/such/place").status().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::NotFound));
        let expected = "start true in /no/such/place (no such directory): ";
        assert!(error.to_string().starts_with(expected), "{error}");
        let error = Command::new("true").arg("a\0b").spawn().unwrap_err();
        assert!(error.to_string().starts_with("start true: "), "{error}");
    });
    let error = Command::new("true").spawn().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "there is no loop");
}

#[test]
fn a_process_begins_with_no_signal_blocked_or_handled() {
    run(async {
        let events = polyloop::Loop::current().unwrap();
        let kind = polyloop::signal::SignalKind::USER_DEFINED_1;
        let _stream = polyloop::signal::signals([kind]).unwrap();
        drop(events);
        let Ok(output) = Command::new("cat").arg("/proc/self/status").output().await else {
            return;
        };
        let text = String::from_utf8(output.stdout).unwrap();
        for field in ["SigBlk:", "SigIgn:", "SigCgt:"] {
            let Some(line) = text.lines().find(|line| line.starts_with(field)) else { continue };
            let mask = u64::from_str_radix(line[field.len()..].trim(), 16).unwrap();
            // Up to 31: an executor may block real-time signals that C libraries use themselves.
            assert_eq!(mask & 0x7fff_ffff, 0, "{line}");
        }
    });
}

/// What `id` says of a process that runs as these.
async fn id_as(uid: u32, gid: u32) -> polyloop::Result<String> {
    let output = shell("id -u; id -g").uid(uid).gid(gid).output().await?;
    Ok(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_process_runs_as_a_user_and_a_group_by_number() {
    run(async {
        let own = (rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
        assert_eq!(id_as(own.0, own.1).await.unwrap(), format!("{}\n{}\n", own.0, own.1));
        match id_as(65534, 65533).await {
            Ok(text) => assert_eq!(text, "65534\n65533\n"),
            Err(error) => {
                let refused = ErrorKind::Io(std::io::ErrorKind::PermissionDenied);
                assert_eq!(error.kind(), refused, "only root may: {error}");
                assert!(error.to_string().starts_with("start "), "{error}");
            }
        }
        // All ones is no user's number: setuid answers EINVAL, setgid too.
        let error = id_as(u32::MAX, own.1).await.unwrap_err();
        assert!(error.to_string().starts_with("start "), "{error}");
    });
}

#[cfg(feature = "process-fds")]
#[test]
fn descriptors_are_passed_under_their_numbers() {
    use std::io::{Read, Write};

    run(async {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let (source, mut sink) = std::io::pipe().unwrap();
        sink.write_all(b"through\n").unwrap();
        drop(sink);
        let command =
            shell("read line <&7; echo got $line >&9").pass_fd(writer, 9).pass_fd(source, 7);
        assert!(command.status().await.unwrap().success());
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "got through\n");
        let (one, other) = std::io::pipe().unwrap();
        let twice = shell("true").pass_fd(one, 5).pass_fd(other, 5).spawn().unwrap_err();
        assert_eq!(twice.kind(), ErrorKind::InvalidInput, "{twice}");
    });
}
