//! What is said, and to whom.

use std::sync::Arc;
use std::time::Duration;

use streampod::auth::Store;
use streampod::prelude::*;

use crate::account::caller;
use crate::accounts::Accounts;
use crate::history::History;
use crate::models::{ChatEvent, Earlier, Message, NotSent, People, Room, Said, User};
use crate::presence::Presence;
use crate::throttle::Throttle;

/// The rooms: their names and what they are for.
const ROOMS: [(&str, &str); 4] = [
    ("lobby", "Say hello"),
    ("flutter", "Widgets, and what moves them"),
    ("rust", "Fast, safe, and pleasant to read"),
    ("random", "Everything else"),
];

const TEXT_MAX_CHARS: usize = 2_000;

/// Rooms, direct messages, and who is there.
pub(crate) struct ChatEndpoint {
    accounts: Accounts,
    history: History,
    presence: Presence,
    posts: Throttle,
}

impl ChatEndpoint {
    pub(crate) fn new(accounts: Accounts, store: Arc<dyn Store>, presence: Presence) -> Self {
        Self {
            accounts,
            history: History::new(store),
            presence,
            posts: Throttle::new(10, Duration::from_millis(500)),
        }
    }
}

/// Rooms, direct messages, and who is there.
#[endpoint(require_login)]
impl ChatEndpoint {
    /// The rooms.
    async fn rooms(&self, _session: &Session) -> Result<Vec<Room>> {
        Ok(ROOMS.map(|(name, topic)| Room { name: name.into(), topic: topic.into() }).into())
    }

    /// Says something in a room.
    async fn post(&self, session: &Session, id: Uuid, room: String, text: String) -> Result<Message> {
        known(&room)?;
        let from = self.caller(session).await?;
        let channel = room_channel(&room);
        let message = self.message(id, from, Some(room), None, text)?;
        self.say(session, &[channel], &message).await?;
        Ok(message)
    }

    /// Says something to one user.
    async fn direct(&self, session: &Session, id: Uuid, user: String, text: String) -> Result<Message> {
        let from = self.caller(session).await?;
        let to = self.accounts.find(&user).await?.ok_or_else(|| not_sent("There is nobody of that name."))?;
        if from == to {
            return Err(not_sent("That is you."));
        }
        // It reaches the other devices of who says it too.
        let channels = [user_channel(&to.id), user_channel(&from.id)];
        let message = self.message(id, from, None, Some(to), text)?;
        self.say(session, &channels, &message).await?;
        Ok(message)
    }

    /// What was said in a room, and all that is said from now on.
    async fn room(
        &self,
        session: &Session,
        name: String,
    ) -> Result<impl Stream<Item = Result<Shared<ChatEvent>>>> {
        known(&name)?;
        self.follow(session, room_channel(&name)).await
    }

    /// What was said to the caller and by the caller to others, and all that is from now on.
    async fn inbox(&self, session: &Session) -> Result<impl Stream<Item = Result<Shared<ChatEvent>>>> {
        self.follow(session, user_channel(&caller(session)?.user_identifier)).await
    }

    /// Who is online: at once, and whenever that changes. The caller is online while this stream is open.
    async fn presence(&self, session: &Session) -> Result<impl Stream<Item = Result<People>>> {
        Ok(self.presence.follow(session, self.caller(session).await?))
    }
}

impl ChatEndpoint {
    async fn caller(&self, session: &Session) -> Result<User> {
        let id = &caller(session)?.user_identifier;
        Ok(self.accounts.find(id).await?.ok_or("the caller has no account")?)
    }

    fn message(
        &self,
        id: Uuid,
        from: User,
        room: Option<String>,
        to: Option<User>,
        text: String,
    ) -> Result<Message> {
        let text = text.trim();
        if text.is_empty() {
            return Err(not_sent("There is nothing in it."));
        }
        let length = text.chars().count();
        if length > TEXT_MAX_CHARS {
            let message = format!("It has {length} characters; {TEXT_MAX_CHARS} are allowed.");
            return Err(not_sent(message));
        }
        self.posts.take(&from.id).map_err(|_| not_sent("That was very quick. Wait a moment."))?;
        Ok(Message { id, from, room, to, text: text.to_owned(), at: now() })
    }

    /// Keeps a message, then sends it to everyone who follows: who misses it live because they come in this moment find
    /// it among the earlier ones.
    async fn say(&self, session: &Session, channels: &[String], message: &Message) -> Result<()> {
        for channel in channels {
            self.history.add(channel, message).await?;
        }
        for channel in channels {
            let said = ChatEvent::Said(Said { message: message.clone() });
            session.messages().post(channel, said).await?;
        }
        Ok(())
    }

    async fn follow(
        &self,
        session: &Session,
        channel: String,
    ) -> Result<impl Stream<Item = Result<Shared<ChatEvent>>> + use<>> {
        // Listening begins before the history is read, so that nothing falls between the two.
        let news = session.messages().stream::<ChatEvent>(&channel);
        news.ready().await;
        let earlier = ChatEvent::Earlier(Earlier { messages: self.history.of(&channel).await? });
        // What falls behind, or may have missed something between servers, ends with an error; who follows comes back,
        // and finds what was missed among the earlier messages.
        Ok(stream! {
            yield Ok(Shared::new(earlier));
            for await said in news {
                yield said;
            }
        })
    }
}

fn known(room: &str) -> Result<()> {
    let is_known = ROOMS.iter().any(|(name, _)| *name == room);
    if is_known { Ok(()) } else { Err(not_sent("There is no such room.")) }
}

fn not_sent(message: impl Into<String>) -> streampod::Error {
    NotSent { message: message.into() }.into()
}

fn room_channel(room: &str) -> String {
    format!("room_{room}")
}

fn user_channel(user: &str) -> String {
    format!("user_{user}")
}
