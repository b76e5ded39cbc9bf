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
