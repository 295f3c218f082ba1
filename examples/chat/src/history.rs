//! What was said before.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use streampod::auth::Store;
use streampod::prelude::*;
use streampod::wire::{Catalog, Decode, Decoder, Encode, Encoder};

use crate::models::Message;

/// How many messages of a conversation are kept.
pub(crate) const KEPT: usize = 100;
/// How many bytes of them are shown to who comes.
pub(crate) const SHOWN_MAX_BYTES: usize = 256 * 1024;
/// After how many messages a server looks whether there are too many.
const LOOK_EVERY: usize = 16;
/// How many conversations it counts for at most.
const COUNTED: usize = 10_000;

/// The newest messages of every conversation, in the store: so all servers of a cluster have the same, and one that
/// starts has what the others heard.
pub(crate) struct History {
    store: Arc<dyn Store>,
    /// How many messages this server added since it last removed some, by conversation.
    added: Mutex<HashMap<String, usize>>,
}

impl History {
    /// The messages in this store.
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, added: Mutex::default() }
    }

    /// Adds a message to a conversation.
    pub(crate) async fn add(&self, conversation: &str, message: &Message) -> Result<()> {
        self.store.put(&map(conversation), &key(message), written(message)?).await?;
        if self.is_due(conversation) {
            self.entries(conversation).await?;
        }
        Ok(())
    }

    /// The newest messages of a conversation, oldest first.
    pub(crate) async fn of(&self, conversation: &str) -> Result<Vec<Message>> {
        let entries = self.entries(conversation).await?;
        let mut bytes = 0;
        let fits = |(_, message): &&(String, Bytes)| {
            bytes += message.len();
            bytes <= SHOWN_MAX_BYTES
        };
        let shown = entries.iter().rev().take_while(fits).count();
        entries[entries.len() - shown..].iter().map(|(_, message)| read(message)).collect()
    }

    /// What is kept of a conversation. What is too much is removed.
    async fn entries(&self, conversation: &str) -> Result<Vec<(String, Bytes)>> {
        let map = map(conversation);
        let mut entries = self.store.entries(&map).await?;
        let kept = entries.split_off(entries.len().saturating_sub(KEPT));
        for (key, _) in entries {
            self.store.remove(&map, &key).await?;
        }
        Ok(kept)
    }

    /// Whether it is time to look how many messages there are.
    fn is_due(&self, conversation: &str) -> bool {
        let mut counts = self.added.lock();
        if counts.len() >= COUNTED {
            // Who reads a conversation looks too, so it may count anew.
            counts.clear();
        }
        let added = counts.entry(conversation.to_owned()).or_default();
        *added += 1;
        let is_due = *added >= LOOK_EVERY;
        if is_due {
            counts.remove(conversation);
        }
        is_due
    }
}

fn map(conversation: &str) -> String {
    format!("chat.history.{conversation}")
}

/// By which messages are in the order in which servers took them.
fn key(message: &Message) -> String {
    format!("{:020}-{}", message.at.unix_timestamp_nanos() / 1000, message.id)
}

/// A model as the store keeps it.
pub(crate) fn written(model: &impl Encode) -> Result<Bytes> {
    Ok(Encoder::encode(model)?)
}

/// A model from the store.
pub(crate) fn read<T: Decode>(bytes: &[u8]) -> Result<T> {
    Ok(Decoder::decode(std::str::from_utf8(bytes)?, &Catalog::new())?)
}
