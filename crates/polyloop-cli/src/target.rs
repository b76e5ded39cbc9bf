//! Where the sockets of a process are.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The variable that tells a program to let others look in.
const ENVIRONMENT: &str = "POLYLOOP_INSPECT";

/// Finds the sockets that a process id or a path means; never none.
pub(crate) fn sockets(target: &str) -> Result<Vec<PathBuf>, String> {
    let found = match target.parse::<u32>() {
        Ok(process) => return sockets_of(process),
        Err(_) => Path::new(target),
    };
    match fs::metadata(found) {
        Err(error) => Err(format!("look for a loop's socket at {target}: {error}")),
        Ok(metadata) if !metadata.is_dir() => Ok(vec![found.to_owned()]),
        Ok(_) => match sockets_in(found, "polyloop-") {
            sockets if sockets.is_empty() => {
                Err(format!("there is no loop's socket (polyloop-*.sock) in {target}"))
            }
            sockets => Ok(sockets),
        },
    }
}

fn sockets_of(process: u32) -> Result<Vec<PathBuf>, String> {
    let entry = PathBuf::from(format!("/proc/{process}"));
    if Path::new("/proc/self").exists() && !entry.exists() {
        return Err(format!("there is no process {process}"));
    }
    let mut places = Vec::new();
    places.extend(environment_of(&entry));
    places.extend([ENVIRONMENT, "XDG_RUNTIME_DIR"].into_iter().filter_map(std::env::var_os));
    places.push(std::env::temp_dir().into_os_string());
    places.retain(|place| !place.is_empty());
    for place in &places {
        let place = Path::new(place);
        let sockets = match fs::metadata(place) {
            Ok(metadata) if metadata.is_dir() => sockets_in(place, &format!("polyloop-{process}-")),
            // The variable can name the socket itself; whose it is only that process's says.
            Ok(_) if Some(place.as_os_str()) == environment_of(&entry).as_deref() => {
                vec![place.to_owned()]
            }
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                return Err(format!("look for its socket in {}: {error}", place.display()));
            }
            _ => Vec::new(),
        };
        if !sockets.is_empty() {
            return Ok(sockets);
        }
    }
    let places: Vec<String> =
        places.iter().map(|place| Path::new(place).display().to_string()).collect();
    Err(format!(
        "process {process} lets nobody look in: there is no polyloop-{process}-*.sock in {} \
         (start it with {ENVIRONMENT}=DIRECTORY, or give the socket's path)",
        places.join(", ")
    ))
}

/// Gives what the variable says in another process, where the system tells.
fn environment_of(entry: &Path) -> Option<OsString> {
    let environment = fs::read(entry.join("environ")).ok()?;
    let value = environment.split(|byte| *byte == 0).find_map(|line| {
        let line = String::from_utf8_lossy(line);
        line.strip_prefix(&format!("{ENVIRONMENT}=")).map(str::to_owned)
    })?;
    // A relative path is relative to where that process is.
    let path = Path::new(&value);
    let base = if path.is_relative() { fs::read_link(entry.join("cwd")).ok()? } else { "".into() };
    Some(base.join(path).into_os_string())
}

fn sockets_in(directory: &Path, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let is_socket = |name: &str| name.starts_with(prefix) && name.ends_with(".sock");
    let mut sockets: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(is_socket))
        .map(|entry| entry.path())
        .collect();
    sockets.sort();
    sockets
}
