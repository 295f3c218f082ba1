//! The runtime of clients for browsers, which this program carries: a client without a build step finds it beside itself.

use streampod_codegen::SourceFile;

/// Where a client imports a runtime from that is written beside it.
pub(super) const BESIDE: &str = "./streampod-client.js";

/// The files of the runtime.
pub(super) fn files() -> [SourceFile; 2] {
    [
        SourceFile::new(
            "streampod-client.js",
            include_str!("../../../../clients/typescript/dist/streampod-client.js"),
        ),
        SourceFile::new(
            "streampod-client.d.ts",
            include_str!("../../../../clients/typescript/dist/streampod-client.d.ts"),
        ),
    ]
}
