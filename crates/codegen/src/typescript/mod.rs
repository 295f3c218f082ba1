//! The client in TypeScript, over the runtime `@streampod/client`.
