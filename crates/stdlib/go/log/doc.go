// Package log writes lines with a time, a prefix and the caller's place.
package log
