//! `candor serve` with pages.

use std::fs;

use crate::run::World;

#[test]
fn pages_whose_chat_could_not_reach_a_gateway_with_tls_are_refused_with_what_to_do() {
    let world = World::new();
    world.ok(&["gateway", "init"]);
    world.ok(&["portal", "init"]);
    let gateway = world.data().join("gateway.toml");
    let text = fs::read_to_string(&gateway).unwrap();
    fs::write(&gateway, text + "\n[tls]\ncertificate_file = \"cert.pem\"\nkey_file = \"key.pem\"\n").unwrap();
    let refused = world.run(&["serve"]);
    refused.fails(1, "gateway of its own process, which has [tls]").fails(1, "gateway_key_file");
}
