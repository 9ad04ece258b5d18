//! Reads the workspace and fails on an arrow that points up.
