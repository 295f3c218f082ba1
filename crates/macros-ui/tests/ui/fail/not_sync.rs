//! Many calls share an endpoint.

#![allow(unused)]

use std::cell::Cell;

use streampod::prelude::*;

struct Example {
    count: Cell<i64>,
}

#[endpoint]
impl Example {
    async fn count(&self, _session: &Session) -> Result<i64> {
        Ok(self.count.get())
    }
}

fn main() {}
