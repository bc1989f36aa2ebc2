//! Load generator and mock model for `bench/gateway.sh`; everything on loopback.
//!
//! `load upstream PORT` answers until it is ended. `load client ADDRESS [NAME=VALUE]…` sends chat completions and
//! prints one line of JSON: counts, rate, latencies in microseconds. It speaks HTTP/1.1 by hand, one thread for all,
//! so that on its core it costs less than what it measures.

mod client;
mod message;
mod upstream;

use std::io::{self, Write};
use std::net::SocketAddr;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match arguments.as_slice() {
        ["upstream", port] => runtime.block_on(upstream::serve(number(port)?)),
        ["client", address, settings @ ..] => {
            let address: SocketAddr = address.parse().map_err(|_| wrong("address"))?;
            let settings = client::Settings::read(settings)?;
            let measured = runtime.block_on(client::run(address, settings))?;
            writeln!(io::stdout(), "{measured}")
        }
        _ => Err(wrong("usage: load upstream PORT | load client ADDRESS [NAME=VALUE]…")),
    }
}

fn number<N: std::str::FromStr>(text: &str) -> io::Result<N> {
    text.parse().map_err(|_| wrong(text))
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what.to_owned())
}
