//! End-to-end tests of the identity domain.
