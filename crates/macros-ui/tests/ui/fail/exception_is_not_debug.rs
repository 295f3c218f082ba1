//! An exception is `Debug`, for the log.

#![allow(unused)]

use streampod::prelude::*;

#[derive(Exception)]
struct Broken {
    message: String,
}

fn main() {}
