use polyloop::{Backend, Runner};

/// Makes a runner for each backend that can be built here, and says which cannot.
pub fn runners() -> Vec<(String, Runner)> {
    Backend::BUILT_IN
        .into_iter()
        .filter_map(|backend| match Runner::builder().backend(backend.clone()).build() {
            Ok(runner) => Some((backend.name().to_owned(), runner)),
            Err(error) => {
                eprintln!("skipped: {error}");
                None
            }
        })
        .collect()
}

/// Allows this process as many descriptors as the system lets it have: a thousand connections, both
/// ends of which are here, are more than is usual.
pub fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let most = getrlimit(Resource::Nofile).maximum;
    // Where that is refused, what needs more fails and says so.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most });
}
