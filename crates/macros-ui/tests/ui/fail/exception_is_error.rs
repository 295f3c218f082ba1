//! An exception does not implement `std::error::Error`.

#![allow(unused)]

use streampod::prelude::*;

#[derive(Debug, Exception)]
struct Broken {
    message: String,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Broken {}

fn main() {}
