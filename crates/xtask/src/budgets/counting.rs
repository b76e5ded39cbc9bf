use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::table::{self, Row};

/// What was counted just now.
#[derive(Clone, Debug, Default)]
pub(super) struct Counted {
    pub(super) facts: String,
    /// One for each operation on each backend: the least of its sections.
    pub(super) rows: Vec<Row>,
}

/// The C library copies memory with what the processor has, and each way has its own count: with this,
/// all x86-64 processors are alike.
const TUNABLES: &str = "glibc.cpu.hwcaps=-AVX2,-AVX_Fast_Unaligned_Load,-ERMS,-FSRM,-AVX512VL";

/// The function at whose entry callgrind writes its counts down.
const MARK: &str = "*mark_of_a_section*";

impl Counted {
    pub(super) fn find(&self, like: &Row) -> Option<&Row> {
        table::find(&self.rows, like)
    }

    pub(super) fn architecture(&self) -> &str {
        table::architecture(&self.facts)
    }

    /// Tells whether nothing of a backend was counted: it does not run here, and the program has said so.
    pub(super) fn is_refused(&self, backend: &str) -> bool {
        !self.rows.iter().any(|row| row.backend == backend)
    }
}

/// Builds the program, runs it under callgrind, and reads what was counted.
pub(super) fn count(root: &Path, parts: &[&str]) -> Result<Counted, String> {
    let valgrind = output(Command::new("valgrind").arg("--version"))
        .map_err(|error| format!("{error} (scripts/install-clients installs it)"))?;
    let program = build(root)?;
    // The profiles of an earlier run would be taken for those of this one.
    let folder = root.join("target/budgets");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut command = Command::new("valgrind");
    command.arg("--tool=callgrind").arg(format!("--dump-before={MARK}"));
    command.arg("--callgrind-out-file=profile").arg(program).args(parts);
    // What is in the environment lies on the stack and moves what comes after it.
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let sections = output(command.env("GLIBC_TUNABLES", TUNABLES).current_dir(&folder))?;
    let compiler = output(Command::new("rustc").arg("--version"))?;
    let library = output(Command::new("getconf").arg("GNU_LIBC_VERSION"))
        .unwrap_or_else(|_| "no glibc".to_owned());
    let architecture = std::env::consts::ARCH;
    let facts = [architecture, compiler.trim(), library.trim(), valgrind.trim()].join(", ");
    Ok(Counted { facts, rows: rows(&folder, &sections)? })
}

/// Reads the sections that the program has printed, and the counts that callgrind has written.
fn rows(folder: &Path, sections: &str) -> Result<Vec<Row>, String> {
    let mut rows: Vec<Row> = Vec::new();
    for section in sections.lines() {
        let fields: Vec<&str> = section.split('\t').collect();
        let [dump, backend, operation, ops] = fields[..] else {
            return Err(format!("not a section: {section}"));
        };
        let profile = folder.join(format!("profile.{dump}"));
        let text = fs::read_to_string(&profile)
            .map_err(|error| format!("{}: {error}", profile.display()))?;
        let ops: f64 = ops.parse().map_err(|_| format!("not a section: {section}"))?;
        let total = total(&text).ok_or_else(|| format!("{}: no total", profile.display()))?;
        let row = Row {
            backend: backend.to_owned(),
            operation: operation.to_owned(),
            instructions: total / ops,
            profile: shown(&profile),
        };
        match rows.iter_mut().find(|it| table::find(std::slice::from_ref(it), &row).is_some()) {
            Some(least) if least.instructions <= row.instructions => {}
            Some(least) => *least = row,
            None => rows.push(row),
        }
    }
    Ok(rows)
}

/// Gives the instructions of one of callgrind's files.
pub(super) fn total(profile: &str) -> Option<f64> {
    profile.lines().find_map(|line| line.strip_prefix("summary: ")?.trim().parse().ok())
}

fn build(root: &Path) -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--package", "polyloop-budgets", "--message-format=json"]);
    // Either would give other code than a plain release build.
    command.env("CARGO_INCREMENTAL", "0").env_remove("RUSTFLAGS").current_dir(root);
    let messages = output(command.stderr(Stdio::inherit()))?;
    let executable = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(PathBuf::from(message.get("executable")?.as_str()?))
    };
    messages.lines().find_map(executable).ok_or_else(|| "cargo built no program".to_owned())
}

/// Gives a path as a person would type it.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok().and_then(|here| here.canonicalize().ok());
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let relative = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    relative.unwrap_or(path).display().to_string()
}

fn output(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{name}: {error}"))
}
