//! Syntax tree to checked program: names, types, constants, generic instances.
