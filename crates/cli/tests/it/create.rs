//! What `streampod create` refuses. What it creates is tried in `project.rs`.

use crate::kit::Folder;

#[test]
fn names_and_folders_that_cannot_be() {
    let folder = Folder::with(&[("taken/file", "mine"), ("empty/nothing", "")]);
    for (arguments, expected) in [
        ("create taken", "taken is there already"),
        ("create Demo", "`Demo` cannot be the name of a project: it begins with a lower case letter"),
        ("create ../demo", "`../demo` cannot be the name of a project"),
        ("create fn", "`fn` cannot be the name of a project: it is a word of Rust"),
        ("create demo --streampod nowhere", "--streampod nowhere: there is no such folder"),
        ("create demo --streampod empty", "--streampod empty: that is no checkout of Streampod"),
    ] {
        folder.run(arguments).assert_failed(expected);
    }
    assert_eq!(folder.read("taken/file"), "mine");
    assert!(!folder.has("demo") && !folder.has("Demo"));
}

#[test]
fn a_project_on_a_published_version() {
    let folder = Folder::with(&[]);
    let ended = folder.run("create my-app --streampod 0.9");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("cargo run -p my-app-server"), "{}", ended.stdout);
    let manifest = folder.read("my-app/Cargo.toml");
    assert!(manifest.contains(r#"streampod = { version = "0.9", default-features = false }"#), "{manifest}");
    assert!(manifest.contains(r#"streampod-codegen = { version = "0.9" }"#), "{manifest}");
    assert!(folder.read("my-app/client/Cargo.toml").contains(r#"version = "0.9""#));
    assert!(folder.read("my-app/server/src/main.rs").contains("use my_app_models as models;"));
    assert!(folder.has("my-app/.gitignore"));
    // Nothing of the template is left to be filled in.
    let mut folders = vec![folder.path().join("my-app")];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let text = std::fs::read_to_string(&entry).unwrap();
            assert!(
                !text.contains("{{name") && !text.contains("{{crate") && !text.contains("{{streampod"),
                "{entry:?}"
            );
            assert!(entry.extension().is_none_or(|extension| extension != "template"), "{entry:?}");
        }
    }
}
