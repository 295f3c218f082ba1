//! `#[endpoint]` belongs on an `impl` block of the type itself.

#![allow(unused)]

use streampod::prelude::*;

#[endpoint]
struct OnStruct;

trait Greets {
    fn hello(&self);
}

struct OnTraitImpl;

#[endpoint]
impl Greets for OnTraitImpl {
    fn hello(&self) {}
}

#[endpoint]
impl [OnStruct] {}

#[endpoint]
fn on_function() {}

fn main() {
    let _ = OnStruct;
}
