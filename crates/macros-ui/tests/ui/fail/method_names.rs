//! Each method of an endpoint has its own wire name.

#![allow(unused)]

use streampod::prelude::*;

struct Example;

#[endpoint]
impl Example {
    async fn foo_bar(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    #[allow(non_snake_case)]
    async fn fooBar(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    #[method(name = "fooBar")]
    async fn other(&self, _session: &Session) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = Server::new(Default::default()).endpoint(Example);
}
