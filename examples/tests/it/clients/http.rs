//! `http_hello`, by curl and wrk.

use super::{assert_greeted_twice_on_one_connection, client, curl, on_each_backend, run};
use crate::http_files::Folder;
use crate::server::Server;

#[test]
fn curl_asks_twice_on_one_connection_and_sends_a_large_body() {
    on_each_backend(&["curl"], |backend| {
        let server = Server::start_example("http_hello", &[], backend);
        let url = format!("http://{}/", server.address());
        assert_greeted_twice_on_one_connection(&[], &url, backend);

        // More than curl sends before it asks whether to continue.
        let mut curl = curl(&["--data", &"x".repeat(100_000)]);
        curl.args(["--expect100-timeout", "50", "--write-out", "%{http_code}"]);
        curl.args(["--header", "Expect: 100-continue", &url]);
        // How much of it curl sends once it is refused is curl's affair.
        assert_eq!(run(curl), "405 Method Not Allowed\n405", "{backend}");
    });
}

#[test]
fn wrk_finds_no_errors() {
    on_each_backend(&["wrk"], |backend| {
        let server = Server::start_example("http_hello", &[], backend);
        let mut wrk = client("wrk");
        wrk.args(["-c", "64", "-t", "1", "-d", "2s", &format!("http://{}/", server.address())]);
        let said = run(wrk);
        // wrk prints these lines only if there is something to say.
        assert!(!said.contains("Socket errors") && !said.contains("Non-2xx"), "{backend}: {said}");
        assert!(said.contains("Requests/sec:"), "{backend}: {said}");
        assert_eq!(server.interrupt().0.code(), Some(0), "{backend}");
    });
}

#[test]
fn curl_fetches_a_file_and_goes_on_where_it_stopped() {
    let folder = Folder::new("curl");
    on_each_backend(&["curl"], |backend| {
        let server = folder.serve(backend);
        let url = format!("http://{}/large.bin", server.address());
        let target = folder.path.join("fetched");
        let half = folder.large.len() / 2;
        std::fs::write(&target, &folder.large[..half]).expect("a file");
        let mut curl = curl(&["--continue-at", "-", &url, "--output"]);
        curl.arg(&target);
        run(curl);
        let fetched = std::fs::read(&target).expect("what was fetched");
        assert!(fetched == folder.large, "{backend}: {} bytes", fetched.len());
    });
}
