//! A method takes its session after `&self`.

#![allow(unused)]

use streampod::prelude::*;

struct Example;

#[endpoint]
impl Example {
    async fn takes_nothing(&self) -> Result<()> {
        Ok(())
    }

    async fn takes_no_session(&self, name: String) -> Result<String> {
        Ok(name)
    }

    async fn takes_it_late(&self, name: String, _session: &Session) -> Result<String> {
        Ok(name)
    }

    async fn takes_it_by_mutable_reference(&self, _session: &mut Session) -> Result<()> {
        Ok(())
    }

    async fn takes_it_optionally(&self, _session: Option<Session>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
