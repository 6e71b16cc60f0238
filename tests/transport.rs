//! End-to-end tests of the transport domain.
