//! `morestack repl`: lines from a terminal or a pipe to entries, and what a session answers to the user.

use std::io::{IsTerminal, Read};
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use morestack::repl::{Reply, Request, Session, history_file, is_incomplete};
use morestack::{Config, Standard};
use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;

const PROMPT: &str = ">>> ";
const MORE: &str = "... ";
const HELP: &str = "\
Enter Go: declarations, statements, or expressions, whose values are printed.
Standard packages need no import. What is unfinished goes on in the next line.
  :type EXPR   the type of an expression
  :vars        variables and their values
  :list        everything declared
  :help        this text
  :quit        end the session (also Ctrl-D)
Ctrl-C drops the line, or interrupts what is running.";

/// The user pressed Ctrl-C while an entry was running.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

extern "C" fn on_interrupt(_: libc::c_int) {
    INTERRUPTED.store(true, Ordering::Relaxed);
}

/// Runs a session; the exit code.
pub fn repl() -> u8 {
    let session = Session::start(Standard::from_env(), Config::from_env());
    let end = if std::io::stdin().is_terminal() {
        interactive(&session)
    } else {
        piped(&session)
    };
    end.unwrap_or(0) as u8
}

/// What to do with a complete input. `Some`: the process ends with this code.
fn submit(session: &Session, text: &str) -> Option<i32> {
    let line = text.trim();
    let request = match line.strip_prefix(':') {
        _ if line.is_empty() => return None,
        None => Request::Enter(text.to_owned()),
        Some(command) => {
            let (name, rest) = command
                .split_once(char::is_whitespace)
                .unwrap_or((command, ""));
            match name {
                "q" | "quit" | "exit" => return Some(0),
                "t" | "type" if !rest.trim().is_empty() => Request::TypeOf(rest.to_owned()),
                "v" | "vars" => Request::Variables,
                "l" | "list" => Request::Declarations,
                "h" | "help" => {
                    println!("{HELP}");
                    return None;
                }
                "t" | "type" => {
                    eprintln!(":type wants an expression");
                    return None;
                }
                _ => {
                    eprintln!("no command :{name}; :help lists them");
                    return None;
                }
            }
        }
    };
    INTERRUPTED.store(false, Ordering::Relaxed);
    session.send(request);
    let reply = loop {
        if INTERRUPTED.swap(false, Ordering::Relaxed) {
            session.send(Request::Interrupt);
        }
        if let Some(reply) = session.reply(Duration::from_millis(20)) {
            break reply;
        }
    };
    match reply {
        Reply::Done(lines) => lines.iter().for_each(|line| println!("{line}")),
        Reply::Refused(lines) => lines.iter().for_each(|line| eprintln!("{line}")),
        Reply::Failed => {}
        Reply::Interrupted => eprintln!("interrupted"),
        Reply::Exit(code) => return Some(code),
    }
    None
}

/// Whether a text is an entry that wants more lines.
fn wants_more(text: &str) -> bool {
    !text.trim_start().starts_with(':') && is_incomplete(text)
}

/// A session at a terminal.
fn interactive(session: &Session) -> Option<i32> {
    // SAFETY: the handler only stores to an atomic. While a line is edited, the terminal sends no signal.
    unsafe {
        libc::signal(
            libc::SIGINT,
            on_interrupt as extern "C" fn(libc::c_int) as libc::sighandler_t,
        )
    };
    let mut editor = match DefaultEditor::new() {
        Ok(editor) => editor,
        Err(e) => {
            eprintln!("morestack repl: {e}");
            return Some(1);
        }
    };
    let history = history_file();
    if let Some(file) = &history {
        // A first session has no history yet.
        let _ = editor.load_history(file);
    }
    println!(
        "morestack {}: Go, entry by entry. :help tells more, Ctrl-D ends.",
        env!("CARGO_PKG_VERSION")
    );
    let mut text = String::new();
    let end = loop {
        match editor.readline(if text.is_empty() { PROMPT } else { MORE }) {
            Ok(line) => {
                text.push_str(&line);
                if wants_more(&text) {
                    text.push('\n');
                    continue;
                }
                let entry = std::mem::take(&mut text);
                // History is a convenience.
                let _ = editor.add_history_entry(entry.as_str());
                if let Some(code) = submit(session, &entry) {
                    break Some(code);
                }
            }
            Err(ReadlineError::Interrupted) => text.clear(),
            Err(ReadlineError::Eof) if text.is_empty() => break None,
            Err(ReadlineError::Eof) => text.clear(),
            Err(e) => {
                eprintln!("morestack repl: {e}");
                break Some(1);
            }
        }
    };
    if let Some(file) = &history {
        if let Some(dir) = file.parent() {
            let _ = std::fs::create_dir_all(dir);
        }
        let _ = editor.save_history(file);
    }
    end
}

/// A session fed from a file or pipe: no prompts.
fn piped(session: &Session) -> Option<i32> {
    // SAFETY: descriptor 0 is open as long as the process; it is not closed here.
    let mut input = ManuallyDrop::new(unsafe { std::fs::File::from_raw_fd(0) });
    let mut text = String::new();
    loop {
        let Some(line) = read_line(&mut input) else {
            return if text.trim().is_empty() {
                None
            } else {
                submit(session, &text)
            };
        };
        text.push_str(&line);
        if !wants_more(&text) {
            let entry = std::mem::take(&mut text);
            if let Some(code) = submit(session, &entry) {
                return Some(code);
            }
        }
    }
}

/// A line with its end. No byte behind it is taken: an entry that reads standard input gets the next line.
fn read_line(input: &mut std::fs::File) -> Option<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    while matches!(input.read(&mut byte), Ok(1)) {
        line.push(byte[0]);
        if byte[0] == b'\n' {
            break;
        }
    }
    (!line.is_empty()).then(|| String::from_utf8_lossy(&line).into_owned())
}
