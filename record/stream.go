package record

import (
	"sync/atomic"

	"github.com/retrodict/retrodict/tensor"
)

// A frame is one moment of one track, or some of its events.
type frame struct {
	update, tick int
	millis       float64
	row          []float64
	flush        chan error // not nil: it is no frame, but asks that all before it be written
}

// A stream is a file with the goroutine that writes it. Frames go round: free, filled by the run, full, written.
type stream struct {
	path       string
	free, full chan *frame
	size       int // of a row
	wait       bool
	events     bool
	keep       bool // whether closing the sink keeps its spool; set before full is closed
	dropped    atomic.Int64
	skipped    int64
	recorded   int64 // the goroutine's until done, or until it has flushed
	spool      *spool
	done       chan error
}

// A sink writes frames to a file.
type sink interface {
	write(*frame) error
	flush() error // all that was written survives the end of the program
	close() error // completes the file
	abort()       // removes it
}

// openStream starts the file of a track at base. With a state it goes on where that was made.
func openStream(c RecorderConfig, t *track, base string, state *tensor.Decoder) (*stream, error) {
	size := len(t.What) * t.width
	if t.events != nil {
		size = eventSize * eventsPerFrame
	}
	n := min(max(c.Memory/(8*size+64), 4), 1<<14)
	s := &stream{path: base + "." + t.To, free: make(chan *frame, n), full: make(chan *frame, n), size: size, wait: c.Wait, events: t.events != nil, done: make(chan error, 1)}
	var offset int64
	if state != nil {
		offset = t.restore(s, state)
		if state.Err != nil {
			return nil, state.Err
		}
	}
	k, err := s.openSink(c, t.index(), base, offset)
	if err != nil {
		return nil, err
	}
	for range n {
		s.free <- &frame{}
	}
	go s.run(k)
	return s, nil
}

func (s *stream) openSink(c RecorderConfig, x *Index, base string, offset int64) (sink, error) {
	if !c.Spool {
		return openSink(x, base)
	}
	k, err := openSpool(x, base, offset, func() bool { return s.keep })
	s.spool = k
	if err != nil {
		return nil, err
	}
	return k, nil
}

// openSink starts a file in the format that the index names.
func openSink(x *Index, base string) (sink, error) {
	switch events := x.Unit == Events.String(); {
	case events && x.To == "npz":
		return openEventArrays(x, base)
	case events:
		return openEventTable(x, x.To, base)
	case x.To == "npz":
		return openArrays(x, base)
	}
	return openTable(x, base)
}

// frame returns a frame to fill, nil if there is none.
func (s *stream) frame() *frame {
	if s.wait {
		return s.sized(<-s.free)
	}
	select {
	case f := <-s.free:
		return s.sized(f)
	default:
		s.dropped.Add(1)
		return nil
	}
}

// sized gives a frame its row when it is used first, so that short recordings take little memory.
func (s *stream) sized(f *frame) *frame {
	if f.row == nil {
		f.row = make([]float64, s.size)
	}
	return f
}

// run writes frames until there are no more, and completes the file. After an error it only hands frames back.
func (s *stream) run(k sink) {
	var err error
	for f := range s.full {
		if f.flush != nil {
			if err == nil {
				err = k.flush()
			}
			f.flush <- err
			continue
		}
		n := int64(1)
		if s.events {
			n = int64(len(f.row) / eventSize)
		}
		if err == nil {
			err = k.write(f)
		}
		if err == nil {
			s.recorded += n
		} else {
			s.dropped.Add(n)
		}
		s.free <- f
	}
	if err == nil {
		err = k.close()
	}
	if err != nil {
		k.abort()
	}
	s.done <- err
}

// sync waits until everything is written.
func (s *stream) sync() error {
	f := &frame{flush: make(chan error, 1)}
	s.full <- f
	return <-f.flush
}
