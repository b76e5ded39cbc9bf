//! `http_hello`, by curl and wrk.

use polyloop_examples::available_backends;

use super::{client, run};
use crate::http_files::Folder;
use crate::server::Server;

#[test]
fn curl_asks_twice_on_one_connection_and_sends_a_large_body() {
    for backend in available_backends() {
        let Some(mut curl) = client("curl") else { return };
        let server = Server::start_example("http_hello", &[], &backend);
        let url = format!("http://{}/", server.address);
        curl.args(["--silent", "--show-error", "--max-time", "60"]);
        curl.args(["--write-out", "%{num_connects} %{http_code}\n", &url, &url]);
        let said = run(curl);
        assert_eq!(said, "Hello, world!\n1 200\nHello, world!\n0 200\n", "{backend}");

        // More than curl sends before it asks whether to continue.
        let Some(mut curl) = client("curl") else { return };
        curl.args(["--silent", "--show-error", "--max-time", "60", "--data", &"x".repeat(100_000)]);
        curl.args(["--expect100-timeout", "50", "--write-out", "%{http_code}"]);
        curl.args(["--header", "Expect: 100-continue", &url]);
        // How much of it curl sends once it is refused is curl's affair.
        assert_eq!(run(curl), "405 Method Not Allowed\n405", "{backend}");
    }
}

#[test]
fn wrk_finds_no_errors() {
    for backend in available_backends() {
        let Some(mut wrk) = client("wrk") else { return };
        let server = Server::start_example("http_hello", &[], &backend);
        wrk.args(["-c", "64", "-t", "1", "-d", "2s", &format!("http://{}/", server.address)]);
        let said = run(wrk);
        // wrk prints these lines only if there is something to say.
        assert!(!said.contains("Socket errors") && !said.contains("Non-2xx"), "{backend}: {said}");
        assert!(said.contains("Requests/sec:"), "{backend}: {said}");
        assert_eq!(server.interrupt().0.code(), Some(0), "{backend}");
    }
}

#[test]
fn curl_fetches_a_file_and_goes_on_where_it_stopped() {
    let folder = Folder::new("curl");
    for backend in available_backends() {
        let Some(mut curl) = client("curl") else { return };
        let server = folder.serve(&backend);
        let url = format!("http://{}/large.bin", server.address);
        let target = folder.path.join("fetched");
        let half = folder.large.len() / 2;
        std::fs::write(&target, &folder.large[..half]).expect("a file");
        curl.args([
            "--silent",
            "--show-error",
            "--max-time",
            "60",
            "--continue-at",
            "-",
            "--output",
        ]);
        curl.arg(&target).arg(&url);
        run(curl);
        let fetched = std::fs::read(&target).expect("what was fetched");
        assert!(fetched == folder.large, "{backend}: {} bytes", fetched.len());
    }
}
