//! The findings domain.
