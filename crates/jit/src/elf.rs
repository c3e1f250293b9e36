//! Object files for debuggers: ELF with a symbol for code that lies elsewhere, DWARF call frame information and a line table.

use std::sync::Arc;

use bytecode::func::{FuncInfo, Function};

use crate::emit::Emitted;

/// DWARF's numbers of registers.
const RBX: u8 = 3;
const RBP: u8 = 6;
const RSP: u8 = 7;
const RETURN_ADDRESS: u8 = 16;

/// The parts of an object file about one piece of code.
pub struct Object {
    start: u64,
    len: u64,
    name: String,
    /// Instructions of call frame information.
    frame: Vec<u8>,
    lines: Option<Lines>,
}

/// The line table's program, and the files it names.
struct Lines {
    files: Vec<Arc<str>>,
    program: Vec<u8>,
}

fn uleb(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            return out.push(byte);
        }
        out.push(byte | 0x80);
    }
}

fn sleb(out: &mut Vec<u8>, mut value: i64) {
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 && byte & 0x40 == 0 || value == -1 && byte & 0x40 != 0 {
            return out.push(byte);
        }
        out.push(byte | 0x80);
    }
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend(text.bytes().filter(|b| *b != 0));
    out.push(0);
}

/// Puts the length of what follows before it.
fn with_length(body: Vec<u8>) -> Vec<u8> {
    let mut out = (body.len() as u32).to_le_bytes().to_vec();
    out.extend(body);
    out
}

/// DW_CFA_advance_loc4.
fn advance(out: &mut Vec<u8>, by: u64) {
    out.push(0x04);
    out.extend((by as u32).to_le_bytes());
}

/// DW_CFA_def_cfa_offset.
fn cfa_offset(out: &mut Vec<u8>, offset: u64) {
    out.push(0x0e);
    uleb(out, offset);
}

impl Object {
    /// A function's code.
    pub fn function(name: &str, info: &FuncInfo, start: u64, emitted: &Emitted) -> Object {
        let mut frame = Vec::new();
        advance(&mut frame, u64::from(emitted.body));
        cfa_offset(&mut frame, 8 + u64::from(emitted.spill_bytes));
        Object {
            start,
            len: emitted.bytes.len() as u64,
            name: name.to_owned(),
            frame,
            lines: Some(Lines::new(info, start, emitted)),
        }
    }

    /// The stub that saves the caller's registers and calls compiled code, up to offset `call`.
    pub fn entry_stub(start: u64, len: u64, call: u64) -> Object {
        let mut frame = Vec::new();
        // What returns is looked up by the byte before.
        advance(&mut frame, call - 1);
        // The return address, six registers, and what aligns the stack.
        cfa_offset(&mut frame, 64);
        for (i, register) in [RBX, RBP, 12, 13, 14, 15].into_iter().enumerate() {
            // DW_CFA_offset, in words.
            frame.push(0x80 | register);
            uleb(&mut frame, i as u64 + 2);
        }
        Object {
            start,
            len,
            name: "morestack_enter".to_owned(),
            frame,
            lines: None,
        }
    }

    /// Common information and the one frame's description.
    fn eh_frame(&self) -> Vec<u8> {
        let pad = |mut entry: Vec<u8>| {
            // DW_CFA_nop, to a multiple of 8 with the length.
            entry.resize((entry.len() + 4).next_multiple_of(8) - 4, 0);
            with_length(entry)
        };
        let mut common = vec![0, 0, 0, 0, 1];
        text(&mut common, "zR");
        uleb(&mut common, 1);
        sleb(&mut common, -8);
        uleb(&mut common, u64::from(RETURN_ADDRESS));
        // Addresses are absolute.
        common.extend([1, 0]);
        // DW_CFA_def_cfa rsp + 8, and where the return address is.
        common.extend([0x0c, RSP, 8, 0x80 | RETURN_ADDRESS, 1]);
        let mut out = pad(common);
        let back = out.len() as u32 + 4;
        let mut entry = back.to_le_bytes().to_vec();
        entry.extend(self.start.to_le_bytes());
        entry.extend(self.len.to_le_bytes());
        entry.push(0);
        entry.extend(&self.frame);
        out.extend(pad(entry));
        out.extend([0; 4]);
        out
    }

