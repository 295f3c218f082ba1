//! A plain `fn` returns a stream.

#![allow(unused)]

use streampod::prelude::*;

struct Example;

#[endpoint]
impl Example {
    fn value(&self, _session: &Session) -> Result<i64> {
        Ok(1)
    }

    fn nothing(&self, _session: &Session) {}

    fn bare_value(&self, _session: &Session) -> i64 {
        1
    }

    fn list(&self, _session: &Session) -> Vec<String> {
        Vec::new()
    }

    fn pair(&self, _session: &Session) -> (i64, i64) {
        (1, 2)
    }

    fn future(&self, _session: &Session) -> impl Future<Output = Result<i64>> {
        async { Ok(1) }
    }

    fn without_items(&self, _session: &Session) -> impl Stream {
        futures_util::stream::empty::<i64>()
    }
}

fn main() {}
