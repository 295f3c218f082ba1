//! A type without `#[endpoint]`.

#![allow(unused)]

use streampod::prelude::*;

struct Example;

fn main() {
    let _ = Server::new(Default::default()).endpoint(Example);
}
