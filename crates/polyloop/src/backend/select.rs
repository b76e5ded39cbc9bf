use polyloop_core::{Error, ErrorKind, EventLoop, LoopConfig, Result};

#[cfg(any(feature = "mio", feature = "io-uring", feature = "polling"))]
use super::driver::erase;
use super::{Backend, BackendInfo, Driver, Refusal};

/// Names the backend that [`Backend::Auto`] takes.
const ENVIRONMENT: &str = "POLYLOOP_BACKEND";

/// Builds the loop that was asked for, and tells why it is that one.
pub(crate) fn build(backend: &Backend, config: &LoopConfig) -> Result<(Driver, BackendInfo)> {
    match backend {
        Backend::Auto => match std::env::var(ENVIRONMENT) {
            Ok(name) if !name.is_empty() && name != "auto" => {
                let why = format!("named by {ENVIRONMENT}");
                let attempting =
                    |error: Error| error.attempting(format_args!("obey {ENVIRONMENT}"));
                let backend = name.parse::<Backend>().map_err(attempting)?;
                build_one(&backend, config, why, Vec::new()).map_err(attempting)
            }
            _ => first_that_works(config),
        },
        explicit => build_one(explicit, config, "chosen in the program".to_owned(), Vec::new()),
    }
}

fn first_that_works(config: &LoopConfig) -> Result<(Driver, BackendInfo)> {
    let mut refusals = Vec::new();
    for backend in Backend::BUILT_IN {
        let why = "the first of io-uring, mio, polling that can be built here".to_owned();
        match build_one(&backend, config, why, refusals.clone()) {
            Ok(built) => return Ok(built),
            Err(error) => refusals
                .push(Refusal { backend: backend.name().to_owned(), reason: error.to_string() }),
        }
    }
    let reasons: Vec<String> = refusals.iter().map(|refusal| refusal.reason.clone()).collect();
    Err(Error::new(ErrorKind::Refused)
        .attempting(format_args!("choose a backend ({})", reasons.join("; "))))
}

fn build_one(
    backend: &Backend,
    config: &LoopConfig,
    reason: String,
    refusals: Vec<Refusal>,
) -> Result<(Driver, BackendInfo)> {
    let driver = driver(backend, config)
        .map_err(|error| error.attempting(format_args!("build the backend {backend}")))?;
    let info = BackendInfo::new(backend.name(), reason, refusals, driver.capabilities().clone());
    Ok((driver, info))
}

fn driver(backend: &Backend, config: &LoopConfig) -> Result<Driver> {
    match backend {
        #[cfg(feature = "mio")]
        Backend::Mio => polyloop_mio::build(config).map(erase),
        #[cfg(feature = "io-uring")]
        Backend::IoUring => polyloop_uring::build(config).map(erase),
        #[cfg(feature = "polling")]
        Backend::Polling => polyloop_polling::build(config).map(erase),
        #[cfg(feature = "custom")]
        Backend::Custom(factory) => factory.build(config),
        #[allow(
            unreachable_patterns,
            reason = "with every feature on, nothing is left out but Auto"
        )]
        left_out => {
            let _ = config;
            Err(left_out_of_the_build(left_out))
        }
    }
}

fn left_out_of_the_build(backend: &Backend) -> Error {
    let features = [
        ("mio", cfg!(feature = "mio")),
        ("io-uring", cfg!(feature = "io-uring")),
        ("polling", cfg!(feature = "polling")),
        ("custom", cfg!(feature = "custom")),
    ];
    let enabled: Vec<&str> = features.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
    let enabled = if enabled.is_empty() { "none".to_owned() } else { enabled.join(", ") };
    Error::new(ErrorKind::Refused).attempting(format_args!(
        "{backend} was left out of this build (features of polyloop: mio, io-uring, polling, \
         custom; enabled: {enabled})"
    ))
}
