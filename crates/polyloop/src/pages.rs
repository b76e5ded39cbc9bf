//! The pages whose examples are compiled and run: as documentation tests, and only then.

#[doc = include_str!("../../../README.md")]
struct Readme;

#[doc = include_str!("../../../docs/asyncio.md")]
struct Asyncio;

#[doc = include_str!("../../../docs/cancellation.md")]
struct Cancellation;

#[doc = include_str!("../../../docs/composing.md")]
struct Composing;

#[doc = include_str!("../../../docs/streams.md")]
struct Streams;

#[doc = include_str!("../../../docs/scaling.md")]
struct Scaling;

#[doc = include_str!("../../../docs/inspecting.md")]
struct Inspecting;

#[cfg(feature = "__tls-tests")]
#[doc = include_str!("../../../docs/tls.md")]
struct Tls;

#[doc = include_str!("../../../docs/files.md")]
struct Files;

#[cfg(unix)]
#[doc = include_str!("../../../docs/processes-and-signals.md")]
struct ProcessesAndSignals;
