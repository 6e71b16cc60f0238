//! End-to-end: the real `data` binary, from the Config event to the evaluation.
