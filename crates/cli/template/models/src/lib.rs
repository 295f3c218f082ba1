//! What travels between the server and its clients: a type for each file in `spy`.

streampod::models!();
