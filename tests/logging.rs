//! End-to-end tests of the logging domain.
