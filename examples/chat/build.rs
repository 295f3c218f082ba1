//! Makes Rust models of the `.spy.yaml` files in `models`.

fn main() {
    streampod_codegen::build("models");
}
