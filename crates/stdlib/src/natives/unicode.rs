//! Properties and case conversion of code points, and the natives of `unicode` and `internal/unicode`.
//!
//! ```text
//! internal/unicode.categoryPage(number int) *[256]uint8
//! internal/unicode.toCase(kind int, r rune) rune
//! internal/unicode.SimpleFold(r rune) rune
//! unicode.fillTables(tables []RangeTable)
//! unicode.caseRanges() []CaseRange
//! ```

use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

use bytecode::rtype::GoSlice;
use runtime::native::{Flow, NativeCx, NativeFn, Slots};

use super::unicode_tables::{CASE_RANGES, CATEGORY_RUNS, FOLD_ORBITS, RANGES16, RANGES32, TABLES};

pub static NATIVES: &[(&str, NativeFn)] = &[
    ("internal/unicode.categoryPage", native_category_page),
    ("internal/unicode.toCase", native_to_case),
    ("internal/unicode.SimpleFold", native_simple_fold),
    ("unicode.fillTables", native_fill_tables),
    ("unicode.caseRanges", native_case_ranges),
];

pub const UPPER: i64 = 0;
pub const LOWER: i64 = 1;
const MAX_RUNE: i32 = 0x10FFFF;

/// A property of every code point, by pages of 256 code points that are made when they are first asked for.
struct Pages<T: 'static> {
    pages: [AtomicPtr<[T; PAGE]>; MAX_RUNE as usize / PAGE + 1],
    property: fn(i32) -> T,
}

const PAGE: usize = 256;

impl<T: Copy> Pages<T> {
    const fn new(property: fn(i32) -> T) -> Pages<T> {
        Pages {
            pages: [const { AtomicPtr::new(std::ptr::null_mut()) }; MAX_RUNE as usize / PAGE + 1],
            property,
        }
    }

    fn page(&self, number: usize) -> &'static [T; PAGE] {
        let place = &self.pages[number];
        // SAFETY: null, or a page that is never freed nor written again.
        if let Some(page) = unsafe { place.load(Ordering::Acquire).as_ref() } {
            return page;
        }
        let page = std::array::from_fn(|i| (self.property)((number * PAGE + i) as i32));
        let page: &'static mut [T; PAGE] = Box::leak(Box::new(page));
        // Two threads may have made it; one page stays.
        let null = std::ptr::null_mut();
        match place.compare_exchange(null, page, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => page,
            Err(other) => {
                // SAFETY: as above; our own page nobody else has.
                unsafe {
                    drop(Box::from_raw(page));
                    &*other
                }
            }
        }
    }

    /// The property of a code point.
    #[inline(always)]
    fn of(&self, r: i32) -> T {
        self.page(r as usize / PAGE)[r as usize % PAGE]
    }
}

static CATEGORIES: Pages<u8> = Pages::new(|r| {
    let after = CATEGORY_RUNS.partition_point(|&(first, _)| first <= r as u32);
    CATEGORY_RUNS[after - 1].1
});

/// The number of the general category, as `internal/unicode` numbers them; 0 for what is no code point.
#[cfg(test)]
fn category(r: i32) -> u8 {
    if (0..=MAX_RUNE).contains(&r) {
        CATEGORIES.of(r)
    } else {
        0
    }
}

pub fn is_space(r: u32) -> bool {
    matches!(
        r,
        0x09..=0x0D | 0x20 | 0x85 | 0xA0 | 0x1680 | 0x2000..=0x200A | 0x2028 | 0x2029 | 0x202F | 0x205F | 0x3000
    )
}

/// What each case is away from the code point, by its number.
static CASES: [Pages<i32>; 3] = [
    Pages::new(|r| case_distance(0, r)),
    Pages::new(|r| case_distance(1, r)),
    Pages::new(|r| case_distance(2, r)),
];

fn case_distance(kind: usize, r: i32) -> i32 {
    let after = CASE_RANGES.partition_point(|range| range[0] <= r);
    let range = after.checked_sub(1).map(|i| &CASE_RANGES[i]);
    let Some(range) = range.filter(|range| r <= range[1]) else {
        return 0;
    };
    let delta = range[2 + kind];
    if delta > MAX_RUNE {
        // Upper case at even distances from the first, lower case at odd ones; title case is upper case.
        return range[0] + ((r - range[0]) & !1 | (kind & 1) as i32) - r;
    }
    delta
}

/// Converts to upper (0), lower (1) or title (2) case.
#[inline]
pub fn to_case(kind: i64, r: i32) -> i32 {
    match usize::try_from(kind).ok().and_then(|kind| CASES.get(kind)) {
        Some(cases) if (0..=MAX_RUNE).contains(&r) => r + cases.of(r),
        Some(_) => r,
        None => 0xFFFD,
    }
}

