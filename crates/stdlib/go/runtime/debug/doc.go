// Package debug lets a program look at and set what its virtual machine does while it runs.
package debug
