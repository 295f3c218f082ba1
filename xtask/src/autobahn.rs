//! Autobahn, the test suite for WebSocket implementations, against the server with an echo.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use xshell::{Shell, cmd};

use crate::tidy;

/// The suite, which CPython 2.7 runs and nothing newer.
const SUITE: &str = "autobahntestsuite==25.10.1";
/// The last that needs nothing but itself there.
const VIRTUALENV: &str = "virtualenv==16.7.12";
/// Names the interpreter, where it is not found by itself.
const PYTHON_VARIABLE: &str = "PYTHON27";
/// Everything but section 11, which there is none of.
const SECTIONS: [&str; 11] = ["1", "2", "3", "4", "5", "6", "7", "9", "10", "12", "13"];

/// What is well: `NON-STRICT` is what the standard allows and the suite would rather have otherwise, `INFORMATIONAL` what it does
/// not judge.
const FINE: [&str; 3] = ["OK", "NON-STRICT", "INFORMATIONAL"];

/// What is run with everything else that is tested: all but long messages and compression, which take a quarter of an hour.
const SUITE_SECTIONS: [&str; 9] = ["1", "2", "3", "4", "5", "6", "7", "9.1", "10"];

/// Runs sections (`7`) or parts of them (`9.1`); all if none is named.
pub(crate) fn run(shell: &Shell, sections: &[&str]) -> anyhow::Result<()> {
    let sections = if sections.is_empty() { &SECTIONS[..] } else { sections };
    run_on(shell, sections, &["--release"])
}

/// Runs what takes seconds, on a server built as all tests are.
pub(crate) fn test(shell: &Shell) -> anyhow::Result<()> {
    run_on(shell, &SUITE_SECTIONS, &[])
}

/// Runs sections on a server that is built with these options. Installs what it needs into `target/autobahn`.
fn run_on(shell: &Shell, sections: &[&str], options: &[&str]) -> anyhow::Result<()> {
    let target = tidy::metadata(shell)?.target_directory();
    let folder = target.join("autobahn");
    let suite = install(shell, &folder)?;
    cmd!(shell, "cargo build --quiet {options...} --package streampod-server --example echo --features echo")
        .run()?;
    let profile = if options.is_empty() { "debug" } else { "release" };
    let echo = Echo::start(&target.join(profile).join("examples/echo"))?;

    let report = folder.join("report");
    shell.remove_path(&report)?;
    let cases: Vec<_> = sections.iter().map(|section| format!("{section}.*")).collect();
    let specification = json!({
        "outdir": report,
        "servers": [{ "agent": "streampod", "url": format!("ws://{}/echo", echo.address) }],
        "cases": cases,
        "exclude-cases": [],
        "exclude-agent-cases": {},
    });
    let path = folder.join("fuzzingclient.json");
    shell.write_file(&path, specification.to_string())?;
    let is_long = sections.iter().any(|section| section.starts_with("12") || section.starts_with("13"));
    let patience = if is_long { "; 12 and 13 take some fourteen minutes" } else { "" };
    eprintln!("Running the cases of {}{patience}.", sections.join(", "));
    let start = Instant::now();
    let log = cmd!(shell, "{suite} --mode fuzzingclient --spec {path}").quiet().ignore_stderr().read()?;
    shell.write_file(folder.join("log"), log)?;
    let index = shell.read_file(report.join("index.json")).context("the suite left no report")?;
    let results = Results::read(&serde_json::from_str(&index)?)?;
    results.print(start.elapsed());
    results.check(sections).with_context(|| format!("the cases in detail: {}/index.html", report.display()))
}

/// Installs the suite, unless it is there already, and says where its program is.
fn install(shell: &Shell, folder: &Path) -> anyhow::Result<PathBuf> {
    let program = folder.join("env/bin/wstest");
    // A note beside it says what was installed, and that it was to the end.
    let note = folder.join("installed");
    if shell.path_exists(&program) && shell.read_file(&note).is_ok_and(|installed| installed == SUITE) {
        return Ok(program);
    }
    let python = python(shell)?;
    let (boot, env) = (folder.join("boot"), folder.join("env"));
    shell.remove_path(&boot)?;
    shell.remove_path(&env)?;
    shell.create_dir(folder)?;
    cmd!(shell, "{python} -m pip install --quiet --disable-pip-version-check --target {boot} {VIRTUALENV}")
        .run()
        .with_context(|| format!("{} needs pip", python.display()))?;
    let virtualenv = boot.join("virtualenv.py");
    cmd!(shell, "{python} {virtualenv} --quiet --python {python} {env}").env("PYTHONPATH", &boot).run()?;
    let pip = env.join("bin/pip");
    cmd!(shell, "{pip} install --quiet --disable-pip-version-check {SUITE}").run()?;
    shell.write_file(note, SUITE)?;
    Ok(program)
}

