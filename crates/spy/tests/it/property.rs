//! No text makes the reader panic, and what it reads is a schema that the generators take.

use proptest::prelude::*;
use streampod_schema::Schema;

use crate::kit;

/// Pieces of which model files are made.
fn piece() -> impl Strategy<Value = String> {
    let words = "class: enum: exception: fields: values: properties: extends: sealed: A B Test int List< Map< Set< > , ( ) { } ? ? \
                 ! = ' \" \\ : - # ### & * | > [ ] ~ null true default= scope= relation( required module:auth: dynamic String ä 🙂 \
                 serverOnly: table: id: jsonKey= now --- ... % \t @";
    let words: Vec<_> =
        words.split(' ').map(str::to_owned).chain(["\n".into(), "\n  ".into(), "\n    ".into()]).collect();
    prop_oneof![8 => proptest::sample::select(words), 2 => " {0,3}".prop_map(|s| s), 1 => "\\PC{0,4}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn no_text_panics(texts in proptest::collection::vec(proptest::collection::vec(piece(), 0..40), 1..3)) {
        let texts: Vec<_> = texts.iter().map(|pieces| pieces.concat()).collect();
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        read(&texts);
    }

    #[test]
    fn no_class_panics(
        fields in proptest::collection::vec(("[a-c]", proptest::collection::vec(piece(), 0..12)), 0..6),
        extends in "[A-C]",
    ) {
        let fields = fields.iter().map(|(name, pieces)| format!("  {name}: {}\n", pieces.concat())).collect::<String>();
        let text = format!("class: A\nextends: {extends}\nfields:\n{fields}");
        read(&[&text, "class: B\ntable: b\nextends: A\n", "enum: C\nvalues: [a]\n"]);
    }
}

/// Reads the texts; the diagnostics can be shown, and a schema is sound.
fn read(texts: &[&str]) {
    match kit::try_read_all(texts) {
        Err(diagnostics) => assert!(!diagnostics.to_string().is_empty()),
        Ok(models) => {
            let json = serde_json::to_string(&models.schema).unwrap();
            assert_eq!(serde_json::from_str::<Schema>(&json).unwrap(), models.schema);
        }
    }
}

#[test]
fn hostile_files_are_refused_quickly() {
    let deep = |open: &str, count: usize| format!("class: A\nfields:\n  a: {}", open.repeat(count));
    let files = [
        deep("[", 50_000),
        deep("{a: ", 50_000),
        deep("List<", 40_000),
        deep("(", 100_000),
        format!("class: A\nfields:\n  a: int, {}", "a(".repeat(50_000)),
        format!("class: A\nfields:\n  a: int, default='{}", "\\".repeat(100_000)),
        format!("class: A\n{}", "x: 1\n".repeat(40_000)),
        format!("class: A\nfields:\n{}", (0..10_000).map(|n| format!("  a{n}: X\n")).collect::<String>()),
        format!("class: A\nfields:\n  a: {}", "x".repeat(200_000)),
        format!("enum: A\nvalues: &a [{}]", "b, ".repeat(50_000)),
        "# ".repeat(1_000_000),
    ];
    for file in &files {
        let started = std::time::Instant::now();
        let diagnostics = kit::try_read_all(&[file]).unwrap_err().to_string();
        assert!(!diagnostics.is_empty());
        assert!(started.elapsed().as_secs() < 20, "{:.60} took {:?}", file, started.elapsed());
    }
}