    /// Abbreviations and entries: a unit of Go with one subprogram.
    fn info(&self) -> (Vec<u8>, Vec<u8>) {
        let mut abbreviations = Vec::new();
        // Of each attribute: name and form. A unit: name, low_pc, high_pc, stmt_list, language; a subprogram: the first three, and that it is external.
        for (code, tag, children, attributes) in [
            (
                1,
                0x11,
                1,
                &[
                    [0x03, 0x08],
                    [0x11, 0x01],
                    [0x12, 0x07],
                    [0x10, 0x17],
                    [0x13, 0x0b],
                ][..],
            ),
            (
                2,
                0x2e,
                0,
                &[[0x03, 0x08], [0x11, 0x01], [0x12, 0x07], [0x3f, 0x19]][..],
            ),
        ] {
            abbreviations.extend([code, tag, children]);
            attributes.iter().for_each(|a| abbreviations.extend(a));
            abbreviations.extend([0, 0]);
        }
        abbreviations.push(0);
        let mut unit = vec![4, 0, 0, 0, 0, 0, 8];
        unit.push(1);
        let file = self.lines.as_ref().and_then(|l| l.files.first());
        text(&mut unit, file.map_or("", |f| f));
        unit.extend(self.start.to_le_bytes());
        unit.extend(self.len.to_le_bytes());
        unit.extend([0; 4]);
        unit.push(0x16);
        unit.push(2);
        text(&mut unit, &self.name);
        unit.extend(self.start.to_le_bytes());
        unit.extend(self.len.to_le_bytes());
        unit.push(0);
        (abbreviations, with_length(unit))
    }

