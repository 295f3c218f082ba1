//! The client in Dart: a package for the published `serverpod_client`.
