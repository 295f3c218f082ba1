//! A type without `#[endpoint]`.

use streampod::prelude::*;

struct Example;

fn main() {
    let _ = Server::new(Default::default()).endpoint(Example);
}
