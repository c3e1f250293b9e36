package io

import (
	"errors"
	"sync"
)

// ErrClosedPipe says that a pipe was used after its end was closed.
var ErrClosedPipe = errors.New("io: read/write on closed pipe")

// firstError keeps the first error stored.
type firstError struct {
	mu  sync.Mutex
	err error
}

func (e *firstError) store(err error) {
	e.mu.Lock()
	if e.err == nil {
		e.err = err
	}
	e.mu.Unlock()
}

func (e *firstError) load() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

// pipe hands a writer's slice to readers, who say how much of it they took.
type pipe struct {
	writing sync.Mutex // one Write at a time
	data    chan []byte
	taken   chan int

	closing  sync.Once
	done     chan struct{} // closed when either end is
	readErr  firstError    // set by the reader's end
	writeErr firstError    // set by the writer's end
}

// Pipe returns the ends of a pipe without a buffer: each Write waits until readers took all of it or an end is closed.
func Pipe() (*PipeReader, *PipeWriter) {
	w := &PipeWriter{r: PipeReader{pipe{data: make(chan []byte), taken: make(chan int), done: make(chan struct{})}}}
	return &w.r, w
}

func (p *pipe) read(b []byte) (n int, err error) {
	select {
	case <-p.done:
		return 0, p.errForReader()
	default:
	}
	select {
	case data := <-p.data:
		n := copy(b, data)
		p.taken <- n
		return n, nil
	case <-p.done:
		return 0, p.errForReader()
	}
}

func (p *pipe) write(b []byte) (n int, err error) {
	select {
	case <-p.done:
		return 0, p.errForWriter()
	default:
		p.writing.Lock()
		defer p.writing.Unlock()
	}
	// An empty write meets a reader, too.
	for again := true; again || len(b) > 0; again = false {
		select {
		case p.data <- b:
			m := <-p.taken
			b = b[m:]
			n += m
		case <-p.done:
			return n, p.errForWriter()
		}
	}
	return n, nil
}

func (p *pipe) closeRead(err error) error {
	if err == nil {
		err = ErrClosedPipe
	}
	p.readErr.store(err)
	p.closing.Do(func() { close(p.done) })
	return nil
}

func (p *pipe) closeWrite(err error) error {
	if err == nil {
		err = EOF
	}
	p.writeErr.store(err)
	p.closing.Do(func() { close(p.done) })
	return nil
}

func (p *pipe) errForReader() error {
	if err := p.writeErr.load(); p.readErr.load() == nil && err != nil {
		return err
	}
	return ErrClosedPipe
}

func (p *pipe) errForWriter() error {
	if err := p.readErr.load(); p.writeErr.load() == nil && err != nil {
		return err
	}
	return ErrClosedPipe
}

// PipeReader is a pipe's end for reading.
type PipeReader struct{ pipe }

// Read waits for a writer or for the writer's end to be closed, whose error (EOF) it then returns.
func (r *PipeReader) Read(data []byte) (n int, err error) { return r.pipe.read(data) }

// Close makes writes fail with ErrClosedPipe.
func (r *PipeReader) Close() error { return r.CloseWithError(nil) }

// CloseWithError makes writes fail with err. It never changes an earlier error.
func (r *PipeReader) CloseWithError(err error) error { return r.pipe.closeRead(err) }

// PipeWriter is a pipe's end for writing.
type PipeWriter struct{ r PipeReader }

// Write waits until readers took all of data or the reader's end is closed.
func (w *PipeWriter) Write(data []byte) (n int, err error) { return w.r.pipe.write(data) }

// Close makes reads return EOF.
func (w *PipeWriter) Close() error { return w.CloseWithError(nil) }

// CloseWithError makes reads return err, or EOF if it is nil. It never changes an earlier error.
func (w *PipeWriter) CloseWithError(err error) error { return w.r.pipe.closeWrite(err) }
