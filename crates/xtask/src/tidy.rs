//! How files must read, as far as a machine can tell.
//!
//! The lists below are ratchets: an entry that is no longer needed is a finding too, so they only
//! ever shrink unless someone argues for a new line in review.

#[cfg(test)]
mod tests;

use crate::rust_code::{code_only, has_word};
use crate::workspace::TextFile;

/// The files that may hold unsafe code. A crate with none under its `src/` must forbid it.
const UNSAFE_FILES: &[&str] = &[
    // Chunks of the pool: shared memory behind one pointer, returned from any thread.
    "crates/polyloop-core/src/chunk/block.rs",
    "crates/polyloop-core/src/chunk/pool.rs",
    "crates/polyloop-core/src/chunk/returns.rs",
    // Waiting by a call that mio does not make.
    "crates/polyloop-mio/src/sys/linux_wait.rs",
    // Registering a source with the polling crate.
    "crates/polyloop-polling/src/sys/register.rs",
    // The bytes of a kernel's address.
    "crates/polyloop-os/src/sys/kernel_path.rs",
    // The descriptor of a socket by its number.
    "crates/polyloop-os/src/sys/unix_socket_fd.rs",
    // Two socket options that no crate in use knows.
    "crates/polyloop-os/src/sys/linux_sockopt.rs",
    // Waiting, forking, naming processes and emptying the page cache in cases of the suite.
    "crates/polyloop-conformance/src/sys/fork.rs",
    "crates/polyloop-conformance/src/sys/linux_page_cache.rs",
    "crates/polyloop-conformance/src/sys/linux_process.rs",
    "crates/polyloop-conformance/src/sys/poll.rs",
    // The ring, and the memory that the kernel uses.
    "crates/polyloop-uring/src/linux/fork_guard.rs",
    "crates/polyloop-uring/src/linux/kernel/buffer_ring.rs",
    "crates/polyloop-uring/src/linux/kernel/entrance.rs",
    "crates/polyloop-uring/src/linux/kernel/held.rs",
    "crates/polyloop-uring/src/linux/kernel/kernel_ring.rs",
    "crates/polyloop-uring/src/linux/kernel/message.rs",
    // Tasks that are not Send, in one allocation, with wakers that are: the memory, and who holds it.
    "crates/polyloop-task/src/cell.rs",
    "crates/polyloop-task/src/lib.rs",
    "crates/polyloop-task/src/local_waker.rs",
    "crates/polyloop-task/src/output_ref.rs",
    "crates/polyloop-task/src/queue.rs",
    "crates/polyloop-task/src/spare.rs",
    "crates/polyloop-task/src/stage.rs",
    "crates/polyloop-task/src/task_ref.rs",
    "crates/polyloop-task/src/waker.rs",
    "crates/polyloop-task/src/woken.rs",
    // Counting allocators, and forking, of tests.
    "crates/polyloop/tests/it/allocations.rs",
    "crates/polyloop-mio/tests/it/steady_state.rs",
    "crates/polyloop-uring/tests/it/counting.rs",
    "crates/polyloop-uring/tests/it/process.rs",
    // The comparison: a counting allocator, and the bare loops in C.
    "compare/src/serve/allocations.rs",
    "compare/src/serve/loops.rs",
];

/// The longest a file of Rust or C may be.
const LINES_MAX: usize = 400;

/// The section in which a public future says what dropping it does.
const CANCEL_SAFETY: &str = "# Cancel safety";

/// What must not stand in code anywhere, with what to do instead.
const FORBIDDEN_CODE: &[(&str, &str)] = &[
    ("todo!", "finish it, or leave it out"),
    ("unimplemented!", "finish it, or leave it out"),
    ("#[ignore", "assert today's wrong behaviour and say that it is wrong"),
];

/// What the core must not look at: the system it is built for.
const FORBIDDEN_IN_CORE: &str = "target_os";

/// What would tie the repository to one machine or one way of downloading things.
///
/// The words are put together here so that this file does not contain them.
const MACHINE_WORDS: &[&str] = &[
    concat!("/", "work/"),
    concat!("/", "root/"),
    concat!("/", "home/"),
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("deb.", "debian.org"),
    concat!("py", "pi.org"),
    concat!("registry.", "npmjs.org"),
    concat!("proxy.", "golang.org"),
];

/// Returns one line for each place that breaks a rule.
pub(crate) fn findings(files: &[TextFile]) -> Vec<String> {
    findings_with(files, UNSAFE_FILES)
}

fn findings_with(files: &[TextFile], unsafe_files: &[&str]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        judge_text(file, &mut findings);
        if [".rs", ".c", ".h"].iter().any(|ending| file.path.ends_with(ending)) {
            judge_length(file, &mut findings);
        }
        if file.path.ends_with(".rs") {
            judge_rust(file, unsafe_files, &mut findings);
        }
    }
    for listed in unsafe_files {
        if !files.iter().any(|file| file.path == *listed) {
            findings.push(format!("{listed}: listed in UNSAFE_FILES, but does not exist"));
        }
    }
    findings
}

