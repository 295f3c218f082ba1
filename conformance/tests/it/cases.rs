//! The shared table of cases, each call made through the generated Rust client.

mod answer;
mod calls;
mod input;
mod login;
mod play;
mod proxy;
mod reconnecting;
mod revocation;
mod streaming_endpoints;
mod table;

#[tokio::test]
async fn models() {
    play::file("models").await;
}

#[tokio::test]
async fn values() {
    play::file("values").await;
}

#[tokio::test]
async fn collections() {
    play::file("collections").await;
}

#[tokio::test]
async fn streams() {
    play::file("streams").await;
}

#[tokio::test]
async fn exceptions() {
    play::file("exceptions").await;
}

#[tokio::test]
async fn refusals() {
    play::file("refusals").await;
}

#[tokio::test]
async fn connections() {
    play::file("connections").await;
}

#[tokio::test]
async fn modules() {
    play::file("modules").await;
}

#[tokio::test]
async fn logins() {
    play::file("logins").await;
}

#[tokio::test]
async fn streaming_endpoints() {
    streaming_endpoints::play_all().await;
}
