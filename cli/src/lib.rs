//! fisc.
