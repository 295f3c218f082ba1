//! What travels: see the files in `models`.

streampod::models!();
