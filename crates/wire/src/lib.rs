//! What travels between clients and models, read and rewritten without touching any other byte.

pub mod surface;
pub mod sse;
pub mod opt_out;
pub mod capture_header;
pub mod request;
pub mod reply;
pub mod edit;

mod scalar;
