// Package log writes lines with a time, a prefix and the caller's place.
//
// The functions of the package use a standard logger, which writes to standard error with date and time. Each call writes one line.
package log
