//! Keys, tokens and passwords: by a vendor's published form, by the vendor's name, or by the name that a value is given.

pub(super) mod assignment;
pub(super) mod commands;
#[cfg(test)]
mod drawing;
pub(super) mod encoded;
pub(super) mod login;
mod named;
mod password;
pub(super) mod service;
pub(super) mod services;
pub(super) mod shape;
pub(super) mod shapes;
pub(super) mod value;
mod words;
