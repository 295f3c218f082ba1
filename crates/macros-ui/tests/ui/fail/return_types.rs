//! What a method returns is a model, nothing, or a stream of models.

#![allow(unused)]

use streampod::prelude::*;

struct User;

struct Example;

#[endpoint]
impl Example {
    async fn list(&self, _session: &Session) -> Result<Vec<User>> {
        Ok(Vec::new())
    }

    async fn user(&self, _session: &Session) -> User {
        User
    }

    fn users(&self, _session: &Session) -> impl Stream<Item = Result<User>> {
        stream! { yield Ok(User); }
    }

    async fn later(&self, _session: &Session) -> Result<impl Stream<Item = Result<User>>> {
        Ok(stream! { yield Ok(User); })
    }
}

fn main() {}
