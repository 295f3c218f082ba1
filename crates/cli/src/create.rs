//! `streampod create`: a new project.

mod name;
mod streampod;
mod template;

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

use crate::Outcome;
use crate::console::{ASIDE, NAME, styled};
use crate::generate::Changes;
use crate::project::{FILE_NAME, Project};
use name::Name;
use streampod::Streampod;

/// What is asked of `create`.
#[derive(Debug)]
pub(crate) struct Request {
    /// The name of the project.
    pub(crate) name: String,
    /// Where Streampod is from. `None`: the checkout that this program was built from, or the published version.
    pub(crate) streampod: Option<String>,
}

/// Creates a project in a folder of its name.
pub(crate) fn run(request: &Request) -> anyhow::Result<Outcome> {
    let name: Name = request.name.parse()?;
    let streampod = Streampod::find(request.streampod.as_deref())?;
    let folder = Path::new(name.as_str());
    if folder.symlink_metadata().is_ok() {
        bail!("{name} is there already; choose another name, or another folder to be in");
    }
    for (path, text) in template::files(&name, &streampod) {
        write(&folder.join(path), &text)?;
    }
    let project = Project::read(&folder.join(FILE_NAME))?;
    let schema = template::schema()?;
    for client in &project.clients {
        Changes::between(folder.join(&client.output), client.generate(&schema)?)?.apply()?;
    }
    say_what_is_next(&name);
    Ok(Outcome::Done)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, text));
    written.with_context(|| format!("{} cannot be written", path.display()))
}

fn say_what_is_next(name: &Name) {
    anstream::println!("Created {name}: a server, its models, a client in Rust, and a web page.\n");
    for (command, purpose) in [
        (format!("cd {name}"), ""),
        (format!("cargo run -p {name}-server"), "the server; its page is http://localhost:8082"),
        (format!("cargo run -p {name}-visitor"), "in another terminal: a guest without a browser"),
        ("cargo test".into(), "the tests, without a network"),
    ] {
        let gap =
            " ".repeat(if purpose.is_empty() { 0 } else { 32_usize.saturating_sub(command.len()).max(2) });
        anstream::println!("  {}{gap}{}", styled(NAME, command), styled(ASIDE, purpose));
    }
    anstream::println!("\n{name}/README.md says what is where.");
}
