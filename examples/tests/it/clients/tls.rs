//! `tls_echo` and `http_hello --tls`, by openssl and curl.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::Stdio;

use polyloop_examples::available_backends;

use super::{assert_greeted_twice_on_one_connection, client, curl, on_each_backend};
use crate::process::{output_of, output_within, text};
use crate::server::Server;

/// A certificate for `localhost` and its key, in files that end with this.
struct Identity {
    folder: PathBuf,
}

impl Identity {
    fn make(test: &str) -> Identity {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
        let folder = format!("polyloop-{test}-{}", std::process::id());
        let identity = Identity { folder: std::env::temp_dir().join(folder) };
        std::fs::create_dir_all(&identity.folder).expect("a folder for the files");
        std::fs::write(identity.certificate(), made.cert.pem()).expect("the certificate's file");
        std::fs::write(identity.key(), made.signing_key.serialize_pem()).expect("the key's file");
        identity
    }

    fn certificate(&self) -> String {
        self.folder.join("certificate.pem").to_str().expect("a plain path").to_owned()
    }

    fn key(&self) -> String {
        self.folder.join("key.pem").to_str().expect("a plain path").to_owned()
    }
}

impl Drop for Identity {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn openssl_speaks_both_versions_to_the_echo_and_ends_in_order() {
    let identity = Identity::make("openssl");
    let arguments = ["--tls", &identity.certificate(), &identity.key()];
    on_each_backend(&["openssl", "timeout"], |backend| {
        let server = Server::start_example("tls_echo", &arguments, backend);
        for version in ["-tls1_2", "-tls1_3"] {
            // Whatever happens, it ends by itself.
            let mut openssl = client("timeout");
            openssl.args(["60", "openssl", "s_client", "-quiet", "-no_ign_eof", version]);
            openssl.args(["-verify_return_error", "-verify_hostname", "localhost"]);
            openssl.args(["-CAfile", &identity.certificate()]);
            openssl.args(["-connect", &server.address().to_string()]);
            openssl.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
            let mut child = openssl.spawn().expect("openssl can be started");
            let mut input = child.stdin.take().expect("it is piped");
            let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
            for line in ["hello\n", "and again\n"] {
                input.write_all(line.as_bytes()).expect("openssl reads");
                let mut echoed = String::new();
                output.read_line(&mut echoed).expect("openssl writes");
                assert_eq!(echoed, line, "{backend}, {version}");
            }
            drop(input);
            assert!(child.wait().expect("openssl ends").success(), "{backend}, {version}");
        }
        assert_eq!(server.interrupt().0.code(), Some(0), "{backend}");
    });
}

#[test]
fn curl_asks_twice_on_one_connection_and_refuses_another_name() {
    let identity = Identity::make("curl");
    let arguments = ["--tls", &identity.certificate(), &identity.key()];
    on_each_backend(&["curl"], |backend| {
        let server = Server::start_example("http_hello", &arguments, backend);
        let port = server.address().port();
        let certificate = identity.certificate();
        let here = format!("localhost:{port}:127.0.0.1");
        let trusting = ["--cacert", &certificate, "--resolve", &here];
        let url = format!("https://localhost:{port}/");
        assert_greeted_twice_on_one_connection(&trusting, &url, backend);

        let other = format!("example.com:{port}:127.0.0.1");
        let mut other_name = curl(&["--cacert", &certificate, "--resolve", &other]);
        other_name.arg(format!("https://example.com:{port}/"));
        let output = output_within(&mut other_name, super::PATIENCE);
        // Its number for a peer that cannot be verified.
        assert_eq!(output.status.code(), Some(60), "{backend}: {}", text(&output));

        // Plain text to the same port gets no greeting, and harms nobody.
        let mut plain = curl(&[&format!("http://{}/", server.address())]);
        let output = output_within(&mut plain, super::PATIENCE);
        assert!(!output.status.success(), "{backend}: {}", text(&output));
        assert_eq!(server.interrupt().0.code(), Some(0), "{backend}");
    });
}

#[test]
fn the_echo_passes_its_self_test() {
    for backend in available_backends() {
        let output = output_of("tls_echo", &["--self-test", "--backend", backend.name()]);
        let said = text(&output);
        assert!(output.status.success(), "{backend}: {said}");
        assert!(said.contains("only valid for") && said.contains("self-test passed"), "{said}");
    }
}

#[test]
fn a_missing_certificate_is_named() {
    let output = output_of("tls_echo", &["--tls", "no/such/certificate.pem", "no/such/key.pem"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("no/such/certificate.pem"), "{}", text(&output));
}
