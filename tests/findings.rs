//! End-to-end tests of the findings domain.
