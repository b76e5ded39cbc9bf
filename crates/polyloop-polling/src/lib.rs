//! polling
#![deny(unsafe_code)]
