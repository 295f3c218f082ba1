//! Installing what the tests need on a bare Debian machine.

use std::path::Path;

use anyhow::{Context, bail};
use xshell::{Shell, cmd};

/// A program, and the Debian package that has it.
const NODE: (&str, &str) = ("node", "nodejs");
const NPM: (&str, &str) = ("npm", "npm");
const CHROMIUM: (&str, &str) = ("chromium", "chromium");
const VALGRIND: (&str, &str) = ("valgrind", "valgrind");

/// Makes sure that there are Node.js and npm.
pub(crate) fn node(shell: &Shell) -> anyhow::Result<()> {
    programs(shell, &[NODE, NPM])
}

/// Makes sure that there is a Chromium.
pub(crate) fn chromium(shell: &Shell) -> anyhow::Result<()> {
    programs(shell, &[CHROMIUM])
}

/// Makes sure that there is a valgrind.
pub(crate) fn valgrind(shell: &Shell) -> anyhow::Result<()> {
    programs(shell, &[VALGRIND])
}

/// Makes sure that there is a Redis server. Tests start their own; the one that Debian starts with the package is stopped.
pub(crate) fn redis(shell: &Shell) -> anyhow::Result<()> {
    service(shell, "redis-server")
}

/// Makes sure that there is nginx. Tests start their own; the one that Debian starts with the package is stopped.
pub(crate) fn nginx(shell: &Shell) -> anyhow::Result<()> {
    // Not every user has its folder among those of programs.
    if Path::new("/usr/sbin/nginx").exists() { Ok(()) } else { service(shell, "nginx") }
}

/// Makes sure that there is a program that Debian runs as a service of the same name, and stops that.
fn service(shell: &Shell, name: &str) -> anyhow::Result<()> {
    if has(shell, name) {
        return Ok(());
    }
    debian_packages(shell, &[name])?;
    let stop = [&["systemctl", "disable", "--now", name][..], &["service", name, "stop"]];
    // In a container, neither may work, and nothing was started.
    let _ = stop.iter().any(|command| has(shell, command[0]) && as_root(shell, command).is_ok());
    Ok(())
}

/// Installs the npm packages of a folder as its lock file says, unless they are there already.
pub(crate) fn npm_packages(shell: &Shell, folder: &str) -> anyhow::Result<()> {
    let _folder = shell.push_dir(folder);
    let lock = shell.read_file("package-lock.json")?;
    // A copy of the lock file beside what it led to: the packages are installed anew when it changes.
    let stamp = "node_modules/.installed-lock.json";
    if shell.read_file(stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    cmd!(shell, "npm ci --no-progress").run()?;
    shell.write_file(stamp, lock)?;
    Ok(())
}

/// Whether a program can be run.
pub(crate) fn has(shell: &Shell, program: &str) -> bool {
    cmd!(shell, "sh -c").arg(format!("command -v {program}")).ignore_stdout().quiet().run().is_ok()
}

fn programs(shell: &Shell, programs: &[(&str, &str)]) -> anyhow::Result<()> {
    let missing: Vec<_> =
        programs.iter().filter(|(program, _)| !has(shell, program)).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    debian_packages(shell, &missing)
}

/// Makes sure that 32-bit programs run, as the Dart VM is one.
pub(crate) fn libraries_of_32_bits(shell: &Shell) -> anyhow::Result<()> {
    as_root(shell, &["dpkg", "--add-architecture", "i386"])?;
    debian_packages(shell, &["libc6:i386"])
}

fn debian_packages(shell: &Shell, packages: &[&str]) -> anyhow::Result<()> {
    if !has(shell, "apt-get") {
        bail!("the tests need {}; install it by your system's package manager", packages.join(" and "));
    }
    // A list that cannot be fetched, because a mirror is being written, need not be the one that is asked for.
    if let Err(error) = as_root(shell, &["apt-get", "update", "-qq", "-o", "Acquire::Retries=3"]) {
        eprintln!("Debian's lists of packages are perhaps not the newest: {error}");
    }
    let install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "-o", "Acquire::Retries=3"];
    as_root(shell, &[&install, packages].concat())
        .with_context(|| format!("installing {}", packages.join(" and ")))
}

/// Runs a command that changes the machine.
fn as_root(shell: &Shell, command: &[&str]) -> anyhow::Result<()> {
    let is_root = cmd!(shell, "id -u").quiet().read()? == "0";
    let sudo = if is_root { None } else { Some("sudo") };
    let mut words = sudo.into_iter().chain(command.iter().copied());
    let program = words.next().unwrap_or_default();
    cmd!(shell, "{program}").args(words).env("DEBIAN_FRONTEND", "noninteractive").run()?;
    Ok(())
}