fn judge_text(file: &TextFile, findings: &mut Vec<String>) {
    for (number, line) in file.text.lines().enumerate() {
        for word in MACHINE_WORDS.iter().filter(|word| starts_at_boundary(line, word)) {
            findings.push(format!("{}:{}: names `{word}`", file.path, number + 1));
        }
    }
}

fn judge_length(file: &TextFile, findings: &mut Vec<String>) {
    let (path, lines) = (&file.path, file.text.lines().count());
    if lines > LINES_MAX {
        findings.push(format!(
            "{path}: {lines} lines, over {LINES_MAX}; move out the part with the narrowest interface"
        ));
    }
}

fn judge_rust(file: &TextFile, unsafe_files: &[&str], findings: &mut Vec<String>) {
    let path = &file.path;
    let code = code_only(&file.text);
    for (number, line) in code.lines().enumerate() {
        let place = format!("{path}:{}", number + 1);
        for (word, instead) in FORBIDDEN_CODE.iter().filter(|(word, _)| line.contains(word)) {
            findings.push(format!("{place}: `{word}`; {instead}"));
        }
        if path.starts_with("crates/polyloop-core/") && has_word(line, FORBIDDEN_IN_CORE) {
            findings.push(format!("{place}: the core does not ask for `{FORBIDDEN_IN_CORE}`"));
        }
    }

    if path.starts_with("crates/") && path.contains("/src/") {
        for item in undocumented_futures(&file.text, &code) {
            findings.push(format!("{path}:{item}: a public future without `{CANCEL_SAFETY}`"));
        }
    }

    let first_unsafe = code.lines().position(|line| has_word(line, "unsafe"));
    match (first_unsafe, unsafe_files.contains(&path.as_str())) {
        (Some(number), false) => findings.push(format!(
            "{path}:{}: unsafe code, but UNSAFE_FILES of crates/xtask/src/tidy.rs lists no such file",
            number + 1
        )),
        (None, true) => {
            findings.push(format!("{path}: listed in UNSAFE_FILES, but holds no unsafe code"));
        }
        _ => {}
    }
    if is_crate_root(path)
        && !source_folder_is_listed(path, unsafe_files)
        && !code.contains("#![forbid(unsafe_code)]")
    {
        findings.push(format!("{path}: a crate without unsafe code says #![forbid(unsafe_code)]"));
    }
}

/// Gives the lines of public functions and types that are futures, and do not say what becomes of
/// their work when they are dropped.
fn undocumented_futures(text: &str, code: &str) -> Vec<usize> {
    let (text, code): (Vec<&str>, Vec<&str>) = (text.lines().collect(), code.lines().collect());
    let documented = |at: usize| {
        let above = text[..at].iter().rev();
        let of_item = |line: &&&str| {
            let line = line.trim();
            line.starts_with("///") || !(line.is_empty() || line.ends_with(['{', '}', ';']))
        };
        above.take_while(of_item).any(|line| line.trim() == format!("/// {CANCEL_SAFETY}"))
    };
    let undocumented = |at: &usize| is_public_future(&code, *at) && !documented(*at);
    (0..code.len()).filter(undocumented).map(|at| at + 1).collect()
}

fn is_public_future(code: &[&str], at: usize) -> bool {
    let line = code[at].trim_start();
    if line.starts_with("pub fn ") {
        let end = code[at..].iter().position(|line| line.contains(['{', ';']));
        let signature = &code[at..code.len().min(at + end.unwrap_or_default() + 1)];
        return signature.iter().any(|line| line.contains("-> impl Future"));
    }
    let type_name = line.strip_prefix("pub struct ").map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    });
    let is_future = |name: &str| {
        let implements = |line: &&str| {
            line.split_once(" Future for ").is_some_and(|(_, rest)| {
                rest.strip_prefix(name)
                    .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
            })
        };
        code.iter().any(implements)
    };
    line.starts_with("pub async fn ") || type_name.is_some_and(is_future)
}

/// Tells whether `word` stands in `line` other than as the tail of a longer path or name.
fn starts_at_boundary(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "_-.".contains(c))
    })
}

fn is_crate_root(path: &str) -> bool {
    path.ends_with("/src/lib.rs") || path.ends_with("/src/main.rs")
}

fn source_folder_is_listed(crate_root: &str, unsafe_files: &[&str]) -> bool {
    let folder = crate_root.trim_end_matches("lib.rs").trim_end_matches("main.rs");
    unsafe_files.iter().any(|listed| listed.starts_with(folder))
}
