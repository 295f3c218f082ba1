//! The examples of this repository.

use std::path::Path;

use crate::kit::{Ended, streampod};

/// Their clients are what their servers say.
#[test]
fn clients_are_up_to_date() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let folders = std::fs::read_dir(examples).unwrap().map(|entry| entry.unwrap().path());
    let projects: Vec<_> = folders.filter(|folder| folder.join("streampod.yaml").exists()).collect();
    assert!(!projects.is_empty());
    for project in projects {
        let ended = Ended::of(streampod(&project).args(["generate", "--check"]));
        ended.assert_done("all clients are up to date\n");
    }
}
