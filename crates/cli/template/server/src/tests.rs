//! The board's tests. They need neither a port nor a network.

use streampod::prelude::*;
use streampod_testing::client::ClientOptions;
use streampod_testing::{TestApp, flush, input, soon};

use {{crate}}_client::Client;
use {{crate}}_models::{BadName, BoardEvent, Cheer, Position};

use crate::app;
use crate::board::Board;

/// A client as the app's users have it.
fn client(app: &TestApp) -> Client {
    let options = Client::known(ClientOptions::default());
    Client::over(app.anonymous().client(options))
}

/// A guest who points at these places and stays.
fn pointing_at(positions: impl IntoIterator<Item = Position>) -> impl Stream<Item = Position> {
    let positions: Vec<_> = positions.into_iter().collect();
    stream! {
        for position in positions {
            yield position;
        }
        std::future::pending::<()>().await;
    }
}

/// A method can be called as the ordinary one that it is …
#[tokio::test]
async fn a_guest_is_welcomed() {
    let (board, app) = (Board::default(), TestApp::new(app));
    let session = app.anonymous().session();
    let (positions, input) = input();
    let mut events = std::pin::pin!(board.join(&session, " Ada ".into(), input).await.unwrap());
    let first = soon(events.next()).await.unwrap().unwrap();
    let BoardEvent::Welcome(welcome) = &*first else {
        panic!("{first:?}")
    };
    assert_eq!(welcome.guests.len(), 1);
    assert_eq!(welcome.guests[0].name, "Ada");

    positions.send(Position { x: 7.0, y: 0.5 });
    loop {
        let event = soon(events.next()).await.unwrap().unwrap();
        let BoardEvent::GuestMoved(moved) = &*event else {
            panic!("{event:?}")
        };
        if let Some(position) = &moved.guest.position {
            // It stays on the board.
            assert_eq!(*position, Position { x: 1.0, y: 0.5 });
            break;
        }
    }
}

/// … or by clients, over everything but a network.
#[tokio::test]
async fn guests_see_each_other() {
    let app = TestApp::new(app);
    let (ada, bob) = (client(&app), client(&app));
    let here = Position { x: 0.25, y: 0.5 };
    let mut seen = ada.board.join("Ada", pointing_at([]));
    let visit = bob.board.join("Bob", pointing_at([here.clone()]));
    loop {
        match soon(seen.next()).await.unwrap().unwrap() {
            BoardEvent::GuestMoved(moved) if moved.guest.position == Some(here.clone()) => {
                assert_eq!(moved.guest.name, "Bob");
                break;
            }
            _ => {}
        }
    }

    drop(visit);
    loop {
        if let BoardEvent::GuestLeft(left) = soon(seen.next()).await.unwrap().unwrap() {
            assert_eq!(left.id, 2);
            break;
        }
    }
    drop(seen);
    flush().await;
    // A guest who is gone leaves nothing behind.
    assert_eq!(app.handle().stats().subscriptions, 0);
}

#[tokio::test]
async fn everybody_sees_cheers() {
    let app = TestApp::new(app);
    let mut events = client(&app).board.join("Ada", pointing_at([]));
    let first = soon(events.next()).await.unwrap().unwrap();
    assert!(matches!(first, BoardEvent::Welcome(_)), "{first:?}");
    assert_eq!(client(&app).board.cheer(Cheer::Star).await.unwrap(), 1);
    loop {
        if let BoardEvent::Cheered(cheered) = soon(events.next()).await.unwrap().unwrap() {
            assert_eq!((cheered.cheer, cheered.total), (Cheer::Star, 1));
            break;
        }
    }
}

#[tokio::test]
async fn a_name_is_needed() {
    let app = TestApp::new(app);
    for name in ["  ".to_owned(), "x".repeat(25)] {
        let mut events = client(&app).board.join(&name, pointing_at([]));
        let error = soon(events.next()).await.unwrap().unwrap_err();
        assert!(error.exception::<BadName>().is_some(), "{error:?}");
    }
}
