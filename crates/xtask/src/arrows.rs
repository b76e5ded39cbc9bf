//! Which way the crates may depend on each other.
//!
//! The tables below are the whole policy; `findings` compares manifests with them. A new arrow is
//! an expensive kind of change: a commit of its own, with its reason.

#[cfg(test)]
mod tests;

use crate::workspace::{Dependency, DependencyKind, Package};

/// What one member may name. A normal arrow may be a dev arrow too; nobody has a build arrow.
struct Member {
    name: &'static str,
    normal: &'static [&'static str],
    dev: &'static [&'static str],
}

/// Every member there is or will be, from the contract up to the programs.
///
/// A member that does not exist yet is harmless; one that exists and is not listed is a finding.
const MEMBERS: &[Member] = &[
    // The contract, which knows nobody.
    Member { name: "polyloop-core", normal: &[], dev: &[] },
    // The suite sees backends only through the contract. It is a dev-dependency of what it tests,
    // so no user ever builds it unless they write a backend.
    Member { name: "polyloop-conformance", normal: &["polyloop-core"], dev: &[] },
    // The calls of the operating system that readiness and io_uring share.
    Member { name: "polyloop-os", normal: &["polyloop-core"], dev: &[] },
    // Completion emulated over a selector, which it must not name.
    Member { name: "polyloop-readiness", normal: &["polyloop-core", "polyloop-os"], dev: &[] },
    // The backends, none of which names another.
    Member {
        name: "polyloop-mio",
        normal: &["polyloop-core", "polyloop-readiness"],
        dev: &["polyloop-conformance"],
    },
    Member {
        name: "polyloop-polling",
        normal: &["polyloop-core", "polyloop-readiness"],
        dev: &["polyloop-conformance"],
    },
    Member {
        name: "polyloop-uring",
        normal: &["polyloop-core", "polyloop-os"],
        dev: &["polyloop-conformance"],
    },
    Member { name: "polyloop-sim", normal: &["polyloop-core"], dev: &["polyloop-conformance"] },
    // The attributes, which know the frontend only as a path in what they write.
    Member { name: "polyloop-macros", normal: &[], dev: &[] },
    // Tasks, which know no loop.
    Member { name: "polyloop-task", normal: &[], dev: &[] },
    // The frontend is the only library that names a backend. What a loop does not know of paths its
    // threads do, by the same calls as those of backends.
    Member {
        name: "polyloop",
        normal: &[
            "polyloop-core",
            "polyloop-macros",
            "polyloop-mio",
            "polyloop-os",
            "polyloop-polling",
            "polyloop-sim",
            "polyloop-task",
            "polyloop-uring",
        ],
        dev: &["polyloop-conformance"],
    },
    // The command that looks into programs: it speaks to them through a socket and uses nothing of
    // ours but, in its tests, a program to look into.
    Member { name: "polyloop-cli", normal: &[], dev: &["polyloop"] },
    // Programs choose a backend through the frontend. The examples show a backend of one's own
    // too, and run the suite on it.
    Member {
        name: "polyloop-examples",
        normal: &["polyloop", "polyloop-conformance", "polyloop-core"],
        dev: &[],
    },
    Member { name: "polyloop-benches", normal: &["polyloop", "polyloop-core"], dev: &[] },
    // The comparison has the benchmarks' work on tasks done in processes of their own.
    Member { name: "polyloop-compare", normal: &["polyloop", "polyloop-benches"], dev: &[] },
    // What instructions are counted of. It gives the backends a clock that stands still, without
    // which counts would not repeat, and counts some ops without the frontend.
    Member {
        name: "polyloop-budgets",
        normal: &[
            "polyloop",
            "polyloop-core",
            "polyloop-mio",
            "polyloop-polling",
            "polyloop-uring",
        ],
        dev: &[],
    },
    // The checks stand apart.
    Member { name: "xtask", normal: &[], dev: &[] },
];

/// Which members may name a third-party event library, in a dependency of any kind.
const EVENT_LIBRARIES: &[(&str, &[&str])] = &[
    ("mio", &["polyloop-mio", "polyloop-compare"]),
    ("polling", &["polyloop-polling"]),
    ("io-uring", &["polyloop-uring"]),
    // Runtimes are peers to measure against or hosts to be a guest in, never something to build on.
    ("async-io", PROGRAMS),
    ("compio", PROGRAMS),
    ("glommio", PROGRAMS),
    ("monoio", PROGRAMS),
    ("smol", PROGRAMS),
    ("tokio", PROGRAMS),
    ("tokio-uring", PROGRAMS),
];

const PROGRAMS: &[&str] = &["polyloop-benches", "polyloop-compare", "polyloop-examples"];

/// Returns one line for each arrow, and each member, that the tables do not allow.
pub(crate) fn findings(packages: &[Package]) -> Vec<String> {
    let mut findings = Vec::new();
    for package in packages {
        let Some(member) = MEMBERS.iter().find(|member| member.name == package.name) else {
            findings.push(format!(
                "{}: unknown member; say in MEMBERS of crates/xtask/src/arrows.rs what it may use",
                package.name
            ));
            continue;
        };
        // A crate may name itself as a dev-dependency, to test with features of its own.
        for dependency in package.dependencies.iter().filter(|used| used.name != package.name) {
            if let Some(reason) = objection(member, dependency, packages) {
                findings.push(format!(
                    "{} -> {} ({}): {reason}",
                    package.name,
                    dependency.name,
                    kind_name(dependency.kind)
                ));
            }
        }
    }
    findings
}

fn objection(member: &Member, used: &Dependency, packages: &[Package]) -> Option<String> {
    let name = used.name.as_str();
    if let Some((_, homes)) = EVENT_LIBRARIES.iter().find(|(library, _)| *library == name) {
        let elsewhere = !homes.contains(&member.name);
        return elsewhere.then(|| format!("this library belongs in {} only", homes.join(" and ")));
    }
    let is_member = packages.iter().any(|package| package.name == name)
        || MEMBERS.iter().any(|member| member.name == name);
    let is_allowed = match used.kind {
        DependencyKind::Normal => member.normal.contains(&name),
        DependencyKind::Build => false,
        DependencyKind::Dev => member.normal.contains(&name) || member.dev.contains(&name),
    };
    (is_member && !is_allowed).then(|| "this arrow is not in crates/xtask/src/arrows.rs".to_owned())
}

fn kind_name(kind: DependencyKind) -> &'static str {
    match kind {
        DependencyKind::Normal => "dependency",
        DependencyKind::Build => "build-dependency",
        DependencyKind::Dev => "dev-dependency",
    }
}
