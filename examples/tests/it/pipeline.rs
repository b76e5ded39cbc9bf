use std::io::Write;
use std::process::Stdio;

use polyloop_examples::available_backends;

use crate::process::{example, output_of, text};

#[test]
fn a_pipeline_of_processes_works_on_each_backend() {
    for backend in available_backends() {
        let output = output_of("pipeline", &["--backend", backend.name(), "--self-test"]);
        assert!(output.status.success(), "{backend}: {}", text(&output));
    }
}

#[test]
fn a_pipeline_is_one_to_the_shell_around_it() {
    for backend in available_backends() {
        let arguments = ["--backend", backend.name(), "tr", "a-z", "A-Z", "|", "grep", "-v", "B"];
        let mut child = example("pipeline")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(b"abc\nacc\n").unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success() && output.stdout == b"ACC\n", "{}", text(&output));
        for (script, code) in [("exit 5", 5), ("kill -9 $$", 137)] {
            let output = output_of("pipeline", &["true", "|", "sh", "-c", script]);
            assert_eq!(output.status.code(), Some(code), "{}", text(&output));
        }
        let output = output_of("pipeline", &["true", "|"]);
        assert!(text(&output).contains("a stage has no program"), "{}", text(&output));
    }
}
