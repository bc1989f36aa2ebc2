//! Two ready notices, so that both worlds can be run and compared.

/// Our notice: everything off until chosen, each purpose on its own, one year for training, nothing remains.
pub const OURS: &str = include_str!("../examples/ours.toml");

/// A notice as the big providers ship it: on by default, five years, a thumb overrides a refusal.
pub const PROVIDERS: &str = include_str!("../examples/providers.toml");
