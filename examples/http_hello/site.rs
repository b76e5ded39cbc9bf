//! The folder whose files are served.

use std::path::{Component, Path, PathBuf};

/// A folder, and nothing outside of it.
pub(crate) struct Site {
    root: PathBuf,
}

impl Site {
    pub(crate) fn new(root: PathBuf) -> Site {
        Site { root }
    }

    /// Finds the path of a file that a request names; nothing for what no file can be.
    ///
    /// A name that ends with a slash is that of the page inside. Whatever would lead out of the
    /// folder names nothing; symbolic links inside it are followed, as whoever made them wished.
    pub(crate) fn path_of(&self, target: &str) -> Option<PathBuf> {
        let name = target.split(['?', '#']).next()?;
        let name = decoded(name.strip_prefix('/')?)?;
        let is_plain = |part| matches!(part, Component::Normal(_));
        // An absolute path, a `..`, and on Windows a drive are no plain names.
        if !Path::new(&name).components().all(is_plain) || name.contains(['\0', '\\']) {
            return None;
        }
        let path = self.root.join(&name);
        Some(if name.is_empty() || name.ends_with('/') { path.join("index.html") } else { path })
    }
}

/// Replaces each `%XX` by its byte; nothing if the whole is not text then.
fn decoded(name: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%' {
            let (digits, after) = after.split_at_checked(2)?;
            let digit = |at: usize| char::from(digits[at]).to_digit(16);
            bytes.push((digit(0)? * 16 + digit(1)?) as u8);
            rest = after;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Gives the type of what a file holds, by its name.
pub(crate) fn type_of(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html" | "htm") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_files_in_the_folder() {
        let site = Site::new(PathBuf::from("site"));
        for (target, path) in [
            ("/", "site/index.html"),
            ("/a.txt", "site/a.txt"),
            ("/a/b/?x=../y", "site/a/b/index.html"),
            ("/a%20b%C3%BC", "site/a bü"),
            ("/a//b", "site/a/b"),
        ] {
            assert_eq!(site.path_of(target), Some(PathBuf::from(path)), "{target}");
        }
    }

    #[test]
    fn nothing_leads_out_of_the_folder() {
        let site = Site::new(PathBuf::from("site"));
        for target in [
            "",
            "a",
            "/..",
            "/../x",
            "/a/../../x",
            "/%2e%2e/x",
            "/a/%2E./x",
            "//etc/passwd",
            "/%2fetc/passwd",
            "/a%00b",
            "/a%",
            "/a%f",
            "/a%zz",
            "/%ff",
            "/..%5cx",
        ] {
            assert_eq!(site.path_of(target), None, "{target}");
        }
    }
}
