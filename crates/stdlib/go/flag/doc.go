// Package flag parses command-line flags.
package flag
