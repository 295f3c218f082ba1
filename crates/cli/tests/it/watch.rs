//! `streampod generate --watch` on a schema in a file. A server's sources are watched in `project.rs`.

use crate::generate::schema;
use crate::kit::{Folder, Running, streampod};

const CONFIG: &str = "javascript:\n  output: client\n  runtime: ./runtime.js\n";

#[test]
fn clients_follow_their_schema() {
    let project = Folder::with(&[("streampod.yaml", CONFIG), ("schema.json", &schema("draw"))]);
    let watch =
        Running::start(streampod(project.path()).args(["generate", "--watch", "--schema", "schema.json"]));
    watch.wait_for("wrote client/endpoints.js");
    watch.wait_for("waiting for changes");

    project.write("schema.json", &schema("paint"));
    watch.wait_for("wrote client/endpoints.js");
    assert!(project.read("client/endpoints.js").contains("paint("));
    watch.wait_for("waiting for changes");

    // What is wrong is told, and ends nothing.
    project.write("schema.json", "no");
    watch.wait_for("waiting for changes");
    project.write("schema.json", &schema("erase"));
    watch.wait_for("wrote client/endpoints.js");
    watch.wait_for("waiting for changes");

    // So it is with the configuration.
    project.write("streampod.yaml", "nonsense");
    watch.wait_for("waiting for changes");
    project.write("streampod.yaml", &CONFIG.replace("client", "other"));
    watch.wait_for("wrote other/endpoints.js");

    #[cfg(unix)]
    assert_eq!(watch.interrupt(), Some(0));
}
