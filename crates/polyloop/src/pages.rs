//! Pages of the documentation whose examples are compiled and run as this crate's.

#[doc = include_str!("../../../docs/composing.md")]
struct Composing;
