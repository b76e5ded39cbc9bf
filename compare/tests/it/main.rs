//! The program as a whole, on the peers that are quick to build and to run.

use std::path::PathBuf;
use std::process::{Command, Output};

/// Runs the program with peers that are always compiled in.
fn run(folder: &str, arguments: &[&str]) -> (Output, PathBuf) {
    let output = std::env::temp_dir().join(format!("polyloop-{folder}-{}", std::process::id()));
    let mut command = Command::new(env!("CARGO_BIN_EXE_polyloop-compare"));
    command.args(arguments).arg("--output").arg(&output);
    (command.output().expect("the program starts"), output)
}

#[test]
fn a_quick_run_measures_and_writes_every_page() {
    let peers =
        "epoll,io_uring,mio,libuv,tokio,smol,polyloop-mio,polyloop-io-uring,polyloop-polling";
    let works = "echo-50x64,echo-1x128K,accept,udp-64,http,idle,read-32,yield,timer-cancel,thread";
    let (output, folder) = run(
        "smoke",
        &["--quick", "--repetitions", "1", "--seconds", "0.03", "--only", works, "--peers", peers],
    );
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    // A peer may be refused by the kernel or not be installed; none may fail at its work.
    assert!(!told.contains("failed"), "{told}");
    let page = std::fs::read_to_string(folder.join("comparison.md")).unwrap();
    for peer in ["epoll", "mio", "tokio", "smol", "polyloop-mio", "polyloop-polling"] {
        assert!(page.contains(&format!("\n| {peer} | ")), "{peer} has no figures: {page}");
    }
    let json = std::fs::read_to_string(folder.join("comparison.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    let cells = report["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 13, "{works}");
    for cell in cells {
        let name = &cell["name"];
        let rows = cell["rows"].as_array().unwrap();
        let tokio = rows.iter().find(|row| row["peer"] == "tokio").unwrap();
        let figures = tokio["figures"].as_object().unwrap();
        assert!(!figures.is_empty(), "{name}: tokio has no figures");
        if figures.contains_key("rate") {
            assert!(figures["rate"][0].as_f64().unwrap() > 0.0, "{name}");
            assert!(figures["cpu_ns"][0].as_f64().unwrap() > 0.0, "{name}");
        }
    }
    let html = std::fs::read_to_string(folder.join("comparison.html")).unwrap();
    assert!(html.contains("<svg") && html.ends_with("</html>\n"));

    // The pages can be made again from the samples alone.
    let again = Command::new(env!("CARGO_BIN_EXE_polyloop-compare"))
        .arg("render")
        .arg(folder.join("comparison.json"))
        .arg("--output")
        .arg(folder.join("again"))
        .output()
        .unwrap();
    assert!(again.status.success());
    let rendered = std::fs::read_to_string(folder.join("again/comparison.md")).unwrap();
    assert_eq!(rendered, page);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn nothing_to_measure_is_said() {
    let (output, _) = run("nothing", &["--only", "no-such-work"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing to measure"));
    let (output, _) = run("nobody", &["--peers", "no-such-peer"]);
    assert!(!output.status.success());
}

#[test]
fn a_child_ends_when_its_input_does() {
    for (peer, work) in [("tokio", "echo"), ("epoll", "echo"), ("polyloop-mio", "yield")] {
        let child = Command::new(env!("CARGO_BIN_EXE_polyloop-compare"))
            .args(["serve", "--peer", peer, "--work", work, "--cpu", "0"])
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        assert!(child.status.success(), "{peer} {work}");
        assert!(String::from_utf8_lossy(&child.stdout).starts_with("ready "), "{peer} {work}");
    }
}

/// What is committed under docs/ was written from the samples that are committed beside it.
#[test]
fn the_committed_pages_are_those_of_the_committed_samples() {
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let folder = std::env::temp_dir().join(format!("polyloop-docs-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(docs.join("benchmarking.md"), folder.join("benchmarking.md")).unwrap();
    let rendered = Command::new(env!("CARGO_BIN_EXE_polyloop-compare"))
        .arg("render")
        .arg(docs.join("comparison.json"))
        .arg("--output")
        .arg(&folder)
        .output()
        .unwrap();
    assert!(rendered.status.success(), "{}", String::from_utf8_lossy(&rendered.stderr));
    for page in ["comparison.md", "comparison.json", "comparison.html", "benchmarking.md"] {
        let (old, new) = (docs.join(page), folder.join(page));
        let (old, new) =
            (std::fs::read_to_string(old).unwrap(), std::fs::read_to_string(new).unwrap());
        let first = old.lines().zip(new.lines()).find(|(old, new)| old != new);
        let anew = "cargo run -p polyloop-compare --no-default-features -- render docs/comparison.json --output docs";
        assert!(old == new, "{page} is not what `{anew}` writes, first at {first:?}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// So were the predictions of docs/scaling.md.
#[test]
fn the_predictions_are_those_of_the_committed_samples() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = root.join("docs/scaling.md");
    let copy = std::env::temp_dir().join(format!("polyloop-scaling-{}.md", std::process::id()));
    std::fs::copy(&page, &copy).unwrap();
    let script = root.join("scripts/predict-scaling");
    let predicted = match Command::new("python3").arg(script).arg("--write").arg(&copy).output() {
        Ok(predicted) => predicted,
        Err(error) => return eprintln!("skipped: python3 cannot be run: {error}"),
    };
    assert!(predicted.status.success(), "{}", String::from_utf8_lossy(&predicted.stderr));
    let same = std::fs::read(&page).unwrap() == std::fs::read(&copy).unwrap();
    std::fs::remove_file(copy).unwrap();
    assert!(same, "it is not what `scripts/predict-scaling --write docs/scaling.md` writes");
}
