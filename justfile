# Everyday commands. Each is a line of cargo, for where just is missing.

# Run a Go program.
run *ARGS:
    cargo run --release -q -- run {{ARGS}}

# All tests.
test *ARGS:
    cargo test --workspace {{ARGS}}

# Compare with the real Go toolchain on programs/bench.
bench *ARGS:
    cargo run --release -q -p morestack-bench --bin morestack-bench -- {{ARGS}}

# Go's own test programs: DIR is the test/ folder of a Go tree, NAMES the list of programs.
conformance DIR NAMES="../shared/conformance/go-test-run.txt" *ARGS:
    cargo run --release -q -p morestack-bench --bin conformance -- {{DIR}} {{NAMES}} {{ARGS}}

# Make the expected outputs anew with the real toolchain (--check: compare only).
bless *ARGS:
    cargo run -q -p morestack-bench --bin bless -- {{ARGS}}

# Formatting and lints, warnings denied.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
