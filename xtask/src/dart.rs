//! The generated Dart packages: that they compile, and that they do what they should.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::json;
use xshell::{Shell, cmd};

use crate::{install, tidy};

/// The npm package that has a Dart VM inside.
const PACKAGE: &str = "sass-embedded-linux-ia32@1.89.0";
const CHECK: &str = "clients/dart/check/main.dart";
const GOLDEN: &str = "crates/codegen/tests/golden/dart";
const STANDIN: &str = "clients/dart/standin";

/// The versions of the client, with the version of Dart that each is compiled as. The one for 3.4 asks for 3.8, which the
/// VM does not know; generated code has nothing in it that 3.7 has not.
const VERSIONS: [(&str, &str); 2] = [("2_9", "3.5"), ("3_4", "3.7")];

/// Compiles and runs the golden packages with a test program, against a stand-in for `serverpod_client`.
pub(crate) fn test(shell: &Shell) -> anyhow::Result<()> {
    let folder = tidy::metadata(shell)?.target_directory().join("dart");
    let dart = vm(shell, &folder)?;
    for (version, language) in VERSIONS {
        let packages = folder.join(format!("packages_{version}.json"));
        shell.write_file(&packages, package_config(&shell.current_dir(), version, language).to_string())?;
        cmd!(shell, "{dart} --enable-asserts --packages={packages} {CHECK}")
            .run()
            .with_context(|| format!("the client for {version}"))?;
    }
    Ok(())
}

/// Makes sure that there is a Dart VM in this folder, and says where.
fn vm(shell: &Shell, folder: &Path) -> anyhow::Result<PathBuf> {
    let dart = folder.join("package/dart-sass/src/dart");
    if !shell.path_exists(&dart) {
        install::node(shell)?;
        shell.create_dir(folder)?;
        let _folder = shell.push_dir(folder);
        let archive = cmd!(shell, "npm pack --silent {PACKAGE}").read()?;
        cmd!(shell, "tar --extract --gzip --file {archive}").run()?;
        shell.remove_path(archive)?;
    }
    if cmd!(shell, "{dart} --version").quiet().ignore_stdout().ignore_stderr().run().is_err() {
        install::libraries_of_32_bits(shell)?;
    }
    Ok(dart)
}

/// Where the packages are that are imported. Usually `pub` writes this.
fn package_config(root: &Path, version: &str, language: &str) -> serde_json::Value {
    let package = |name: &str, folder: String, language: &str| {
        let uri = format!("file://{}/{folder}/", root.display());
        json!({ "name": name, "rootUri": uri, "languageVersion": language })
    };
    let generated = |name: &str| package(name, format!("{GOLDEN}/{version}/{name}/lib"), language);
    let standin = |name: &str, folder: &str| package(name, format!("{STANDIN}/{folder}"), "3.7");
    json!({
        "configVersion": 2,
        "packages": [
            generated("shop_client"),
            generated("serverpod_auth_client"),
            standin("serverpod_client", &format!("v{version}")),
            standin("standin", "src"),
            standin("collection", "collection"),
            standin("shop_shared", "shop_shared"),
        ],
    })
}
