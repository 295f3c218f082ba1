//! A guest without a browser: walks over the board, and prints what the others do.
//!
//! `cargo run -p {{name}}-visitor`, or with the URL of a server behind it.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use streampod::prelude::*;

use {{crate}}_client::Client;
use {{crate}}_models::{BoardEvent, Cheer, Position};

const STEP: Duration = Duration::from_millis(40);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1);
    let url = url.as_deref().unwrap_or("http://localhost:8080/");
    let client = Client::new(url)?;
    let mut events = client.board.join("Visitor", walk());
    let mut names = BTreeMap::new();
    while let Some(event) = events.next().await {
        match event? {
            BoardEvent::Welcome(welcome) => {
                println!("on the board at {url}; Ctrl-C ends the visit");
                for guest in welcome.guests {
                    println!("{} is here", guest.name);
                    names.insert(guest.id, guest.name);
                }
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
            BoardEvent::Cheered(cheered) => {
                println!("{:?}! That was cheer {}", cheered.cheer, cheered.total);
            }
        }
    }
    Ok(())
}

/// A way over the board that never ends.
fn walk() -> impl Stream<Item = Position> {
    stream! {
        for step in 0_u32.. {
            let angle = f64::from(step) / 40.0;
            let (x, y) = (0.5 + 0.3 * angle.cos(), 0.5 + 0.25 * (2.0 * angle).sin());
            yield Position { x, y };
            tokio::time::sleep(STEP).await;
        }
    }
}
