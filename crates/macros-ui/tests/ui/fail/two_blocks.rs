//! All methods of an endpoint stand in one block.

#![allow(unused)]

use streampod::prelude::*;

struct Example;

#[endpoint]
impl Example {
    async fn one(&self, _session: &Session) -> Result<()> {
        Ok(())
    }
}

#[endpoint]
impl Example {
    async fn two(&self, _session: &Session) -> Result<()> {
        Ok(())
    }
}

fn main() {}
