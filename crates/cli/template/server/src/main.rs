//! The server.

mod board;
mod page;
#[cfg(test)]
mod tests;

use streampod::prelude::*;

use {{crate}}_models as models;

use crate::board::Board;

#[tokio::main]
async fn main() -> Result<(), StartError> {
    let server = Server::from_config()?;
    let page = page::router(&server.config().api_server);
    app(server).web(page).run().await
}

/// What the server offers, here and in tests.
fn app(server: Server) -> Server {
    server.endpoint(Board::default()).models(models::all)
}
