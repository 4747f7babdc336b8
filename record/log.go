package record

import (
	"errors"
	"fmt"
	"os"
)

// A Log keeps what a run shows, in log.txt. What is written before Open is kept back; what is never opened leaves no
// trace. Close may be called on a Log that is not open.
type Log struct {
	back []byte
	file *os.File
}

// Write implements io.Writer.
func (l *Log) Write(text []byte) (int, error) {
	if l.file == nil {
		l.back = append(l.back, text...)
		return len(text), nil
	}
	return l.file.Write(text)
}

// Open writes to the end of log.txt in f, from now on, beginning with what was kept back.
func (l *Log) Open(f *Folder) (err error) {
	if l.file, err = os.OpenFile(f.Path("log.txt"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	_, err = l.file.Write(l.back)
	l.back = nil
	return err
}

// Close closes the file.
func (l *Log) Close() error {
	if l.file == nil {
		return nil
	}
	err := errors.Join(l.file.Sync(), l.file.Close())
	l.file = nil
	return err
}
