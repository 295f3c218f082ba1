//! What a message may cost.

use std::collections::BTreeMap;

use anyhow::Context;
use serde_json::{Value, json};
use xshell::{Shell, cmd};

use super::Count;

const FILE: &str = "counts/budgets.json";

/// How far a count of instructions may be from its budget, as a part of that. Runs on the same machine differ by a thousandth.
const TOLERANCE: f64 = 0.02;
/// The same where the compiler or the C library is another than the budgets are for. Then less is no mistake, either.
const TOLERANCE_OF_TOOLCHAINS: f64 = 0.15;
/// How far a count of reads or writes may be from its budget.
const TOLERANCE_OF_TRANSFERS: f64 = 0.002;

/// What messages may cost, by the name of their path.
#[derive(Debug)]
pub(super) struct Budgets {
    paths: BTreeMap<String, Count>,
    /// What the budgets are for.
    meant: Conditions,
    /// What is here.
    here: Conditions,
}

/// What decides besides the code how many instructions a message costs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Conditions {
    /// The kind of processor: other ones have other instructions, and callgrind counts nothing that can be compared.
    machine: String,
    /// The compiler, and the C library, which copies and compares memory.
    toolchain: String,
}

impl Budgets {
    /// Reads them from their file.
    pub(super) fn read(shell: &Shell) -> anyhow::Result<Self> {
        let here = Conditions::here(shell)?;
        if !shell.path_exists(FILE) {
            return Ok(Self { paths: BTreeMap::new(), meant: here.clone(), here });
        }
        let file: Value =
            serde_json::from_str(&shell.read_file(FILE)?).with_context(|| format!("reading {FILE}"))?;
        let text =
            |key: &str| file[key].as_str().map(str::to_owned).with_context(|| format!("{FILE}: no {key}"));
        let meant = Conditions { machine: text("machine")?, toolchain: text("toolchain")? };
        let mut paths = BTreeMap::new();
        for (name, path) in file["paths"].as_object().into_iter().flatten() {
            let number =
                |key: &str| path[key].as_f64().with_context(|| format!("{FILE}: no {key} of {name}"));
            let (instructions, reads, writes) =
                (number("instructions")?, number("reads")?, number("writes")?);
            paths.insert(name.clone(), Count { instructions, reads, writes });
        }
        Ok(Self { paths, meant, here })
    }

    /// What a message of this path may cost.
    pub(super) fn get(&self, name: &str) -> Option<Count> {
        self.paths.get(name).copied()
    }

    /// What is wrong with such a count, each with its figures.
    pub(super) fn problems(&self, name: &str, count: Count) -> Vec<String> {
        let Some(budget) = self.get(name) else {
            return vec![format!("{name}: {FILE} has no budget for it")];
        };
        let mut problems = Vec::new();
        let is_same_toolchain = self.here.toolchain == self.meant.toolchain;
        let tolerance = if is_same_toolchain { TOLERANCE } else { TOLERANCE_OF_TOOLCHAINS };
        let more = count.instructions / budget.instructions - 1.0;
        let figures =
            format!("{:.0} instructions, the budget is {:.0}", count.instructions, budget.instructions);
        if self.here.machine != self.meant.machine {
            // Nothing that can be compared.
        } else if more > tolerance {
            problems.push(format!("{name}: {figures}: {:.1} % more", more * 100.0));
        } else if -more > tolerance && is_same_toolchain {
            // Or else it could become as slow again, and nobody would see it.
            problems.push(format!("{name}: {figures}: {:.1} % better, which is to stay so", -more * 100.0));
        }
        for (what, found, budget) in
            [("reads", count.reads, budget.reads), ("writes", count.writes, budget.writes)]
        {
            if (found - budget).abs() > TOLERANCE_OF_TRANSFERS {
                problems.push(format!("{name}: {found:.3} {what} of a socket, the budget is {budget:.3}"));
            }
        }
        problems
    }

