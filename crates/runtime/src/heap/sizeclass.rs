//! Size classes: the sizes in which small objects come, and the spans that hold them.
//!
//! The sizes are those of the gc toolchain, because programs can see them: `append` rounds capacities up to them.

/// Bytes of a page, the unit of spans.
pub const PAGE: usize = 8192;
pub const PAGE_SHIFT: u32 = 13;
/// Objects above this size have a span of their own.
pub const MAX_SMALL: usize = 32768;

/// Object sizes by class. Class 0 is not used.
pub const SIZES: [u16; 68] = [
    0, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320,
    352, 384, 416, 448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792,
    2048, 2304, 2688, 3072, 3200, 3456, 4096, 4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728,
    10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672,
    32768,
];
pub const CLASSES: usize = SIZES.len();

/// Pages of a span by class: the fewest that leave at most an eighth unused.
pub const SPAN_PAGES: [u8; CLASSES] = span_pages();
/// Class of sizes up to 1024, by (size + 7) / 8.
static SMALL: [u8; 129] = small_table();
/// Class of sizes up to 32768, by (size - 1024 + 127) / 128.
static LARGE: [u8; 249] = large_table();

const fn span_pages() -> [u8; CLASSES] {
    let mut pages = [0; CLASSES];
    let mut class = 1;
    while class < CLASSES {
        let size = SIZES[class] as usize;
        let mut n = 1;
        while (n * PAGE) % size > n * PAGE / 8 {
            n += 1;
        }
        pages[class] = n as u8;
        class += 1;
    }
    pages
}

const fn class_for(size: usize) -> u8 {
    let mut class = 1;
    while (SIZES[class] as usize) < size {
        class += 1;
    }
    class as u8
}

const fn small_table() -> [u8; 129] {
    let mut table = [0; 129];
    let mut i = 0;
    while i < 129 {
        table[i] = class_for(i * 8);
        i += 1;
    }
    table
}

const fn large_table() -> [u8; 249] {
    let mut table = [0; 249];
    let mut i = 0;
    while i < 249 {
        table[i] = class_for(1024 + i * 128);
        i += 1;
    }
    table
}

/// The class for objects of `size` bytes, which is at most `MAX_SMALL`.
#[inline(always)]
pub fn class_of(size: usize) -> usize {
    if size <= 1024 {
        usize::from(SMALL[size.div_ceil(8)])
    } else {
        usize::from(LARGE[(size - 1024).div_ceil(128)])
    }
}

/// What an allocation of `size` bytes occupies: `append` turns the rest into capacity.
pub fn rounded_size(size: usize) -> usize {
    if size <= MAX_SMALL {
        usize::from(SIZES[class_of(size)])
    } else {
        size.checked_next_multiple_of(PAGE).unwrap_or(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_gets_the_smallest_class_that_holds_it() {
        for size in 1..=MAX_SMALL {
            let class = class_of(size);
            assert!(usize::from(SIZES[class]) >= size);
            assert!(usize::from(SIZES[class - 1]) < size);
        }
    }

    #[test]
    fn rounding_is_what_append_shows() {
        assert_eq!(
            [
                rounded_size(5),
                rounded_size(33),
                rounded_size(1025),
                rounded_size(40_000)
            ],
            [8, 48, 1152, 40_960]
        );
    }
}
