//! The attributes `#[polyloop::main]` and `#[polyloop::test]`; use them through `polyloop`, where
//! their documentation is.
//!
//! They read the little that they need of a function by hand and have no dependencies. Tests
//! read it through `proc-macro2`, which offers the compiler's token types outside the compiler.

#![forbid(unsafe_code)]

mod arguments;
mod backend;
mod expansion;
mod function;
mod misuse;
mod timeout;

#[cfg(not(test))]
extern crate proc_macro as tokens;
#[cfg(test)]
extern crate proc_macro2 as tokens;

#[cfg(test)]
mod tests;

/// Runs an async function on a new loop.
#[cfg(not(test))]
#[proc_macro_attribute]
pub fn main(arguments: tokens::TokenStream, item: tokens::TokenStream) -> tokens::TokenStream {
    expansion::expand(expansion::Attribute::Main, arguments, item)
}

/// Runs an async function as a test, once on each backend.
#[cfg(not(test))]
#[proc_macro_attribute]
pub fn test(arguments: tokens::TokenStream, item: tokens::TokenStream) -> tokens::TokenStream {
    expansion::expand(expansion::Attribute::Test, arguments, item)
}
