//! The server.

mod board;
mod page;
#[cfg(test)]
mod tests;

use streampod::prelude::*;

use crate::board::Board;

#[tokio::main]
async fn main() -> Result<(), StartError> {
    let server = Server::from_config()?;
    let page = page::router(&server.config().api_server);
    app(server).web(page).run().await
}

/// What the server offers, here and in tests.
fn app(server: Server) -> Server {
    server.endpoint(Board::default()).models({{crate}}_models::all)
}
