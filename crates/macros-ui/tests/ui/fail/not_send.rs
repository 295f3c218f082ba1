//! A method may move between threads while it waits.

#![allow(unused)]

use std::rc::Rc;
use std::sync::Mutex;

use streampod::prelude::*;

struct Example {
    count: Mutex<i64>,
}

async fn wait() {}

#[endpoint]
impl Example {
    async fn holds_rc(&self, _session: &Session) -> Result<i64> {
        let one = Rc::new(1);
        wait().await;
        Ok(*one)
    }

    async fn holds_guard(&self, _session: &Session) -> Result<i64> {
        let count = self.count.lock().unwrap();
        wait().await;
        Ok(*count)
    }
}

fn main() {}
