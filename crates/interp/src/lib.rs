//! Executes bytecode on goroutine stacks.
