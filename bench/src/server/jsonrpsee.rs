//! jsonrpsee: calls and subscriptions over WebSockets.

use std::net::SocketAddr;

use jsonrpsee::RpcModule;
use jsonrpsee::core::id_providers::NoopIdProvider;
use jsonrpsee::core::{RpcResult, SubscriptionResult};
use jsonrpsee::server::{ServerBuilder, ServerConfig};
use tokio::sync::broadcast;

/// How many messages a subscription may be behind.
const CHANNEL_MESSAGES: usize = 256;
const CONNECTIONS_MAX: u32 = 100_000;

/// Serves until the process is ended.
pub(crate) async fn serve(address: SocketAddr) -> anyhow::Result<()> {
    let config = ServerConfig::builder()
        .ws_only()
        .max_connections(CONNECTIONS_MAX)
        .set_tcp_no_delay(true)
        // So that the load knows what a subscription is called.
        .set_id_provider(NoopIdProvider)
        .build();
    let server = ServerBuilder::with_config(config).build(address).await?;
    let (news, _) = broadcast::channel::<String>(CHANNEL_MESSAGES);
    let mut module = RpcModule::new(news);
    module.register_method("once", |params, _, _| -> RpcResult<String> { params.one() })?;
    module.register_method("publish", |params, news, _| -> RpcResult<usize> {
        // The number of subscribers is not what is measured.
        Ok(news.send(params.one()?).map_or(0, |_| 0))
    })?;
    module.register_subscription("subscribe", "news", "unsubscribe", |_, pending, news, _| async move {
        let mut news = news.subscribe();
        let sink = pending.accept().await?;
        loop {
            let message = news.recv().await?;
            sink.send(serde_json::value::to_raw_value(&message)?).await?;
        }
        #[allow(unreachable_code)]
        SubscriptionResult::Ok(())
    })?;
    server.start(module).stopped().await;
    Ok(())
}
