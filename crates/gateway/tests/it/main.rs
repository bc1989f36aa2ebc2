//! Integration tests of the gateway: a real process between a raw client and a scripted provider.

#[cfg(test)]
mod client;
#[cfg(test)]
mod place;
#[cfg(test)]
mod served;
#[cfg(test)]
mod upstream;

#[cfg(test)]
mod canary;
#[cfg(test)]
mod choices;
#[cfg(test)]
mod chunks;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod fetched;
#[cfg(test)]
mod fidelity;
#[cfg(test)]
mod files;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod http2;
#[cfg(test)]
mod idle;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod parity;
#[cfg(test)]
mod readiness;
#[cfg(test)]
mod signals;
#[cfg(test)]
mod tenants;
