//! What is said about files that are wrong: each file or folder of `tests/diagnostics` is a case, and the text beside it what
//! is said about it. With `UPDATE_GOLDEN=1` those texts are written anew; look at them then.

use std::fs;
use std::path::Path;

use streampod_spy::{Diagnostics, Severity, SourceText, Style, read, read_folder};

use crate::kit;

/// What is said about a case.
fn diagnostics(case: &Path) -> Diagnostics {
    let result = if case.is_dir() {
        read_folder(case, &kit::options())
    } else {
        let path = case.file_name().unwrap().to_string_lossy().into_owned();
        read(vec![SourceText { path, text: fs::read_to_string(case).unwrap() }], &kit::options())
    };
    result.map_or_else(|diagnostics| diagnostics, |models| models.notices)
}

#[test]
fn every_case_is_reported_as_its_golden_text_says() {
    let mut cases: Vec<_> =
        fs::read_dir(kit::path("diagnostics")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let (texts, mut cases): (Vec<_>, Vec<_>) =
        cases.drain(..).partition(|path| path.extension().is_some_and(|extension| extension == "txt"));
    cases.sort();
    let mut expected_texts = Vec::new();
    let mut differing = Vec::new();
    for case in cases {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let golden = case.with_file_name(name.trim_end_matches(".spy.yaml").to_owned() + ".txt");
        // The folder in which the tests lie is no part of what is expected.
        let here = kit::path("diagnostics").to_string_lossy().replace('\\', "/") + "/";
        let found = diagnostics(&case).to_string().replace(&here, "") + "\n";
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, &found).unwrap();
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        if found != expected {
            differing.push(format!("{name}, expected:\n{expected}\nfound:\n{found}"));
        }
        expected_texts.push(golden);
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    let stale: Vec<_> = texts.iter().filter(|text| !expected_texts.contains(text)).collect();
    assert!(stale.is_empty(), "no case has these texts: {stale:?}");
}

#[test]
fn a_diagnostic_tells_its_place() {
    let text = "class: Test\nfields:\n  ä: int\n  größe: Strin\n";
    let diagnostics = kit::try_read_all(&[text]).unwrap_err();
    let places: Vec<_> = diagnostics
        .iter()
        .map(|found| {
            let location = found.location.clone().unwrap();
            (found.severity, location.path, location.line, location.column)
        })
        .collect();
    let at = |line, column| (Severity::Error, "a.spy.yaml".to_owned(), line, column);
    assert_eq!(places, [at(3, 3), at(4, 3), at(4, 10)]);
    let lines: Vec<_> = diagnostics.iter().map(ToString::to_string).collect();
    assert_eq!(lines[2], "a.spy.yaml:4:10: there is no type `Strin`");
}

#[test]
fn colours_are_given_only_when_asked_for() {
    let diagnostics = kit::try_read_all(&["class: 5"]).unwrap_err();
    assert!(!diagnostics.render(Style::Plain).contains('\u{1b}'));
    assert!(diagnostics.render(Style::Coloured).contains('\u{1b}'));
}

#[test]
fn of_many_diagnostics_the_rest_is_counted() {
    let values = (0..150).map(|index| format!("  - a {index}\n")).collect::<String>();
    let diagnostics = kit::try_read_all(&[&format!("enum: Test\nvalues:\n{values}")]).unwrap_err();
    assert_eq!(diagnostics.iter().count(), 150);
    assert!(diagnostics.to_string().ends_with("… and 50 more"));
}

#[test]
fn a_file_that_is_no_text_is_reported_with_the_others() {
    let folder = Folder::new("no-text");
    fs::write(folder.path().join("a.spy.yaml"), b"class: \xff").unwrap();
    fs::write(folder.path().join("b.spy.yaml"), "class: b").unwrap();
    let diagnostics = read_folder(folder.path(), &kit::options()).unwrap_err().to_string();
    assert!(diagnostics.contains("the file is not UTF-8 text"), "{diagnostics}");
    assert!(diagnostics.contains("b.spy.yaml:1:8"), "{diagnostics}");
}

#[test]
fn a_folder_that_is_not_there_is_reported() {
    let diagnostics = read_folder(kit::path("missing"), &kit::options()).unwrap_err().to_string();
    assert!(diagnostics.contains("the folder of models cannot be read"), "{diagnostics}");
}

/// A folder that is removed when the test ends.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("streampod-spy-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
