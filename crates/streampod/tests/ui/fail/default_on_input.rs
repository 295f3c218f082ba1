//! A stream parameter has no default and no place among the named arguments.

#![allow(unused)]

use streampod::prelude::*;

struct Example;

#[endpoint]
impl Example {
    async fn sum(&self, _session: &Session, #[arg(default = 1)] numbers: Input<i64>) -> Result<()> {
        Ok(())
    }

    async fn named(&self, _session: &Session, #[arg(named)] numbers: Option<Input<i64>>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
