//! Who is online, on any server.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use streampod::prelude::*;
use streampod::{InternalSession, OnLag, SubscribeOptions};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, interval, sleep};

use crate::models::{Announcement, People, User};

/// Where servers tell each other who is online.
pub(crate) const CHANNEL: &str = "chat_presence";
/// How often a server says so although nothing has changed.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// After how long a server that says nothing is taken for dead, and its users for gone.
pub(crate) const PATIENCE: Duration = Duration::from_secs(12);
/// How long a server collects changes before it announces them, and users who look wait for more of them.
const PAUSE: Duration = Duration::from_millis(100);
/// How many servers are remembered.
const SERVERS: usize = 1_000;

/// Who is online. A user is while any of their devices follows this, on any server.
///
/// One task in the background announces who follows here, and hears what other servers announce: whenever it changes, and
/// every few seconds, so that what a server said that died does not stand for ever. Cheap to clone; clones are the same.
#[derive(Clone)]
pub(crate) struct Presence(Arc<Table>);

struct Table {
    /// The server's name, for those who follow.
    server: String,
    /// What tells it from others that have the same name.
    id: Uuid,
    known: Mutex<Known>,
    /// All of them, for those who follow.
    people: watch::Sender<Vec<User>>,
    /// Somebody came or left here, or another server asks.
    changed: Notify,
}

#[derive(Default)]
struct Known {
    /// Who follows here, by session.
    here: HashMap<Uuid, User>,
    /// What other servers have announced, and when.
    elsewhere: HashMap<Uuid, (Vec<User>, Instant)>,
}

impl Presence {
    /// Nobody yet, on the server of that name.
    pub(crate) fn new(server: String) -> Self {
        Self(Arc::new(Table {
            server,
            id: Uuid::new_v4(),
            known: Mutex::default(),
            people: watch::Sender::default(),
            changed: Notify::default(),
        }))
    }

    /// Who is online: at once, and whenever that changes. `user` is online until the session closes.
    pub(crate) fn follow(&self, session: &Session, user: User) -> impl Stream<Item = Result<People>> + use<> {
        let table = Arc::clone(&self.0);
        let mut people = table.people.subscribe();
        table.change(|here| here.insert(session.id(), user));
        let leaving = Arc::clone(&table);
        session.add_will_close_listener(move |session| async move {
            leaving.change(|here| here.remove(&session.id()));
        });
        stream! {
            // The one who looks is known by now, so there is a first answer.
            people.mark_changed();
            while people.changed().await.is_ok() {
                let online = people.borrow_and_update().clone();
                yield Ok(People { online, server: table.server.clone() });
                sleep(PAUSE).await;
            }
        }
    }

    /// Announces who is here, and hears who is elsewhere, for as long as the server runs.
    pub(crate) async fn announce(self, session: InternalSession) {
        let table = &*self.0;
        // What is heard late is followed by something newer.
        let options = SubscribeOptions { bound: SERVERS, on_lag: OnLag::KeepNewest };
        let mut heard = session.messages().stream_with::<Announcement>(CHANNEL, options);
        // Others are asked when their answers can be heard.
        heard.ready().await;
        let mut heartbeat = interval(HEARTBEAT);
        // Until others have been asked who is there, which may fail.
        let mut asks = true;
        loop {
            tokio::select! {
                announcement = heard.next() => match announcement {
                    Some(Ok(announcement)) => table.hear(&announcement),
                    Some(Err(error)) => tracing::warn!("an announcement of who is online was not heard: {error}"),
                    None => return,
                },
                () = table.changed.notified() => {
                    sleep(PAUSE).await;
                    asks &= !table.post(&session, asks).await;
                }
                _ = heartbeat.tick() => {
                    asks &= !table.post(&session, asks).await;
                    table.expire();
                }
            }
        }
    }
}

impl Table {
    /// Somebody comes or leaves here.
    fn change<T>(&self, change: impl FnOnce(&mut HashMap<Uuid, User>) -> T) {
        let mut known = self.known.lock();
        change(&mut known.here);
        self.tell(&known);
        self.changed.notify_one();
    }

    /// Tells those who follow, if it is news to them.
    fn tell(&self, known: &Known) {
        let elsewhere = known.elsewhere.values().flat_map(|(users, _)| users);
        let users = known.here.values().chain(elsewhere).map(|user| (user.id.as_str(), user));
        let all: Vec<_> = users.collect::<BTreeMap<_, _>>().into_values().cloned().collect();
        self.people.send_if_modified(|people| {
            let is_news = *people != all;
            *people = all;
            is_news
        });
    }

    /// Announces who is here; whether it was accepted. What is not is followed by the next heartbeat.
    async fn post(&self, session: &Session, asks: bool) -> bool {
        let users: BTreeMap<_, _> =
            self.known.lock().here.values().map(|user| (user.id.clone(), user.clone())).collect();
        let announcement = Announcement { server: self.id, users: users.into_values().collect(), asks };
        session.messages().post(CHANNEL, announcement).await.is_ok()
    }

    fn hear(&self, announcement: &Announcement) {
        if announcement.server == self.id {
            return;
        }
        let mut known = self.known.lock();
        if announcement.users.is_empty() {
            known.elsewhere.remove(&announcement.server);
        } else if known.elsewhere.len() < SERVERS || known.elsewhere.contains_key(&announcement.server) {
            known.elsewhere.insert(announcement.server, (announcement.users.clone(), Instant::now()));
        }
        self.tell(&known);
        if announcement.asks {
            self.changed.notify_one();
        }
    }

    /// Forgets what servers announced that say nothing any more.
    fn expire(&self) {
        let mut known = self.known.lock();
        known.elsewhere.retain(|_, (_, at)| at.elapsed() < PATIENCE);
        self.tell(&known);
    }
}
