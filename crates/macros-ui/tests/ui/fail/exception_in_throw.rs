//! What is thrown as an exception, or added to the server as one, has `#[derive(Exception)]`.

#![allow(unused)]

use streampod::prelude::*;

#[derive(Debug, Model)]
struct Plain {
    message: String,
}

fn main() {
    let _ = Server::new(Default::default()).exception::<Plain>();
    let _ = streampod::Error::exception(Plain { message: String::new() });
}
