//! A guest without a browser: walks over the board, and prints what the others do.
//!
//! `cargo run -p {{name}}-visitor`, or with the URL of a server behind it.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use {{crate}}_client::Client;
use {{crate}}_models::{BoardEvent, Cheer, Position};
use streampod::prelude::*;

const STEP: Duration = Duration::from_millis(40);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "http://localhost:8080/".into());
    let client = Client::new(&url)?;
    let mut events = client.board.join("Visitor", walk());
    let mut names = BTreeMap::new();
    while let Some(event) = events.next().await {
        match event? {
            BoardEvent::Welcome(welcome) => {
                println!("{} on the board at {url}; Ctrl-C ends the visit", people(welcome.guests.len()));
                names.extend(welcome.guests.into_iter().map(|guest| (guest.id, guest.name)));
                client.board.cheer(Cheer::Star).await?;
            }
            BoardEvent::GuestMoved(moved) => {
                let name = moved.guest.name;
                if names.insert(moved.guest.id, name.clone()).is_none() {
                    println!("{name} came");
                }
            }
            BoardEvent::GuestLeft(left) => {
                if let Some(name) = names.remove(&left.id) {
                    println!("{name} left");
                }
            }
            BoardEvent::Cheered(cheered) => println!("{:?}! That was cheer {}", cheered.cheer, cheered.total),
        }
    }
    Ok(())
}

/// A way over the board that never ends.
fn walk() -> impl Stream<Item = Position> {
    stream! {
        for step in 0_u32.. {
            let angle = f64::from(step) / 40.0;
            yield Position { x: 0.5 + 0.3 * angle.cos(), y: 0.5 + 0.25 * (2.0 * angle).sin() };
            tokio::time::sleep(STEP).await;
        }
    }
}

fn people(count: usize) -> String {
    if count == 1 { "1 guest is".into() } else { format!("{count} guests are") }
}
