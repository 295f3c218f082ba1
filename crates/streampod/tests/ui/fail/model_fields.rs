//! The fields of a model are models.

use std::collections::HashMap;

use streampod::prelude::*;

struct Plain;

#[derive(Model)]
struct User {
    age: u8,
    tags: Vec<Plain>,
}

#[derive(Model)]
struct Id(u128);

fn main() {}
