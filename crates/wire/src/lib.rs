//! What travels between clients and models, read and rewritten without touching any other byte.
//!
//! Pure functions over bytes: what a request says and what it asks not to be done ([`request`], [`opt_out`]), what
//! the model answers, whole or as a stream ([`reply`], [`sse`]), how to change texts in between ([`edit`]), and how
//! we answer ourselves ([`surface`], [`capture_header`], [`path`]), and under which name a conversation is kept
//! ([`thread_name`]). No sockets, no clock, no stores; and nothing here
//! decides what may be kept.
//!
//! ```
//! use candor_wire::reply::ReplyReader;
//! use candor_wire::request::read_request;
//! use candor_wire::surface::Surface;
//!
//! let mut reader = ReplyReader::new(Surface::Chat, false, 1 << 20);
//! reader.push(br#"{"choices":[{"message":{"role":"assistant","content":"A fungus"}}]}"#);
//! let reply = reader.finish(false);
//!
//! // The same answer, sent back with the next question, reads the same.
//! let body = br#"{"messages":[{"role":"assistant","content":[{"type":"text","text":"A fungus"}]}]}"#;
//! let request = read_request(Surface::Chat, body).unwrap();
//! assert_eq!(request.said[0].parts, reply.choices[0]);
//! ```

pub mod capture_header;
pub mod edit;
pub mod opt_out;
pub mod path;
pub mod reply;
pub mod request;
pub mod sse;
pub mod surface;
pub mod thread_name;

mod canonical_json;
mod content;
mod media;
mod scalar;
