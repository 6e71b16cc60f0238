//! End-to-end: `secret-rotation` in the real `secrets` binary.
