//! Pixorama: a picture that everybody draws together.
//!
//! `cargo run --release -p pixorama`, then open <http://localhost:8082> in two windows.

mod endpoint;
mod models;
mod page;

use streampod::prelude::*;

use crate::endpoint::PixoramaEndpoint;

#[tokio::main]
async fn main() -> Result<(), StartError> {
    let server = Server::from_config()?;
    let page = page::router(&server.config().api_server);
    api(server).web(page).run().await
}

/// What clients call, of the real server and of those that tests make.
fn api(server: Server) -> Server {
    server.endpoint(PixoramaEndpoint::default()).models(models::all)
}
