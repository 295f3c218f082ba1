//! The options of models, and what each is for.

#![allow(unused)]

use streampod::prelude::*;

#[derive(Model)]
#[model(sealed, extends = "Shape", name = "a b", fields(x))]
struct Options {
    #[model(key = "", default(later), positional)]
    first: i64,
    #[model(key = "say \"hi\"", default(), optional)]
    second: i64,
    #[model(key = "the-third")]
    third: i64,
    #[model(key = "the-third")]
    fourth: i64,
}

#[derive(Model)]
struct Newtype(i64);

#[derive(Model)]
#[model(immutable, record, properties(title: &'static str), fields(x: i64))]
struct Wrong(i64);

#[derive(Model)]
#[model(extends = Newtype, fields(x: i64), properties(title: &'static str, weight: i64))]
enum Plain {
    #[model(default, properties(title = "One", colour = "red"))]
    One,
    #[model(default, properties(title = "Two", weight = 2), key = "two")]
    Two,
}

#[derive(Model)]
#[model(by_index, properties(title: &'static str))]
enum Sealed {
    Options(Options),
    Newtype,
}

#[derive(Model)]
struct Defaults {
    #[model(default = "one")]
    number: i64,
    #[model(default(now))]
    time: Newtype,
}

fn main() {}
