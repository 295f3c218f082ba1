//! An exception is `Debug`, for the log.

use streampod::prelude::*;

#[derive(Exception)]
struct Broken {
    message: String,
}

fn main() {}
