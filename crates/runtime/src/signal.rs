//! Signals as Go programs expect them.

/// What Go does when a write to standard output or standard error finds the pipe closed: the process dies of SIGPIPE, so that `program | head` ends
/// quietly. (Rust's start-up ignores the signal; on other descriptors Go reports EPIPE as an error, as it comes.)
pub fn die_of_broken_pipe() -> ! {
    // SAFETY: restores the default action and raises the signal; the process ends here.
    unsafe {
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
        libc::raise(libc::SIGPIPE);
        // The signal is blocked.
        libc::_exit(2)
    }
}
