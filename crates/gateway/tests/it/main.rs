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
mod fidelity;
#[cfg(test)]
mod parity;
