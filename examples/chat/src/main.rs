//! Chat: rooms, direct messages and presence, on one server or on many.
//!
//! `cargo run --release -p chat`, then open <http://localhost:8082> in two windows.

mod account;
mod accounts;
mod chat;
mod history;
mod models;
mod page;
mod presence;
#[cfg(test)]
mod tests;
mod throttle;

use std::sync::Arc;

use streampod::auth::{self, Keys, Store};
use streampod::prelude::*;

use crate::account::{AccountEndpoint, DevicesEndpoint};
use crate::accounts::Accounts;
use crate::chat::ChatEndpoint;
use crate::presence::Presence;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let server = Server::from_config()?;
    let store = auth::store_from_config(server.config())?;
    let page = page::router(server.config());
    Ok(api(server, store).web(page).run().await?)
}

/// What clients call, of the real server and of those that tests make.
fn api(server: Server, store: Arc<dyn Store>) -> Server {
    let keys = Keys::new(Arc::clone(&store));
    let accounts = Accounts::new(Arc::clone(&store));
    let presence = Presence::new(server.config().server_id.clone());
    server
        .authentication(keys.handler())
        .endpoint(AccountEndpoint::new(accounts.clone(), keys.clone()))
        .endpoint(DevicesEndpoint::new(keys))
        .endpoint(ChatEndpoint::new(accounts, store, presence.clone()))
        .background(|session| presence.announce(session))
        .models(models::all)
}
