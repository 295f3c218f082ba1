//! Channels between servers.

use std::time::Duration;

use streampod::PostScope;
use streampod::prelude::*;

use crate::SimpleData;

/// How long a method listens.
const LISTENS_FOR: Duration = Duration::from_secs(2);

/// Channels between servers, if Redis is enabled.
pub(crate) struct Redis;

#[endpoint]
impl Redis {
    /// Listens for 2 s; the last message that came, or null.
    async fn listen_to_channel(&self, session: &Session, channel: String) -> Result<Option<SimpleData>> {
        let mut messages = session.messages().stream::<SimpleData>(&channel);
        let mut last = None;
        let listening = async {
            while let Some(message) = messages.try_next().await? {
                last = Some(message.into_inner());
            }
            Result::Ok(())
        };
        match tokio::time::timeout(LISTENS_FOR, listening).await {
            Ok(Err(error)) => Err(error),
            Ok(Ok(())) | Err(_) => Ok(last),
        }
    }

    /// Posts to all servers.
    async fn post_to_channel(&self, session: &Session, channel: String, data: SimpleData) -> Result<()> {
        session.messages().post_with(PostScope::Global, &channel, data).await
    }

    async fn count_subscribed_channels(&self, session: &Session) -> Result<i64> {
        Ok(session.messages().channels() as i64)
    }
}
