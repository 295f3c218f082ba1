//! The fuzz target's function over its corpus, with random changes, for some seconds; a fuzzer does it for longer.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use streampod_websocket::Masks;

#[path = "../../fuzz/entry.rs"]
mod entry;

/// For how long changes are tried. `STREAMPOD_FUZZ_SECONDS` says otherwise.
const SECONDS: u64 = 3;

#[test]
fn corpus_with_changes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/reader");
    let mut corpus: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    corpus.sort();
    let corpus: Vec<_> = corpus.iter().map(|path| fs::read(path).unwrap()).collect();
    assert!(corpus.len() >= 10, "the corpus has only {} files", corpus.len());
    for data in &corpus {
        // With every setting.
        for settings in 0..=255 {
            let mut data = data.clone();
            data[0] = settings;
            entry::run(&data);
        }
    }

    let seconds = std::env::var("STREAMPOD_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let end = Instant::now() + Duration::from_secs(seconds.unwrap_or(SECONDS));
    let mut seed = 1;
    while Instant::now() < end {
        for _ in 0..500 {
            let data = changed(&corpus, seed);
            if std::panic::catch_unwind(|| entry::run(&data)).is_err() {
                panic!("seed {seed}; put this into the corpus: {data:02x?}");
            }
            seed += 1;
        }
    }
    println!("{seed} inputs");
}

/// Some input of the corpus, changed as `seed` says.
fn changed(corpus: &[Vec<u8>], seed: u64) -> Vec<u8> {
    let mut numbers = Masks::seeded(seed);
    let mut below = |limit: usize| u32::from_ne_bytes(numbers.key()) as usize % limit.max(1);
    let mut data = corpus[below(corpus.len())].clone();
    for _ in 0..=below(4) {
        let at = below(data.len());
        match below(6) {
            0 => data[at] ^= 1 << below(8),
            1 => data[at] = below(256) as u8,
            2 => data.insert(at, below(256) as u8),
            3 if data.len() > 2 => drop(data.remove(at)),
            4 => {
                let other = &corpus[below(corpus.len())];
                let from = below(other.len());
                data.extend_from_slice(&other[from..]);
            }
            _ => data.truncate(at.max(2)),
        }
    }
    data
}
