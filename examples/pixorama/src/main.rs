//! Pixorama: a picture that everybody draws together.
//!
//! `cargo run --release -p pixorama`, then open <http://localhost:8082> in two windows.

mod endpoint;
mod models;
mod page;

use streampod::prelude::*;

use crate::endpoint::PixoramaEndpoint;
use crate::models::{ImageData, ImageUpdate, OutOfRange};

#[tokio::main]
async fn main() -> Result<(), StartError> {
    let server = Server::from_config()?;
    let page = page::router(&server.config().api_server);
    server
        .endpoint(PixoramaEndpoint::default())
        .model::<ImageData>()
        .model::<ImageUpdate>()
        .exception::<OutOfRange>()
        .web(page)
        .run()
        .await
}
