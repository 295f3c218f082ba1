//! Clients cannot name type parameters.

#![allow(unused)]

use streampod::prelude::*;

struct Example;

#[endpoint]
impl Example {
    async fn generic<T: Model>(&self, _session: &Session, value: T) -> Result<T> {
        Ok(value)
    }

    async fn argument_of_any_type(&self, _session: &Session, value: impl Model) -> Result<bool> {
        Ok(true)
    }

    async unsafe fn unsafely(&self, _session: &Session) -> Result<()> {
        Ok(())
    }
}

struct Store<T>(T);

#[endpoint]
impl<T: Send + Sync + 'static> Store<T> {
    async fn len(&self, _session: &Session) -> Result<i64> {
        Ok(0)
    }
}

fn main() {}
