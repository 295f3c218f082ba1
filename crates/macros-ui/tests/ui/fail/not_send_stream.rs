//! A stream may move between threads while it waits.

#![allow(unused)]

use std::rc::Rc;

use streampod::prelude::*;

struct Example;

#[endpoint]
impl Example {
    fn rc(&self, _session: &Session) -> impl Stream<Item = Result<i64>> {
        stream! {
            let one = Rc::new(1);
            yield Ok(*one);
        }
    }
}

fn main() {}
