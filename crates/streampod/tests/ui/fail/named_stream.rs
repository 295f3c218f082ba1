//! A named type that a plain `fn` returns is a stream.

use streampod::prelude::*;

#[derive(Model)]
struct User {
    name: String,
}

struct Example;

#[endpoint]
impl Example {
    fn user(&self, _session: &Session) -> User {
        User { name: String::new() }
    }
}

fn main() {}
