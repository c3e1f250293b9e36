// Package flag parses command-line flags.
//
// A flag is defined with a name, a default and a line of help; Parse then sets it from the command line, where it stands as
// -name, -name=value or, unless it is boolean, -name value. One dash and two mean the same. Flags end before the first argument that does not begin
// with a dash, or after "--".
package flag
