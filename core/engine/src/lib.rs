//! The phone alive: tasks, media thread, store, settings, platform, snapshots.
