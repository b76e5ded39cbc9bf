use polyloop::Backend;

/// Gives the backends that can be built here, of those that polyloop brings.
pub fn available_backends() -> Vec<Backend> {
    Backend::BUILT_IN.into_iter().filter(|backend| backend.probe().is_ok()).collect()
}
