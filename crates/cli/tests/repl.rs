//! Sessions of `morestack repl`: through a pipe, where `repl/*.in` holds the entries, `.out` standard output, `.err` texts that must appear on
//! standard error in this order, and `.exit` the exit code; and at a terminal.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

#[test]
fn piped_sessions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/repl");
    let mut sessions: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    sessions.retain(|path| path.extension().is_some_and(|ext| ext == "in"));
    assert!(!sessions.is_empty());
    for session in sessions {
        let output = Command::new(env!("CARGO_BIN_EXE_morestack"))
            .arg("repl")
            .stdin(File::open(&session).unwrap())
            .output()
            .unwrap();
        let name = session.display();
        let expected =
            |ext: &str| fs::read_to_string(session.with_extension(ext)).unwrap_or_default();
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            expected("out"),
            "{name}: {err}"
        );
        let mut rest = &*err;
        for line in expected("err").lines() {
            let at = rest
                .find(line)
                .unwrap_or_else(|| panic!("{name}: {line:?} is missing in {rest}"));
            rest = &rest[at + line.len()..];
        }
        if expected("err").is_empty() {
            assert_eq!(err, "", "{name}");
        }
        let code = expected("exit").trim().parse().unwrap_or(0);
        assert_eq!(output.status.code(), Some(code), "{name}");
    }
}

/// A pseudo-terminal with a session in it.
struct Terminal {
    keyboard: File,
    screen: Receiver<Vec<u8>>,
    seen: String,
    child: std::process::Child,
}

impl Terminal {
    fn open(state: &Path) -> Terminal {
        let (mut master, mut slave) = (0, 0);
        let size = libc::winsize {
            ws_row: 24,
            ws_col: 80,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        // SAFETY: the pointers are to live variables or null; the descriptors it makes are owned by the files below.
        let (keyboard, slave) = unsafe {
            assert_eq!(
                libc::openpty(
                    &mut master,
                    &mut slave,
                    std::ptr::null_mut(),
                    std::ptr::null(),
                    &size
                ),
                0
            );
            (File::from_raw_fd(master), File::from_raw_fd(slave))
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_morestack"));
        command
            .arg("repl")
            .env("XDG_STATE_HOME", state)
            .env("TERM", "xterm");
        let io = || Stdio::from(slave.try_clone().unwrap());
        command.stdin(io()).stdout(io()).stderr(io());
        let fd = slave.as_raw_fd();
        // SAFETY: async-signal-safe calls only: the child gets the terminal as its own, so that Ctrl-C reaches it.
        unsafe {
            use std::os::unix::process::CommandExt;
            command.pre_exec(move || {
                libc::setsid();
                libc::ioctl(fd, libc::TIOCSCTTY, 0);
                Ok(())
            });
        }
        let child = command.spawn().unwrap();
        let mut reader = keyboard.try_clone().unwrap();
        let (sender, screen) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n) = reader.read(&mut buffer) {
                if n == 0 || sender.send(buffer[..n].to_vec()).is_err() {
                    break;
                }
            }
        });
        Terminal {
            keyboard,
            screen,
            seen: String::new(),
            child,
        }
    }

    fn type_keys(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for a text to appear behind what has been waited for.
    fn expect(&mut self, text: &str) {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(at) = self.seen.find(text) {
                self.seen.drain(..at + text.len());
                return;
            }
            let left = end.saturating_duration_since(Instant::now());
            match self.screen.recv_timeout(left) {
                Ok(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("{text:?} does not appear: {:?}", self.seen),
            }
        }
    }
}

#[test]
fn terminal_session() {
    let state = std::env::temp_dir().join(format!("morestack-repl-{}", std::process::id()));
    let mut terminal = Terminal::open(&state);
    terminal.expect(">>> ");
    terminal.type_keys("6 * 7\r");
    terminal.expect("int = 42");
    terminal.expect(">>> ");
    // Typed ahead.
    terminal.type_keys("func f() {\rprintln(\"called\", \"f\")\r}\rf()\r7 * 7\r");
    terminal.expect("... ");
    terminal.expect("called f");
    terminal.expect("int = 49");
    terminal.expect(">>> ");
    // Ctrl-C: drops a line; ends a loop, whose deferred calls run; leaves what waits.
    terminal.type_keys("dropped\x03");
    terminal.expect(">>> ");
    terminal.type_keys("defer fmt.Println(\"cleaned\", \"up\"); for { }\r");
    std::thread::sleep(Duration::from_millis(500));
    terminal.type_keys("\x03");
    terminal.expect("cleaned up");
    terminal.expect("interrupted");
    terminal.expect(">>> ");
    terminal.type_keys("time.Sleep(time.Hour)\r");
    std::thread::sleep(Duration::from_millis(500));
    terminal.type_keys("\x03");
    terminal.expect("interrupted");
    // Goroutines go on while the session waits for input.
    terminal.expect(">>> ");
    terminal.type_keys(
        "go func() { time.Sleep(200 * time.Millisecond); println(\"from\", \"behind\") }()\r",
    );
    terminal.expect(">>> ");
    terminal.expect("from behind");
    terminal.type_keys("\x04");
    assert_eq!(terminal.child.wait().unwrap().code(), Some(0));
    let history = fs::read_to_string(state.join("morestack/history")).unwrap();
    assert!(history.contains("6 * 7"), "{history}");
    fs::remove_dir_all(state).unwrap();
}
