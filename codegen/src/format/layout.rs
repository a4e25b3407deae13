//! Where lines end: Oppen's algorithm. What is printed is words and places where a line may break, in boxes that break as a
//! whole or place by place. The rules are those of prettyplease, so that the two give the same text.

use std::ops::Range;

/// The longest line that is aimed at.
const MARGIN: isize = 89;

/// What each level is indented by.
pub(super) const INDENT: isize = 4;

/// The room that a line has however deep it is.
const LEAST: isize = 60;

/// Wider than any line.
const INFINITE: isize = 0xffff;

/// How a box breaks that does not fit on its line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Breaks {
    /// At each of its places.
    Consistent,
    /// Where the line is full.
    Inconsistent,
}

/// A place where a line may break.
#[derive(Clone, Copy, Default)]
pub(super) struct Break {
    pub(super) offset: isize,
    pub(super) blank: isize,
    /// What stands before the break, if it is one.
    pub(super) before: Option<char>,
    /// What stands behind it, if it is one.
    pub(super) behind: &'static str,
    /// What stands here, if it is none.
    pub(super) otherwise: Option<char>,
    pub(super) if_not_empty: bool,
    pub(super) never: bool,
}

enum Piece {
    /// A word of the program.
    Static(&'static str),
    /// A word of the text that was given.
    Text(Range<usize>),
    /// A word of its own.
    Owned(String),
    Break(Break),
    Begin(isize, Breaks),
    End,
    /// As wide as to break all boxes around it.
    Wide,
}

struct Entry {
    piece: Piece,
    /// The width to the end of the box, or to the next place; negative until that is known.
    size: isize,
}

/// What is printed, piece by piece.
#[derive(Default)]
pub(super) struct Layout {
    entries: Vec<Entry>,
    /// The boxes and places whose size is not known yet.
    open: Vec<usize>,
    width: isize,
}

impl Layout {
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.open.clear();
        self.width = 0;
    }

    pub(super) fn word(&mut self, word: &'static str) {
        self.push_word(Piece::Static(word), word.len());
    }

    pub(super) fn text(&mut self, range: Range<usize>) {
        let length = range.len();
        self.push_word(Piece::Text(range), length);
    }

    pub(super) fn owned(&mut self, word: &str) {
        self.push_word(Piece::Owned(word.to_owned()), word.len());
    }

    fn push_word(&mut self, piece: Piece, length: usize) {
        let size = isize::try_from(length).unwrap_or(INFINITE);
        self.entries.push(Entry { piece, size });
        self.width += size;
    }

    /// A box that breaks as a whole.
    pub(super) fn cbox(&mut self, offset: isize) {
        self.begin(offset, Breaks::Consistent);
    }

    /// A box that breaks where the line is full.
    pub(super) fn ibox(&mut self, offset: isize) {
        self.begin(offset, Breaks::Inconsistent);
    }

    fn begin(&mut self, offset: isize, breaks: Breaks) {
        self.open.push(self.entries.len());
        self.entries.push(Entry {
            piece: Piece::Begin(offset, breaks),
            size: -self.width,
        });
    }

    /// The end of a box. One that holds nothing is none.
    pub(super) fn end(&mut self) {
        if let [.., before, last] = self.entries.as_slice()
            && let Piece::Break(at) = last.piece
        {
            let is_empty = matches!(before.piece, Piece::Begin(..));
            if is_empty || at.if_not_empty {
                let taken = if is_empty { 2 } else { 1 };
                self.entries.truncate(self.entries.len() - taken);
                self.open.truncate(self.open.len() - taken);
                self.width -= at.blank;
                if is_empty {
                    return;
                }
            }
        }
        self.open.push(self.entries.len());
        self.entries.push(Entry {
            piece: Piece::End,
            size: -1,
        });
    }

    /// As [`end`](Self::end), of a box that breaks if it is wider than this.
    pub(super) fn end_with_width(&mut self, most: isize) {
        let mut depth = 1;
        for index in self.open.iter().rev() {
            let entry = &self.entries[*index];
            match entry.piece {
                Piece::Begin(..) => depth -= 1,
                Piece::End => depth += 1,
                _ => {}
            }
            if depth == 0 {
                if entry.size + self.width > most {
                    self.entries.push(Entry {
                        piece: Piece::Wide,
                        size: INFINITE,
                    });
                    self.width += INFINITE;
                }
                break;
            }
        }
        self.end();
    }

    pub(super) fn place(&mut self, at: Break) {
        self.settle();
        self.open.push(self.entries.len());
        self.entries.push(Entry {
            piece: Piece::Break(at),
            size: -self.width,
        });
        self.width += at.blank;
    }

