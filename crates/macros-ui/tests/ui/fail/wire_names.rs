//! Wire names that clients could not use.

#![allow(unused)]

use streampod::prelude::*;

struct Example;

#[endpoint(name = "my-endpoint")]
impl Example {
    #[method(name = "")]
    async fn method(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    #[method(name = number)]
    async fn not_text(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    async fn argument(&self, _session: &Session, #[arg(name = "1st")] first: i64) -> Result<()> {
        Ok(())
    }

    async fn größe(&self, _session: &Session) -> Result<()> {
        Ok(())
    }
}

#[derive(Model)]
#[model(name = "List<User>")]
struct User {
    #[model(name = "first name")]
    name: String,
}

fn main() {}
