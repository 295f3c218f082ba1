//! A stream parameter has no default.

#![allow(unused)]

use streampod::prelude::*;

struct Example;

#[endpoint]
impl Example {
    async fn sum(&self, _session: &Session, #[arg(default = 1)] numbers: Input<i64>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
