//! A method fails with anything that becomes an error by `?`.

#![allow(unused)]

use streampod::prelude::*;

struct NoError;

struct Example;

#[endpoint]
impl Example {
    async fn fails(&self, _session: &Session) -> Result<i64, NoError> {
        Err(NoError)
    }

    fn fails_later(&self, _session: &Session) -> impl Stream<Item = Result<i64, NoError>> {
        stream! { yield Err(NoError); }
    }
}

fn main() {}
