//! The fields of a model are models.

#![allow(unused)]

use std::collections::HashMap;

use streampod::prelude::*;

struct Plain;

#[derive(Model)]
struct User {
    tags: Vec<Plain>,
}

#[derive(Model)]
struct Id(Plain);

fn main() {}
