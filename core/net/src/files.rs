/// Lets this process have as many files and sockets open as the system allows it to, and tells how many; `None` where that is not known.
/// Many systems begin with 1,024, for the sake of old programs.
pub fn raise_file_limit() -> Option<usize> {
    raise()
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn raise() -> Option<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::debug!(%error, "the limit of open files stays as it was");
    }
    getrlimit(Resource::Nofile).current.and_then(|files| usize::try_from(files).ok())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn raise() -> Option<usize> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_gets_as_many_files_as_it_may_have() {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: Some(512), ..limit }).unwrap();
        let raised = raise_file_limit();
        assert_eq!(raised.and_then(|files| u64::try_from(files).ok()), limit.maximum);
        assert_eq!(getrlimit(Resource::Nofile).current, limit.maximum);
    }
}
