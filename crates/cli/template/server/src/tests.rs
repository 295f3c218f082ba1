//! The board's tests. They need neither a port nor a network.

use {{crate}}_client::Client;
use {{crate}}_models::{BadName, BoardEvent, Cheer, Position};
use streampod::prelude::*;
use streampod_testing::client::ClientOptions;
use streampod_testing::{TestApp, flush, input};

use crate::app;
use crate::board::Board;

/// A client as the app's users have it.
fn client(app: &TestApp) -> Client {
    Client::over(app.anonymous().client(Client::known(ClientOptions::default())))
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
    let first = events.next().await.unwrap().unwrap();
    let BoardEvent::Welcome(welcome) = &*first else { panic!("{first:?}") };
    assert_eq!(welcome.guests.len(), 1);
    assert_eq!(welcome.guests[0].name, "Ada");

    positions.send(Position { x: 7.0, y: 0.5 });
    loop {
        let event = events.next().await.unwrap().unwrap();
        let BoardEvent::GuestMoved(moved) = &*event else { panic!("{event:?}") };
        if let Some(position) = &moved.guest.position {
            assert_eq!(*position, Position { x: 1.0, y: 0.5 }, "it stays on the board");
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
        match seen.next().await.unwrap().unwrap() {
            BoardEvent::GuestMoved(moved) if moved.guest.position == Some(here.clone()) => {
                assert_eq!(moved.guest.name, "Bob");
                break;
            }
            _ => {}
        }
    }

    drop(visit);
    loop {
        if let BoardEvent::GuestLeft(left) = seen.next().await.unwrap().unwrap() {
            assert_eq!(left.id, 2);
            break;
        }
    }
    drop(seen);
    flush().await;
    assert_eq!(app.handle().stats().subscriptions, 0, "a guest who is gone leaves nothing behind");
}

#[tokio::test]
async fn everybody_sees_cheers() {
    let app = TestApp::new(app);
    let mut events = client(&app).board.join("Ada", pointing_at([]));
    assert!(matches!(events.next().await, Some(Ok(BoardEvent::Welcome(_)))));
    assert_eq!(client(&app).board.cheer(Cheer::Star).await.unwrap(), 1);
    loop {
        if let BoardEvent::Cheered(cheered) = events.next().await.unwrap().unwrap() {
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
        let error = events.next().await.unwrap().unwrap_err();
        assert!(error.exception::<BadName>().is_some(), "{error:?}");
    }
}
