use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};

/// Gives the cryptography that the program has chosen for all of rustls, else ring's.
pub(super) fn provider() -> Arc<CryptoProvider> {
    match CryptoProvider::get_default() {
        Some(chosen) => chosen.clone(),
        None => Arc::new(ring::default_provider()),
    }
}
