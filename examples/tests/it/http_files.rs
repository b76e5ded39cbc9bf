//! The example `http_hello` with the files of a folder.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use polyloop_examples::available_backends;

use crate::random::Random;
use crate::server::Server;

/// A folder with a large file and a small one, that goes with this.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    pub(crate) large: Vec<u8>,
}

impl Folder {
    pub(crate) fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("polyloop-{name}-{}", std::process::id()));
        let large = Random::new(3).bytes(3 * 1024 * 1024 + 7);
        fs::create_dir_all(path.join("inner")).expect("a folder of its own");
        fs::write(path.join("large.bin"), &large).expect("a file in it");
        fs::write(path.join("index.html"), "<p>hello</p>").expect("a file in it");
        Folder { path, large }
    }

    pub(crate) fn serve(&self, backend: &polyloop::Backend) -> Server {
        let root = self.path.to_str().expect("a path of text");
        Server::start_example("http_hello", &["--root", root], backend)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// A response: its head, and what came behind.
struct Response {
    head: String,
    body: Vec<u8>,
}

/// A client that keeps its connection.
struct Client {
    stream: TcpStream,
}

impl Client {
    fn connect(server: &Server) -> Client {
        let stream = TcpStream::connect(server.address).expect("the server accepts");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket takes a timeout");
        Client { stream }
    }

    fn ask(&mut self, method: &str, target: &str, fields: &str) -> Response {
        let request = format!("{method} {target} HTTP/1.1\r\nHost: h\r\n{fields}\r\n");
        self.stream.write_all(request.as_bytes()).expect("the server reads");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).expect("the server answers");
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).expect("a head is text");
        let len = field(&head, "Content-Length").expect("every response has a length");
        let len: usize = len.parse().expect("a number");
        let mut body = vec![0; if method == "HEAD" { 0 } else { len }];
        self.stream.read_exact(&mut body).expect("all of it");
        Response { head, body }
    }
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(found, _)| *found == name).map(|(_, value)| value)
}

fn status(response: &Response) -> &str {
    response.head.split(' ').nth(1).expect("a status")
}

#[test]
fn files_come_as_a_whole_and_in_parts_on_one_connection() {
    let folder = Folder::new("parts");
    for backend in available_backends() {
        let server = folder.serve(&backend);
        let mut client = Client::connect(&server);
        let whole = client.ask("GET", "/large.bin", "");
        assert!(whole.body == folder.large, "{backend}");
        assert_eq!(field(&whole.head, "Content-Type"), Some("application/octet-stream"));
        let page = client.ask("GET", "/", "");
        assert_eq!(page.body, b"<p>hello</p>", "{backend}");
        let len = folder.large.len();
        for (range, bytes) in [
            ("bytes=0-0", 0..1),
            ("bytes=1000000-2000000", 1_000_000..2_000_001),
            ("bytes=-8", len - 8..len),
            ("bytes=3145000-", 3_145_000..len),
        ] {
            let part = client.ask("GET", "/large.bin", &format!("Range: {range}\r\n"));
            assert_eq!(status(&part), "206", "{backend}: {range}");
            let told = format!("bytes {}-{}/{len}", bytes.start, bytes.end - 1);
            assert_eq!(field(&part.head, "Content-Range"), Some(told.as_str()));
            assert!(part.body == folder.large[bytes], "{backend}: {range}");
        }
        let past = client.ask("GET", "/large.bin", "Range: bytes=9999999-\r\n");
        assert_eq!((status(&past), past.body.len()), ("416", 0), "{backend}");
        let head = client.ask("HEAD", "/large.bin", "");
        assert_eq!(field(&head.head, "Content-Length"), Some(len.to_string().as_str()));
        let modified = field(&whole.head, "Last-Modified").expect("files have a date");
        let since = format!("If-Modified-Since: {modified}\r\n");
        assert_eq!(status(&client.ask("GET", "/large.bin", &since)), "304", "{backend}");
        assert_eq!(server.interrupt().0.code(), Some(0), "{backend}");
    }
}

#[test]
fn what_is_no_file_of_the_folder_is_not_found() {
    let folder = Folder::new("found");
    for backend in available_backends() {
        let server = folder.serve(&backend);
        let mut client = Client::connect(&server);
        for target in ["/none", "/inner", "/inner/", "/../etc/passwd", "/%2e%2e/x", "//etc/passwd"]
        {
            assert_eq!(status(&client.ask("GET", target, "")), "404", "{backend}: {target}");
        }
        assert_eq!(status(&client.ask("POST", "/", "")), "405", "{backend}");
    }
}

#[test]
fn a_client_that_goes_away_in_the_middle_costs_nobody_anything() {
    let folder = Folder::new("middle");
    for backend in available_backends() {
        let server = folder.serve(&backend);
        for _ in 0..20 {
            let mut gone = Client::connect(&server);
            let request = b"GET /large.bin HTTP/1.1\r\n\r\n";
            gone.stream.write_all(request).expect("the server reads");
            gone.stream.read_exact(&mut [0; 1000]).expect("it begins");
        }
        assert!(Client::connect(&server).ask("GET", "/large.bin", "").body == folder.large);
        assert_eq!(server.interrupt().0.code(), Some(0), "{backend}");
    }
}
