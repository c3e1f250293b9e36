//! Runs a command within limits of time and memory and tells what it did and what it took.

use std::io::{self, PipeReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// How often a running process's memory is looked at.
const MEMORY_POLL: Duration = Duration::from_millis(20);

/// No more than this is kept of a stream; the rest is read and dropped.
const OUTPUT_LIMIT: usize = 32 << 20;

/// What a command may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub time: Duration,
    /// Resident memory in bytes. It is polled rather than set with `setrlimit`, since a virtual machine
    /// reserves far more address space than it uses.
    pub memory: Option<u64>,
}

impl Limits {
    /// A limit of time alone.
    pub fn seconds(seconds: u64) -> Self {
        Limits {
            time: Duration::from_secs(seconds),
            memory: None,
        }
    }
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Exit(i32),
    Signal(i32),
    TimeOut,
    OutOfMemory,
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            End::Exit(code) => write!(f, "exit code {code}"),
            End::Signal(number) => write!(f, "killed by signal {number}"),
            End::TimeOut => write!(f, "time limit exceeded"),
            End::OutOfMemory => write!(f, "memory limit exceeded"),
        }
    }
}

/// What a command did.
#[derive(Debug)]
pub struct Outcome {
    pub end: End,
    /// Standard output, or both streams in the order of writing if they were merged.
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub elapsed: Duration,
    /// The most memory it ever had resident, in bytes.
    pub max_rss: u64,
}

/// Where standard error goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streams {
    Apart,
    /// Both streams in one, as Go's test driver captures them.
    Merged,
}

/// Runs `command` with `stdin` as its standard input.
///
/// It gets a process group of its own, all of which is killed when a limit is passed.
pub fn run(
    mut command: Command,
    stdin: &[u8],
    streams: Streams,
    limits: Limits,
) -> io::Result<Outcome> {
    let (stdout_reader, stdout_writer) = io::pipe()?;
    let (stderr_reader, stderr_writer) = match streams {
        Streams::Apart => io::pipe()?,
        Streams::Merged => {
            let (reader, writer) = io::pipe()?;
            drop(writer);
            (reader, stdout_writer.try_clone()?)
        }
    };
    command
        .stdin(Stdio::piped())
        .stdout(stdout_writer)
        .stderr(stderr_writer)
        .process_group(0);

    let start = Instant::now();
    let mut child = command.spawn()?;
    // The command holds the writing ends of the pipes: without this the readers would never see an end.
    drop(command);
    let pid = child.id() as libc::pid_t;

    let mut child_stdin = child.stdin.take().expect("stdin is piped");
    let input = stdin.to_vec();
    // A program that does not read its input closes the pipe: an error here is no failure.
    let writer = thread::spawn(move || drop(child_stdin.write_all(&input)));
    let stdout = thread::spawn(move || read_all(stdout_reader));
    let stderr = thread::spawn(move || read_all(stderr_reader));

    let (sender, ended) = mpsc::channel();
    thread::spawn(move || {
        let result = wait(pid);
        // Nobody listens only if `run` itself has failed.
        drop(sender.send((result, Instant::now())));
    });

    let mut broken = None;
    let (waited, end_time) = loop {
        let left = (start + limits.time).saturating_duration_since(Instant::now());
        let pause = if limits.memory.is_some() {
            left.min(MEMORY_POLL)
        } else {
            left
        };
        match ended.recv_timeout(pause) {
            Ok(result) => break result,
            Err(_) if start.elapsed() >= limits.time => broken = Some(End::TimeOut),
            Err(_) => {
                if limits.memory.is_some_and(|limit| resident(pid) > limit) {
                    broken = Some(End::OutOfMemory);
                }
            }
        }
        if broken.is_some() {
            // SAFETY: a signal to the group that this function created; its leader is not yet waited for.
            unsafe { libc::kill(-pid, libc::SIGKILL) };
            break ended.recv().map_err(io::Error::other)?;
        }
    };
    // Grandchildren that hold the pipes open would block the readers.
    // SAFETY: as above; a group that is empty by now gives ESRCH, which is fine.
    unsafe { libc::kill(-pid, libc::SIGKILL) };
    let (status, max_rss) = waited?;
    let end = broken.unwrap_or(if libc::WIFEXITED(status) {
        End::Exit(libc::WEXITSTATUS(status))
    } else {
        End::Signal(libc::WTERMSIG(status))
    });
    drop(writer.join());
    Ok(Outcome {
        end,
        stdout: stdout.join().expect("the reader does not panic"),
        stderr: stderr.join().expect("the reader does not panic"),
        elapsed: end_time - start,
        max_rss,
    })
}

/// Waits for a child and gives its raw status and its peak of resident memory in bytes.
fn wait(pid: libc::pid_t) -> io::Result<(i32, u64)> {
    let mut status = 0;
    // SAFETY: rusage is plain data, for which zero is a valid value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    loop {
        // SAFETY: both pointers are to live locals.
        if unsafe { libc::wait4(pid, &mut status, 0, &mut usage) } == pid {
            return Ok((status, usage.ru_maxrss as u64 * 1024));
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// The resident memory of a process in bytes; 0 when it is gone.
fn resident(pid: libc::pid_t) -> u64 {
    const PAGE: u64 = 4096;
    let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
    statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok())
        .unwrap_or(0)
        * PAGE
}

fn read_all(mut pipe: PipeReader) -> Vec<u8> {
    let mut all = Vec::new();
    let mut chunk = [0; 64 << 10];
    while let Ok(n) = pipe.read(&mut chunk) {
        if n == 0 {
            break;
        }
        let room = OUTPUT_LIMIT.saturating_sub(all.len());
        all.extend_from_slice(&chunk[..n.min(room)]);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str, limits: Limits) -> Outcome {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        run(command, b"input", Streams::Apart, limits).unwrap()
    }

    #[test]
    fn streams_and_code() {
        let outcome = sh("cat; echo oops >&2; exit 3", Limits::seconds(10));
        assert_eq!(outcome.end, End::Exit(3));
        assert_eq!(outcome.stdout, b"input");
        assert_eq!(outcome.stderr, b"oops\n");
    }

    #[test]
    fn merged_streams_keep_their_order() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo 1; echo 2 >&2; echo 3"]);
        let outcome = run(command, b"", Streams::Merged, Limits::seconds(10)).unwrap();
        assert_eq!(outcome.stdout, b"1\n2\n3\n");
    }

    #[test]
    fn time_limit() {
        let limits = Limits {
            time: Duration::from_millis(100),
            memory: None,
        };
        let outcome = sh("sleep 20 & sleep 20", limits);
        assert_eq!(outcome.end, End::TimeOut);
        assert!(outcome.elapsed < Duration::from_secs(5));
    }
}
