//! Each field and variant has its own wire name.

#![allow(unused)]

use streampod::prelude::*;

#[derive(Model)]
struct User {
    user_id: i64,
    #[model(name = "userId")]
    id: i64,
}

#[derive(Model)]
enum Color {
    Red,
    #[model(name = "red")]
    Crimson,
}

fn main() {}
