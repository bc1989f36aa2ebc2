//! Integration tests of the wire crate: real-shaped bodies of each provider, and the laws that hold for any.

#[cfg(test)]
mod echo;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod opting_out;
#[cfg(test)]
mod replies;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod sse;
#[cfg(test)]
mod support;
