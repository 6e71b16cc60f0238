//! End-to-end: the real `secrets` binary, from the Config event to the evaluation.
