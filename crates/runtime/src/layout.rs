//! Descriptors for the runtime's own heap objects: they have a size and a pointer mask for the collector, and no identity.

use bytecode::rtype::{Kind, RType};

/// The layout of an object of `size` bytes whose pointers are the words numbered in `words` and
/// those of `parts` at their byte offsets. Lives as long as the process.
pub fn composed_layout(size: usize, words: &[usize], parts: &[(usize, &RType)]) -> RType {
    let mut mask: Vec<u8> = Vec::new();
    let mut end = 0;
    let mut set = |word: usize| {
        end = end.max(word + 1);
        if mask.len() <= word / 8 {
            mask.resize(word / 8 + 1, 0);
        }
        mask[word / 8] |= 1 << (word % 8);
    };
    words.iter().for_each(|word| set(*word));
    for (offset, part) in parts {
        (0..part.ptr_bytes / 8)
            .filter(|i| part.word_is_pointer(*i))
            .for_each(|i| set(offset / 8 + i));
    }
    let mut layout = RType::blank(Kind::Struct);
    layout.size = size;
    layout.ptr_bytes = end * 8;
    (layout.align, layout.field_align) = (8, 8);
    layout.gc_mask = Box::leak(mask.into_boxed_slice()).as_ptr();
    layout
}