    /// The file: a section for the code, without contents, and those about it.
    pub fn bytes(&self) -> Vec<u8> {
        const PROGBITS: u32 = 1;
        const SYMTAB: u32 = 2;
        const STRTAB: u32 = 3;
        const NOBITS: u32 = 8;
        let mut names = vec![0];
        text(&mut names, &self.name);
        let mut symbols = vec![0; 24];
        // A global function in section 1.
        symbols.extend(1u32.to_le_bytes());
        symbols.extend([0x12, 0]);
        symbols.extend(1u16.to_le_bytes());
        // In a relocatable file a symbol's value is an offset into its section.
        symbols.extend(0u64.to_le_bytes());
        symbols.extend(self.len.to_le_bytes());
        let mut sections = vec![
            (".text", NOBITS, Vec::new()),
            (".eh_frame", PROGBITS, self.eh_frame()),
            (".symtab", SYMTAB, symbols),
            (".strtab", STRTAB, names),
        ];
        if let Some(lines) = &self.lines {
            let (abbreviations, info) = self.info();
            sections.push((".debug_abbrev", PROGBITS, abbreviations));
            sections.push((".debug_info", PROGBITS, info));
            sections.push((".debug_line", PROGBITS, lines.table()));
        }
        let mut section_names = vec![0];
        let offsets: Vec<u32> = sections
            .iter()
            .map(|(name, ..)| {
                let at = section_names.len() as u32;
                text(&mut section_names, name);
                at
            })
            .collect();
        let own_name = section_names.len() as u32;
        text(&mut section_names, ".shstrtab");

        let mut out = vec![0; 64];
        let mut headers = vec![0; 64];
        let mut header = |name: u32, kind: u32, flags: u64, address: u64, at: u64, size: u64| {
            let link: u32 = if kind == SYMTAB { 4 } else { 0 };
            let (first_global, entry): (u32, u64) = if kind == SYMTAB { (1, 24) } else { (0, 0) };
            headers.extend(name.to_le_bytes());
            headers.extend(kind.to_le_bytes());
            for word in [flags, address, at, size] {
                headers.extend(word.to_le_bytes());
            }
            headers.extend(link.to_le_bytes());
            headers.extend(first_global.to_le_bytes());
            headers.extend(8u64.to_le_bytes());
            headers.extend(entry.to_le_bytes());
        };
        for ((name, kind, contents), offset) in sections.iter().zip(offsets) {
            out.resize(out.len().next_multiple_of(8), 0);
            let at = out.len() as u64;
            match *name {
                // Allocated, executable.
                ".text" => header(offset, *kind, 6, self.start, at, self.len),
                ".eh_frame" => header(offset, *kind, 2, 0, at, contents.len() as u64),
                _ => header(offset, *kind, 0, 0, at, contents.len() as u64),
            }
            out.extend(contents);
        }
        let at = out.len() as u64;
        header(own_name, STRTAB, 0, 0, at, section_names.len() as u64);
        out.extend(section_names);
        out.resize(out.len().next_multiple_of(8), 0);
        let table = out.len() as u64;
        out.extend(&headers);
        let count = sections.len() as u16 + 2;
        let mut head = Vec::from(*b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
        // Relocatable, x86-64.
        head.extend(1u16.to_le_bytes());
        head.extend(62u16.to_le_bytes());
        head.extend(1u32.to_le_bytes());
        for word in [0, 0, table] {
            head.extend(word.to_le_bytes());
        }
        head.extend(0u32.to_le_bytes());
        for half in [64, 0, 0, 64, count, count - 1] {
            head.extend(half.to_le_bytes());
        }
        out[..64].copy_from_slice(&head);
        out
    }
}

impl Lines {
    fn new(info: &FuncInfo, start: u64, emitted: &Emitted) -> Lines {
        let mut lines = Lines {
            files: Vec::new(),
            program: Vec::new(),
        };
        // DW_LNE_set_address.
        lines.program.extend([0, 9, 2]);
        lines.program.extend(start.to_le_bytes());
        let (mut at, mut line, mut file) = (0, 1, 1);
        // The prologue is the declaration's, which debuggers skip.
        if let Some((declared_in, _)) = lines.place(&info.function, 0) {
            (file, line) = (declared_in, info.function.decl_line);
            lines.program.push(3);
            sleb(&mut lines.program, i64::from(line) - 1);
            lines.program.push(1);
        }
        for &(offset, pc) in &emitted.places {
            let (function, pc) = emitted.resolve(info, pc);
            let Some((next_file, next_line)) = lines.place(function, pc) else {
                continue;
            };
            if (next_file, next_line) == (file, line) && offset > emitted.body {
                continue;
            }
            if next_file != file {
                // DW_LNS_set_file.
                lines.program.push(4);
                uleb(&mut lines.program, next_file);
            }
            // DW_LNS_advance_pc, DW_LNS_advance_line, DW_LNS_copy.
            lines.program.push(2);
            uleb(&mut lines.program, u64::from(offset - at));
            lines.program.push(3);
            sleb(&mut lines.program, i64::from(next_line) - i64::from(line));
            lines.program.push(1);
            (at, line, file) = (offset, next_line, next_file);
        }
        lines.program.push(2);
        uleb(
            &mut lines.program,
            (emitted.bytes.len() - at as usize) as u64,
        );
        // DW_LNE_end_sequence.
        lines.program.extend([0, 1, 1]);
        lines
    }

    /// Number of the file, counted from 1, and line.
    fn place(&mut self, function: &Function, pc: u32) -> Option<(u64, u32)> {
        let (path, line) = function.line_at(pc)?;
        let known = self.files.iter().position(|f| **f == *path);
        let at = known.unwrap_or_else(|| {
            self.files.push(path.into());
            self.files.len() - 1
        });
        Some((at as u64 + 1, line))
    }

    fn table(&self) -> Vec<u8> {
        // Shortest instruction, operations in one, is_stmt, line base and range, first special opcode, operands of the standard ones.
        let mut header = vec![1, 1, 1, 0xfb, 14, 13];
        header.extend([0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]);
        // No directories.
        header.push(0);
        for file in &self.files {
            text(&mut header, file);
            header.extend([0, 0, 0]);
        }
        header.push(0);
        let mut body = vec![4, 0];
        body.extend(with_length(header));
        body.extend(&self.program);
        with_length(body)
    }
}
