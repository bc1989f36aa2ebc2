//! Keys, tokens and passwords: by a vendor's published form, or by the name that a value is given.

pub(super) mod assignment;
pub(super) mod value;
pub(super) mod vendor;