/// The next code point that is equal under simple case folding.
pub fn simple_fold(r: i32) -> i32 {
    if !(0..=MAX_RUNE).contains(&r) {
        return r;
    }
    if let Ok(i) = FOLD_ORBITS.binary_search_by_key(&(r as u32), |orbit| orbit.0) {
        return FOLD_ORBITS[i].1 as i32;
    }
    let lower = to_case(LOWER, r);
    if lower != r { lower } else { to_case(UPPER, r) }
}

/// Whether `a` and `b` are equal under simple case folding.
pub fn same_fold(a: u32, b: u32) -> bool {
    let (small, large) = (a.min(b) as i32, a.max(b) as i32);
    if small == large {
        return true;
    }
    if large < 0x80 {
        return (small as u8).is_ascii_uppercase() && large == small + 0x20;
    }
    let mut r = simple_fold(small);
    while r != small && r < large {
        r = simple_fold(r);
    }
    r == large
}

fn native_category_page(_: &mut NativeCx, s: Slots) -> Flow {
    let number = usize::try_from(s.int(0)).ok();
    let Some(number) = number.filter(|n| *n < CATEGORIES.pages.len()) else {
        return Flow::fatal("internal/unicode: no page of that number");
    };
    s.set_ptr(1, CATEGORIES.page(number).as_ptr());
    Flow::Done
}

fn native_to_case(_: &mut NativeCx, s: Slots) -> Flow {
    s.set_int(2, i64::from(to_case(s.int(0), s.int(1) as i32)));
    Flow::Done
}

fn native_simple_fold(_: &mut NativeCx, s: Slots) -> Flow {
    s.set_int(1, i64::from(simple_fold(s.int(0) as i32)));
    Flow::Done
}

/// `unicode.RangeTable` as gc lays it out.
#[repr(C)]
#[derive(Clone, Copy)]
struct RangeTable {
    r16: GoSlice<[u16; 3]>,
    r32: GoSlice<[u32; 3]>,
    latin_offset: usize,
}

/// Go code may write to the ranges, so they are copies of the static ones.
fn native_fill_tables(_: &mut NativeCx, s: Slots) -> Flow {
    let r16: &'static [[u16; 3]] = Box::leak(Box::new(RANGES16));
    let r32: &'static [[u32; 3]] = Box::leak(Box::new(RANGES32));
    fn part<T>(all: &[T], first: u16, n: u16) -> GoSlice<T> {
        let part = &all[usize::from(first)..usize::from(first) + usize::from(n)];
        if part.is_empty() {
            return GoSlice {
                ptr: std::ptr::null(),
                len: 0,
                cap: 0,
            };
        }
        GoSlice {
            ptr: part.as_ptr(),
            len: part.len(),
            cap: part.len(),
        }
    }
    for (to, t) in s.slice_mut::<RangeTable>(0).iter_mut().zip(&TABLES) {
        *to = RangeTable {
            r16: part(r16, t[0], t[1]),
            r32: part(r32, t[2], t[3]),
            latin_offset: usize::from(t[4]),
        };
    }
    Flow::Done
}

fn native_case_ranges(_: &mut NativeCx, s: Slots) -> Flow {
    static MADE: OnceLock<&'static [[i32; 5]]> = OnceLock::new();
    let ranges: &'static [[i32; 5]] = MADE.get_or_init(|| Box::leak(Box::new(CASE_RANGES)));
    s.set_slice(
        0,
        GoSlice {
            ptr: ranges.as_ptr(),
            len: ranges.len(),
            cap: ranges.len(),
        },
    );
    Flow::Done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_agree_with_the_runs() {
        for runs in CATEGORY_RUNS.windows(2) {
            let (first, last) = (runs[0].0 as i32, runs[1].0 as i32 - 1);
            assert_eq!((category(first), category(last)), (runs[0].1, runs[0].1));
        }
        assert_eq!(category(MAX_RUNE + 1), 0);
        assert_eq!(to_case(LOWER, MAX_RUNE + 1), MAX_RUNE + 1);
        assert_eq!(to_case(3, 'a' as i32), 0xFFFD);
    }

    #[test]
    fn cases_and_categories() {
        assert_eq!(category('A' as i32), 1);
        assert_eq!(category('a' as i32), 2);
        assert_eq!(category(-1), 0);
        assert_eq!(to_case(UPPER, 'ß' as i32), 'ß' as i32);
        assert_eq!(to_case(UPPER, 'é' as i32), 'É' as i32);
        assert_eq!(to_case(LOWER, 'Ā' as i32), 'ā' as i32);
        assert_eq!(to_case(UPPER, 'ā' as i32), 'Ā' as i32);
        assert_eq!(simple_fold('K' as i32), 'k' as i32);
        assert_eq!(simple_fold('k' as i32), 0x212A);
        assert_eq!(simple_fold(0x212A), 'K' as i32);
        assert!(same_fold('K' as u32, 0x212A));
        assert!(!same_fold('[' as u32, '{' as u32));
    }
}
