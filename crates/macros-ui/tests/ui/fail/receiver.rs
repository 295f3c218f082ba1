//! A method takes `&self`.

#![allow(unused)]

use streampod::prelude::*;

struct Example;

#[endpoint]
impl Example {
    fn new() -> Self {
        Self
    }

    async fn without_self(_session: &Session) -> Result<()> {
        Ok(())
    }

    async fn by_mutable_reference(&mut self, _session: &Session) -> Result<()> {
        Ok(())
    }

    async fn by_value(self, _session: &Session) -> Result<()> {
        Ok(())
    }

    async fn by_box(self: Box<Self>, _session: &Session) -> Result<()> {
        Ok(())
    }
}

fn main() {}
