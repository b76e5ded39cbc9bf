//! What the checks read: the workspace's packages, and the text files of its tree.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// One member of the workspace, with the dependencies its manifest names.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line under a `[dependencies]` table; `name` is the package's own name, never its alias.
#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: DependencyKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DependencyKind {
    Normal,
    Build,
    Dev,
}

/// One file of the tree; `path` is relative to the root, with forward slashes.
#[derive(Debug)]
pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Returns the workspace's root, whatever the current directory is.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Asks cargo for the members of the workspace at `root`.
pub(crate) fn packages(root: &Path) -> Result<Vec<Package>, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--format-version", "1", "--no-deps"];
    let json = output(Command::new(cargo).args(arguments).current_dir(root))?;
    packages_from_metadata(&json)
}

/// Reads what `cargo metadata --no-deps` prints.
pub(crate) fn packages_from_metadata(json: &str) -> Result<Vec<Package>, String> {
    let metadata: Value =
        serde_json::from_str(json).map_err(|error| format!("cargo metadata: {error}"))?;
    list(&metadata, "packages")?.iter().map(package).collect()
}

/// Reads the text files that git tracks or would track; what is not UTF-8 is left out.
pub(crate) fn text_files(root: &Path) -> Result<Vec<TextFile>, String> {
    // Without `-z` git would quote odd names. Untracked files are judged before they are added.
    let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let paths = output(Command::new("git").args(arguments).current_dir(root))?;
    let mut files = Vec::new();
    for path in paths.split_terminator('\0') {
        let full = root.join(path);
        // A file that is deleted but not yet committed so is still listed.
        if !full.is_file() {
            continue;
        }
        let bytes = std::fs::read(&full).map_err(|error| format!("{path}: {error}"))?;
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(TextFile { path: path.to_owned(), text });
        }
    }
    Ok(files)
}

fn package(value: &Value) -> Result<Package, String> {
    let dependencies: Result<_, _> = list(value, "dependencies")?.iter().map(dependency).collect();
    Ok(Package { name: text(value, "name")?, dependencies: dependencies? })
}

fn dependency(value: &Value) -> Result<Dependency, String> {
    let kind = match value.get("kind").and_then(Value::as_str) {
        None => DependencyKind::Normal,
        Some("build") => DependencyKind::Build,
        Some("dev") => DependencyKind::Dev,
        Some(other) => return Err(format!("cargo metadata: unknown dependency kind {other}")),
    };
    Ok(Dependency { name: text(value, "name")?, kind })
}

fn list<'a>(value: &'a Value, field: &str) -> Result<&'a Vec<Value>, String> {
    let found = value.get(field).and_then(Value::as_array);
    found.ok_or_else(|| format!("cargo metadata: no list `{field}`"))
}

fn text(value: &Value, field: &str) -> Result<String, String> {
    let found = value.get(field).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| format!("cargo metadata: no text `{field}`"))
}

fn output(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{name}: {error}"))
}
