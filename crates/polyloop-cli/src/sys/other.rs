use std::path::Path;

pub(crate) fn ask(_: &Path, _: &str) -> Result<String, String> {
    Err("looking into a process needs Unix sockets, which this system does not have".to_owned())
}