    /// What is to be known of the budgets here, if anything is.
    pub(super) fn caution(&self) -> Option<String> {
        let Self { meant, here, .. } = self;
        if here.machine != meant.machine {
            return Some(format!(
                "The budgets are those of {}, and this is {}: instructions are not compared.",
                meant.machine, here.machine
            ));
        }
        (here.toolchain != meant.toolchain).then(|| {
            format!(
                "The budgets are those of {}, and this is {}: instructions may be up to {:.0} % more.",
                meant.toolchain,
                here.toolchain,
                TOLERANCE_OF_TOOLCHAINS * 100.0
            )
        })
    }

    /// Writes these into the file, as what is right here. Others stay if they are for the same conditions.
    pub(super) fn write(mut self, shell: &Shell, counts: BTreeMap<String, Count>) -> anyhow::Result<()> {
        if self.meant != self.here {
            self.paths.clear();
        }
        self.paths.extend(counts);
        let path = |count: &Count| {
            let rounded = |figure: f64| (figure * 10_000.0).round() / 10_000.0;
            json!({
                "instructions": count.instructions.round() as u64,
                "reads": rounded(count.reads),
                "writes": rounded(count.writes),
            })
        };
        let paths: BTreeMap<_, _> = self.paths.iter().map(|(name, count)| (name, path(count))).collect();
        let Conditions { machine, toolchain } = &self.here;
        let file = json!({ "machine": machine, "toolchain": toolchain, "paths": paths });
        shell.write_file(FILE, format!("{file:#}\n"))?;
        eprintln!("Written: {FILE}");
        Ok(())
    }
}

impl Conditions {
    fn here(shell: &Shell) -> anyhow::Result<Self> {
        let rustc = cmd!(shell, "rustc --version").quiet().read()?;
        let rustc = rustc.split(" (").next().unwrap_or(&rustc);
        // Where it is not glibc, this says nothing.
        let library = cmd!(shell, "getconf GNU_LIBC_VERSION").quiet().ignore_stderr().read();
        let library = library.unwrap_or_else(|_| "another C library".to_owned());
        Ok(Self { machine: machine(), toolchain: format!("{rustc}, {library}") })
    }
}

/// The architecture, and what programs look at when they choose how to copy memory.
fn machine() -> String {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        return "x86_64 with AVX2".to_owned();
    }
    std::env::consts::ARCH.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: Count = Count { instructions: 1000.0, reads: 0.0625, writes: 1.0 };

    fn conditions(machine: &str, toolchain: &str) -> Conditions {
        Conditions { machine: machine.to_owned(), toolchain: toolchain.to_owned() }
    }

    /// What is wrong with `count` where these are the conditions.
    fn problems(machine: &str, toolchain: &str, count: Count) -> Vec<String> {
        let paths = BTreeMap::from([("echo".to_owned(), BUDGET)]);
        let meant = conditions("machine", "toolchain");
        Budgets { paths, meant, here: conditions(machine, toolchain) }.problems("echo", count)
    }

    fn instructions(instructions: f64) -> Count {
        Count { instructions, ..BUDGET }
    }

    #[test]
    fn more_and_less_are_problems() {
        let check = |count, expected: &[&str]| {
            assert_eq!(problems("machine", "toolchain", instructions(count)), expected);
        };
        check(1019.0, &[]);
        check(981.0, &[]);
        check(1021.0, &["echo: 1021 instructions, the budget is 1000: 2.1 % more"]);
        check(979.0, &["echo: 979 instructions, the budget is 1000: 2.1 % better, which is to stay so"]);
    }

    #[test]
    fn another_toolchain_may_be_a_little_worse_and_any_better() {
        let check = |count, expected: usize| {
            assert_eq!(problems("machine", "other", instructions(count)).len(), expected, "{count}");
        };
        check(1149.0, 0);
        check(1151.0, 1);
        check(500.0, 0);
    }

    #[test]
    fn on_another_machine_only_transfers_count() {
        assert!(problems("other", "toolchain", instructions(9000.0)).is_empty());
        let twice = problems("other", "toolchain", Count { writes: 2.0, ..BUDGET });
        assert_eq!(twice, ["echo: 2.000 writes of a socket, the budget is 1.000"]);
    }

    #[test]
    fn every_path_needs_a_budget() {
        let here = conditions("machine", "toolchain");
        let budgets = Budgets { paths: BTreeMap::new(), meant: here.clone(), here };
        assert_eq!(budgets.problems("echo", BUDGET).len(), 1);
    }
}
