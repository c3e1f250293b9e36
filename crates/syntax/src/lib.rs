//! Go source text to tokens to syntax tree, with positions. Knows no types.
