//! The board, and who is there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use streampod::prelude::*;

use {{crate}}_models::{
    BadName, BoardEvent, Cheer, Cheered, Guest, GuestLeft, GuestMoved, Position, Welcome,
};

/// The channel that everything is posted on which happens on the board.
const EVENTS: &str = "board-events";

const NAME_MAX_CHARS: usize = 24;

/// The board that everybody points at.
#[derive(Default, Clone)]
pub struct Board(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    guests: BTreeMap<i64, Guest>,
    last_id: i64,
    cheers: i64,
}

/// What a guest's call waits for.
enum Next {
    /// The guest points somewhere.
    Position(Result<Position>),
    /// Something happens on the board.
    Event(Result<Shared<BoardEvent>>),
}

/// A board on which everybody sees where everybody points.
#[endpoint]
impl Board {
    /// Joins the board. What goes in is where the guest points; what comes out is all that happens, beginning with a
    /// `Welcome`. The guest leaves when the call ends.
    pub async fn join(
        &self,
        session: &Session,
        name: String,
        mut positions: Input<Position>,
    ) -> Result<impl Stream<Item = Result<Shared<BoardEvent>>>> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_MAX_CHARS {
            let message = format!("A name has 1 to {NAME_MAX_CHARS} characters.");
            return Err(BadName { message }.into());
        }
        // Listening begins before the guest is told who is there, so that nothing falls between the two.
        let mut events = session.messages().stream::<BoardEvent>(EVENTS);
        let welcome = self.admit(name);
        let id = welcome.you;
        let board = self.clone();
        session.add_will_close_listener(move |session| async move {
            board.state().guests.remove(&id);
            // It fails only if the server stops, and then everybody leaves.
            let _ = post(&session, GuestLeft { id }).await;
        });
        Ok(try_stream! {
            yield Shared::new(welcome.into());
            self.announce(session, id, None).await?;
            loop {
                let next = tokio::select! {
                    Some(position) = positions.next() => Next::Position(position),
                    Some(event) = events.next() => Next::Event(event),
                    else => break,
                };
                match next {
                    Next::Position(position) => self.announce(session, id, Some(position?)).await?,
                    Next::Event(event) => yield event?,
                }
            }
        })
    }

    /// Cheers, so that everybody sees it. Returns how often that was done.
    pub async fn cheer(&self, session: &Session, cheer: Cheer) -> Result<i64> {
        let total = {
            let mut state = self.state();
            state.cheers += 1;
            state.cheers
        };
        post(session, Cheered { cheer, total }).await?;
        Ok(total)
    }
}

impl Board {
    /// Lets a guest in.
    fn admit(&self, name: &str) -> Welcome {
        let mut state = self.state();
        state.last_id += 1;
        let you = state.last_id;
        state.guests.insert(you, Guest::new(you, name.to_owned()));
        let guests = state.guests.values().cloned().collect();
        Welcome {
            you,
            guests,
            cheers: state.cheers,
        }
    }

    /// Tells everybody of a guest who has come or moved.
    async fn announce(&self, session: &Session, id: i64, position: Option<Position>) -> Result<()> {
        let guest = {
            let mut state = self.state();
            let Some(guest) = state.guests.get_mut(&id) else {
                return Ok(());
            };
            if let Some(Position { x, y }) = position {
                let (x, y) = (x.clamp(0.0, 1.0), y.clamp(0.0, 1.0));
                guest.position = Some(Position { x, y });
            }
            guest.clone()
        };
        post(session, GuestMoved { guest }).await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn post(session: &Session, event: impl Into<BoardEvent>) -> Result<()> {
    session.messages().post(EVENTS, event.into()).await
}