/// Where a CPython 2.7 is: what the variable names, what is on the path, or what pyenv has.
fn python(shell: &Shell) -> anyhow::Result<PathBuf> {
    let mut candidates: Vec<PathBuf> =
        std::env::var_os(PYTHON_VARIABLE).into_iter().map(PathBuf::from).collect();
    candidates.push("python2.7".into());
    let pyenv = std::env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".pyenv")));
    let installed = pyenv.and_then(|pyenv| shell.read_dir(pyenv.join("versions")).ok()).unwrap_or_default();
    let is_2_7 =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("2.7."));
    candidates.extend(installed.into_iter().filter(is_2_7).map(|version| version.join("bin/python2.7")));
    let works = |python: &PathBuf| {
        let question = "import sys; assert sys.version_info[:2] == (2, 7)";
        let asked = cmd!(shell, "{python} -c {question}").quiet().ignore_stdout().ignore_stderr().run();
        asked.is_ok()
    };
    candidates.into_iter().find(works).with_context(|| {
        format!(
            "the Autobahn test suite needs CPython 2.7, and there is none: no `python2.7` on the path, and none of \
             pyenv's; install one (`pyenv install 2.7.18`), or name it by the variable {PYTHON_VARIABLE}"
        )
    })
}

/// The echo server, ended when this is dropped.
struct Echo {
    child: Child,
    address: String,
}

impl Echo {
    fn start(program: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new(program)
            .arg("0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let echo = Self { child, address: line.trim().trim_start_matches("listening on ").to_owned() };
        if echo.address.is_empty() {
            bail!("{} did not say where it listens", program.display());
        }
        Ok(echo)
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What came of a case.
struct Case {
    name: String,
    behavior: String,
    /// How the connection was closed.
    closing: String,
    time: Duration,
}

impl Case {
    fn is_fine(&self) -> bool {
        [&self.behavior, &self.closing].into_iter().all(|result| FINE.contains(&result.as_str()))
    }

    fn section(&self) -> u32 {
        self.name.split('.').next().and_then(|number| number.parse().ok()).unwrap_or(0)
    }

    /// Whether it is in this section, or part of one.
    fn is_in(&self, section: &str) -> bool {
        self.name.strip_prefix(section).is_some_and(|rest| rest.starts_with('.'))
    }
}

struct Results(Vec<Case>);

impl Results {
    fn read(index: &Value) -> anyhow::Result<Self> {
        let cases = index["streampod"].as_object().context("the report does not know the server")?;
        let text = |value: &Value| value.as_str().unwrap_or("no result").to_owned();
        let case = |(name, result): (&String, &Value)| Case {
            name: name.clone(),
            behavior: text(&result["behavior"]),
            closing: text(&result["behaviorClose"]),
            time: Duration::from_millis(result["duration"].as_u64().unwrap_or(0)),
        };
        Ok(Self(cases.iter().map(case).collect()))
    }

    fn print(&self, elapsed: Duration) {
        let mut sections = BTreeMap::<u32, Vec<&Case>>::new();
        for case in &self.0 {
            sections.entry(case.section()).or_default().push(case);
        }
        println!("section  passed  non-strict  informational  failed  seconds");
        for (section, cases) in sections {
            let count = |behavior: &str| {
                cases.iter().filter(|case| case.is_fine() && case.behavior == behavior).count()
            };
            println!(
                "{section:>7}  {:>6}  {:>10}  {:>13}  {:>6}  {:>7.1}",
                count("OK"),
                count("NON-STRICT"),
                count("INFORMATIONAL"),
                cases.iter().filter(|case| !case.is_fine()).count(),
                cases.iter().map(|case| case.time).sum::<Duration>().as_secs_f64(),
            );
        }
        println!("{} cases in {:.0} seconds", self.0.len(), elapsed.as_secs_f64());
    }

    fn check(&self, sections: &[&str]) -> anyhow::Result<()> {
        let failed: BTreeSet<_> = self
            .0
            .iter()
            .filter(|case| !case.is_fine())
            .map(|case| format!("{} ({}, closed {})", case.name, case.behavior, case.closing))
            .collect();
        if !failed.is_empty() {
            bail!("these cases failed:\n  {}", failed.into_iter().collect::<Vec<_>>().join("\n  "));
        }
        if let Some(section) = sections.iter().find(|section| !self.0.iter().any(|case| case.is_in(section)))
        {
            bail!("there is no result of section {section}; the sections: {}", SECTIONS.join(", "));
        }
        Ok(())
    }
}
