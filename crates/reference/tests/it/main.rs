//! Integration tests: the reference model over real HTTP.

#[cfg(test)]
mod untaught;
