//! Two user agents back to back, or one and a script, in virtual time.

mod asserted;
mod calls;
mod early;
mod forks;
mod hostile;
mod peer;
mod queries;
mod redirects;
mod refusals;
mod registering;
mod reliable;
mod replaces;
mod scene;
mod script;
mod texts;
mod timers;
mod transfer;
mod update;