    /// What was open reaches as far as here: the boxes that ended, and the last place of the box that has not.
    fn settle(&mut self) {
        let mut depth = 0;
        while let Some(index) = self.open.last() {
            let entry = &mut self.entries[*index];
            match entry.piece {
                Piece::Begin(..) if depth == 0 => break,
                Piece::Begin(..) => {
                    depth -= 1;
                    entry.size += self.width;
                }
                Piece::End => {
                    depth += 1;
                    entry.size = 1;
                }
                _ => entry.size += self.width,
            }
            let is_place = matches!(entry.piece, Piece::Break(_));
            self.open.pop();
            if is_place && depth == 0 {
                break;
            }
        }
    }

    pub(super) fn zero(&mut self) {
        self.place(Break::default());
    }

    pub(super) fn space(&mut self) {
        self.place(Break {
            blank: 1,
            ..Break::default()
        });
    }

    pub(super) fn hard(&mut self) {
        self.place(Break {
            blank: INFINITE,
            ..Break::default()
        });
    }

    pub(super) fn hard_if_not_empty(&mut self) {
        self.place(Break {
            blank: INFINITE,
            if_not_empty: true,
            ..Break::default()
        });
    }

    pub(super) fn never(&mut self) {
        self.place(Break {
            never: true,
            ..Break::default()
        });
    }

    /// Behind an item of a list.
    pub(super) fn comma(&mut self, is_last: bool) {
        self.comma_or(0, is_last);
    }

    /// Behind a field of a struct.
    pub(super) fn comma_or_space(&mut self, is_last: bool) {
        self.comma_or(1, is_last);
    }

    fn comma_or(&mut self, blank: isize, is_last: bool) {
        if is_last {
            self.place(Break {
                blank,
                before: Some(','),
                ..Break::default()
            });
        } else {
            self.word(",");
            self.space();
        }
    }

    /// Moves what follows the last place.
    pub(super) fn offset(&mut self, offset: isize) {
        if let Some(Entry {
            piece: Piece::Break(at),
            ..
        }) = self.entries.last_mut()
        {
            at.offset += offset;
        }
    }

    /// Prints what was laid out; `text` is what its words are taken from.
    pub(super) fn print(&mut self, text: &str, out: &mut String) {
        self.settle();
        let mut lines = Lines {
            out,
            space: MARGIN,
            indent: 0,
            pending: 0,
            frames: Vec::new(),
        };
        for Entry { piece, size } in &self.entries {
            match piece {
                Piece::Static(word) => lines.word(word),
                Piece::Text(range) => lines.word(&text[range.clone()]),
                Piece::Owned(word) => lines.word(word),
                Piece::Break(at) => lines.place(at, *size),
                Piece::Begin(offset, breaks) => lines.begin(*offset, *breaks, *size),
                Piece::End => lines.end(),
                Piece::Wide => {}
            }
        }
    }
}

/// A box that is printed.
enum Frame {
    Fits,
    /// With the indentation around it.
    Broken(isize, Breaks),
}

struct Lines<'o> {
    out: &'o mut String,
    /// What is left of the line.
    space: isize,
    indent: isize,
    /// Spaces that are written only if something follows them.
    pending: isize,
    frames: Vec<Frame>,
}

impl Lines<'_> {
    fn word(&mut self, word: &str) {
        self.indent();
        self.out.push_str(word);
        self.space -= isize::try_from(word.len()).unwrap_or(INFINITE);
    }

    fn indent(&mut self) {
        const SPACES: &str = "                                                                ";
        let mut left = usize::try_from(self.pending).unwrap_or(0);
        while left > 0 {
            let some = left.min(SPACES.len());
            self.out.push_str(&SPACES[..some]);
            left -= some;
        }
        self.pending = 0;
    }

    fn begin(&mut self, offset: isize, breaks: Breaks, size: isize) {
        if size > self.space {
            self.frames.push(Frame::Broken(self.indent, breaks));
            self.indent += offset;
        } else {
            self.frames.push(Frame::Fits);
        }
    }

    fn end(&mut self) {
        if let Some(Frame::Broken(indent, _)) = self.frames.pop() {
            self.indent = indent;
        }
    }

    fn place(&mut self, at: &Break, size: isize) {
        let fits = at.never
            || match self.frames.last() {
                Some(Frame::Fits) => true,
                Some(Frame::Broken(_, Breaks::Consistent)) => false,
                Some(Frame::Broken(_, Breaks::Inconsistent)) | None => size <= self.space,
            };
        if fits {
            self.pending += at.blank;
            self.space -= at.blank;
            if let Some(otherwise) = at.otherwise {
                self.out.push(otherwise);
                self.space -= 1;
            }
            return;
        }
        if let Some(before) = at.before {
            self.indent();
            self.out.push(before);
        }
        self.out.push('\n');
        self.pending = self.indent + at.offset;
        self.space = (MARGIN - self.pending).max(LEAST);
        if !at.behind.is_empty() {
            self.word(at.behind);
        }
    }
}
