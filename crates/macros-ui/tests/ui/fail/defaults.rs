//! A default is a value of the argument's type.

#![allow(unused)]

use streampod::prelude::*;

struct Example;

#[endpoint]
impl Example {
    async fn wrong_type(&self, _session: &Session, #[arg(default = "one")] number: i64) -> Result<()> {
        Ok(())
    }

    async fn not_some(&self, _session: &Session, #[arg(default = 1)] number: Option<i64>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
