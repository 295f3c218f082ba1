//! Each argument has its own wire name and a plain name in Rust.

#![allow(unused)]

use streampod::prelude::*;

struct Example;

#[endpoint]
impl Example {
    #[allow(non_snake_case)]
    async fn twice(&self, _session: &Session, user_id: i64, userId: i64) -> Result<()> {
        Ok(())
    }

    async fn twice_by_option(
        &self,
        _session: &Session,
        number: i64,
        #[arg(name = "number")] numbers: Input<i64>,
    ) -> Result<()> {
        Ok(())
    }

    async fn reserved(&self, _session: &Session, method: String) -> Result<()> {
        Ok(())
    }

    async fn pattern(&self, _session: &Session, (x, y): (i64, i64)) -> Result<()> {
        Ok(())
    }

    async fn no_name(&self, _session: &Session, _: i64) -> Result<()> {
        Ok(())
    }

    async fn digits_only(&self, _session: &Session, _1: i64) -> Result<()> {
        Ok(())
    }

    async fn not_ascii(&self, _session: &Session, größe: i64) -> Result<()> {
        Ok(())
    }
}

fn main() {}
