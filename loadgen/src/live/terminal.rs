//! The terminal that the view has to itself: taken, drawn on, and given back as it was.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::panic;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use anstyle_query::term_supports_ansi_color;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::termios::{
    FlushArg, InputFlags, LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcflush, tcgetattr,
    tcsetattr,
};
use nix::unistd::{getpgrp, tcgetpgrp};
use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::execute;
use ratatui::crossterm::style::{Attribute, SetAttribute, force_color_output};
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};
use ratatui::layout::Rect;
use ratatui::widgets::Widget;
use ratatui::{Terminal, TerminalOptions, Viewport};
use terminal_size::terminal_size_of;
use thiserror::Error;

use crate::tell;

/// Why a terminal cannot be taken.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct Unfit(pub(super) String);

/// The terminal, while it is taken. Nobody writes to it but who holds this.
static TAKEN: Mutex<Option<Taken>> = Mutex::new(None);

struct Taken {
    tty: File,
    /// As it was.
    before: Termios,
}

/// Takes `tty` until it is [given back](give_back), which a panic does as well.
///
/// Signals stay signals: whoever else is in the foreground gets them, too.
pub(super) fn take(tty: File) -> Result<(), Unfit> {
    refuse_unfit(&tty)?;
    occupy(tty)
}

fn occupy(mut tty: File) -> Result<(), Unfit> {
    use SpecialCharacterIndices as Key;
    let unfit = |error: nix::Error| Unfit(error.desc().to_owned());
    let before = tcgetattr(&tty).map_err(unfit)?;
    let mut during = before.clone();
    // Keys come as they are typed, and are not shown.
    during.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
    // Ctrl-S is no reason to stand still.
    during.input_flags.remove(InputFlags::IXON);
    // What stops this process or ends it on the spot would leave the terminal as it is.
    for key in [Key::VSUSP, Key::VQUIT] {
        during.control_chars[key as usize] = NO_KEY;
    }
    for count in [Key::VMIN, Key::VTIME] {
        during.control_chars[count as usize] = 0;
    }
    give_back_on_panic();
    let mut taken = taken();
    tcsetattr(&tty, SetArg::TCSANOW, &during).map_err(unfit)?;
    // A terminal that does not take it is gone, which the signal for that says.
    let _ = execute!(tty, EnterAlternateScreen, Hide);
    *taken = Some(Taken { tty, before });
    Ok(())
}

/// Gives the terminal back as it was, if it is taken, and tells what was kept back.
pub fn give_back() {
    if let Some(Taken { mut tty, before }) = taken().take() {
        let _ = execute!(tty, SetAttribute(Attribute::Reset), Show, LeaveAlternateScreen);
        // Keys that were for the view are for nobody else.
        let _ = tcflush(&tty, FlushArg::TCIFLUSH);
        let _ = tcsetattr(&tty, SetArg::TCSANOW, &before);
    }
    tell::release();
}

/// Whether something can be read from there, and not only written.
pub(super) fn is_readable(tty: &File) -> bool {
    let flags = fcntl(tty, FcntlArg::F_GETFL).map(OFlag::from_bits_truncate);
    flags.is_ok_and(|flags| flags & OFlag::O_ACCMODE == OFlag::O_RDWR)
}

/// What stands for no key: POSIX calls it `_POSIX_VDISABLE`.
const NO_KEY: u8 = 0;

fn refuse_unfit(tty: &File) -> Result<(), Unfit> {
    if !tty.is_terminal() {
        return Err(Unfit("standard error is not a terminal".to_owned()));
    }
    if !term_supports_ansi_color() {
        return Err(Unfit("the terminal cannot move its cursor (TERM)".to_owned()));
    }
    // One that is not ours has no foreground to be in.
    if tcgetpgrp(tty).is_ok_and(|foreground| foreground != getpgrp()) {
        return Err(Unfit("loadgen runs in the background, without the terminal".to_owned()));
    }
    Ok(())
}

/// Before the message of a panic is written, the terminal is given back.
fn give_back_on_panic() {
    static HOOKED: Once = Once::new();
    HOOKED.call_once(|| {
        let next = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            give_back();
            next(panic);
        }));
    });
}

fn taken() -> MutexGuard<'static, Option<Taken>> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is drawn on, as large as the terminal is.
pub(super) struct Canvas {
    tty: File,
    terminal: Terminal<CrosstermBackend<Frame>>,
    area: Rect,
}

impl Canvas {
    pub(super) fn new(tty: File, has_colors: bool) -> Self {
        force_color_output(has_colors);
        let area = area(&tty);
        Self { terminal: terminal(area), tty, area }
    }

    /// Draws, if the terminal is still taken.
    pub(super) fn draw(&mut self, widget: impl Widget) {
        let area = area(&self.tty);
        if area != self.area {
            self.area = area;
            self.terminal = terminal(area);
            // What the terminal made of the old picture is not known.
            let _ = self.terminal.backend_mut().clear();
        }
        // Nothing fails before it is written, and that does not matter.
        let _ = self.terminal.draw(|frame| frame.render_widget(widget, frame.area()));
    }
}

/// Of a fixed size: ratatui would ask for that of standard output, which may be a file.
fn terminal(area: Rect) -> Terminal<CrosstermBackend<Frame>> {
    let options = TerminalOptions { viewport: Viewport::Fixed(area) };
    let backend = CrosstermBackend::new(Frame::default());
    Terminal::with_options(backend, options).expect("it asks nothing of the terminal")
}

fn area(tty: &File) -> Rect {
    let (columns, rows) =
        terminal_size_of(tty).map_or((80, 24), |(width, height)| (width.0, height.0));
    Rect::new(0, 0, columns, rows)
}

/// Bytes that are written to the terminal at once, and not at all once it was given back.
#[derive(Debug, Default)]
struct Frame(Vec<u8>);

impl Write for Frame {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        let written = taken().as_mut().map(|Taken { tty, .. }| tty.write_all(&self.0));
        self.0.clear();
        written.unwrap_or(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::sync::mpsc;
    use std::thread;

    use nix::pty::openpty;

    use super::*;

    /// Nothing else in these tests takes a terminal, of which there is one.
    #[test]
    fn a_panic_gives_the_terminal_back() {
        let terminal = openpty(None, None).unwrap();
        let tty = File::from(terminal.slave);
        let modes = |tty: &File| {
            let modes = tcgetattr(tty).unwrap();
            (modes.input_flags, modes.local_flags, modes.control_chars)
        };
        let before = modes(&tty);
        let (written, read) = mpsc::channel();
        let mut master = File::from(terminal.master);
        thread::spawn(move || {
            let mut bytes = [0; 1024];
            while let Ok(count @ 1..) = master.read(&mut bytes) {
                let _ = written.send(String::from_utf8_lossy(&bytes[..count]).into_owned());
            }
        });
        let until = |end: &str| {
            let mut text = String::new();
            while !text.ends_with(end) {
                text += &read.recv().unwrap();
            }
            text
        };
        occupy(tty.try_clone().unwrap()).unwrap();
        until("\u{1b}[?1049h\u{1b}[?25l");
        assert_ne!(modes(&tty), before);
        let panicked = thread::spawn(|| panic!("on purpose")).join();
        assert!(panicked.is_err());
        until("\u{1b}[0m\u{1b}[?25h\u{1b}[?1049l");
        assert_eq!(modes(&tty), before);
        assert!(taken().is_none());
    }
}
