//! Two user agents back to back, or one and a script, in virtual time.

mod calls;
mod forks;
mod hostile;
mod refusals;
mod registering;
mod scene;
mod script;
