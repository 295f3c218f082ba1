//! A model is a struct or an enum that every language can have.

#![allow(unused)]

use streampod::prelude::*;

#[derive(Model)]
struct Generic<T> {
    value: T,
}

#[derive(Model)]
struct Borrowing<'a> {
    value: &'a str,
}

#[derive(Model)]
struct Pair(i64, i64);

#[derive(Model)]
enum WithData {
    Plain,
    Unnamed(i64),
    Named { number: i64 },
}

#[derive(Model)]
enum Empty {}

#[derive(Model)]
union Both {
    a: i64,
    b: f64,
}

#[derive(Model)]
#[model(by_index)]
struct NoEnum {
    number: i64,
}

#[derive(Model)]
#[model(by_index)]
enum Numbered {
    One = 1,
    Two = 2,
}

#[derive(Debug, Exception)]
enum Failure {
    Broken,
}

#[derive(Debug, Exception)]
struct Message(String);

struct Example;

#[endpoint]
impl Example {
    // A model that is wrong is reported once, not wherever it is used.
    async fn uses(&self, _session: &Session, pair: Pair, data: Option<WithData>) -> Result<NoEnum> {
        Err(Message(String::new()).into())
    }
}

fn main() {}
