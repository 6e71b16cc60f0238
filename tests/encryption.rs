//! End-to-end tests of the encryption domain.
