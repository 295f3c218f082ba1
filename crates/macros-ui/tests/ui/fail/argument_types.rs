//! Arguments are models, and owned.

#![allow(unused)]

use streampod::prelude::*;

struct User;

struct Example;

#[endpoint]
impl Example {
    async fn small_integer(&self, _session: &Session, age: u32) -> Result<()> {
        Ok(())
    }

    async fn borrowed(&self, _session: &Session, name: &str) -> Result<()> {
        Ok(())
    }

    async fn no_model(&self, _session: &Session, user: User) -> Result<()> {
        Ok(())
    }

    async fn stream_of_no_model(&self, _session: &Session, users: Input<User>) -> Result<()> {
        Ok(())
    }

    async fn optional_stream_of_no_model(
        &self,
        _session: &Session,
        users: Option<Input<User>>,
    ) -> Result<()> {
        Ok(())
    }

    async fn list_of_streams(&self, _session: &Session, lists: Vec<Input<i64>>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
