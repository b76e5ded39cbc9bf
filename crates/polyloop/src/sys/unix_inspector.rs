//! Looking in from other processes: a Unix socket, served by a thread.
//!
//! One request a connection: a line with one word. The answer is a line `ok` and a text, or a line
//! that begins with `error: `. The thread posts the question to the loop and waits a while for the
//! answer, so that a loop that is blocked is reported as blocked.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use polyloop_core::{Error, Result};

use super::socket_file::SocketFile;
use crate::engine::{self, Shared};
use crate::inspection::{Pulse, Request};

/// How long a loop has to answer, and a client to ask: many times what a healthy one needs, and
/// less than a person's patience.
const PATIENCE: Duration = Duration::from_secs(1);

/// The longest request; longer ones are cut, and so not understood.
const REQUEST_LEN_MAX: u64 = 64;

/// Lets others look in until it is dropped. Its thread may answer one more request after that.
pub(crate) struct Inspector {
    file: SocketFile,
    listener: UnixListener,
    stopped: Arc<AtomicBool>,
}

struct Server {
    shared: Arc<Shared>,
    pulse: Arc<OnceLock<Arc<Pulse>>>,
    stopped: Arc<AtomicBool>,
}

impl Inspector {
    /// Listens at a path, or, if that is a directory, in it at a name with the process's id and
    /// the loop's.
    pub(crate) fn open(
        shared: Arc<Shared>,
        pulse: Arc<OnceLock<Arc<Pulse>>>,
        path: &Path,
    ) -> Result<Inspector> {
        let path = socket_path(path, &shared);
        let attempt = || -> io::Result<Inspector> {
            let (file, listener) = SocketFile::listen(&path)?;
            let stopped = Arc::new(AtomicBool::new(false));
            let server = Server { shared, pulse, stopped: stopped.clone() };
            let listening = listener.try_clone()?;
            let thread = std::thread::Builder::new().name("polyloop-inspector".to_owned());
            thread.spawn(move || server.serve(&listening))?;
            Ok(Inspector { file, listener, stopped })
        };
        attempt().map_err(|error| {
            let what = format!("let others look into the loop at {}", path.display());
            Error::from(error).attempting(what)
        })
    }

    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }
}

impl Drop for Inspector {
    fn drop(&mut self) {
        // Relaxed: the calls that wake the thread order it.
        self.stopped.store(true, Ordering::Relaxed);
        // Linux ends a waiting accept at the shutdown of its socket; elsewhere a connection does.
        if let Ok(listener) = self.listener.try_clone() {
            let _ = UnixStream::from(OwnedFd::from(listener)).shutdown(std::net::Shutdown::Both);
        }
        let _ = UnixStream::connect(self.file.path());
    }
}

fn socket_path(path: &Path, shared: &Shared) -> PathBuf {
    if path.is_dir() {
        path.join(format!("polyloop-{}-{}.sock", std::process::id(), shared.id().number()))
    } else {
        path.to_owned()
    }
}

impl Server {
    fn serve(&self, listener: &UnixListener) {
        loop {
            let accepted = listener.accept();
            if self.stopped.load(Ordering::Relaxed) {
                return;
            }
            match accepted {
                // A client that goes away has lost only its own answer.
                Ok((client, _)) => drop(self.answer(client)),
                // Out of descriptors, for one: trying again at once would only burn time.
                Err(_) => std::thread::sleep(PATIENCE),
            }
        }
    }

    fn answer(&self, mut client: UnixStream) -> io::Result<()> {
        client.set_read_timeout(Some(PATIENCE))?;
        client.set_write_timeout(Some(PATIENCE))?;
        let mut line = String::new();
        BufReader::new((&client).take(REQUEST_LEN_MAX)).read_line(&mut line)?;
        let reply = match line.trim_end().parse::<Request>() {
            Ok(request) => self.ask(request),
            Err(unknown) => Err(unknown),
        };
        match reply {
            Ok(text) => write!(client, "ok\n{text}"),
            Err(reason) => writeln!(client, "error: {reason}"),
        }
    }

    /// Has the loop answer a request.
    fn ask(&self, request: Request) -> Result<String, String> {
        let id = self.shared.id();
        let (sender, answers) = mpsc::sync_channel(1);
        let posted = self.shared.post_call(move || {
            let text = engine::find(id).map(|engine| request.answer(&engine));
            // Who asked may have lost patience.
            let _ = sender.try_send(text.unwrap_or_default());
        });
        posted.map_err(|_| "the loop is closed".to_owned())?;
        answers.recv_timeout(PATIENCE).map_err(|failure| match failure {
            RecvTimeoutError::Timeout => self.blocked(),
            RecvTimeoutError::Disconnected => "the loop was closed meanwhile".to_owned(),
        })
    }

    fn blocked(&self) -> String {
        let blockage = self.pulse.get().map(|pulse| pulse.blockage());
        let why = match blockage {
            Some(Some(blockage)) => blockage.to_string(),
            Some(None) => "nothing runs in it: nobody turns it".to_owned(),
            None => "a task blocks it, or nobody runs it; a watchdog would know".to_owned(),
        };
        format!("the loop has not answered for {PATIENCE:?}: {why}")
    }
}
