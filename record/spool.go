package record

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/retrodict/retrodict/tensor"
)

// spoolSuffix ends the name of a spool, after that of the file that it is to become.
const spoolSuffix = ".spool"

// A spool holds what is recorded until a run is over: a line with the index in JSON, then rows of 64-bit floats, little
// endian. A row is a frame, update, tick and time first, or an event. What has been written up to a checkpoint stays
// whatever happens to the program; what comes after is cut off when the run goes on from there. In the end the spool becomes
// the file that was asked for.
type spool struct {
	index *Index
	base  string // of the file that it is to become, without a suffix
	file  *os.File
	buf   *bufio.Writer
	at    int64 // bytes written
	row   []byte
	kept  func() bool
}

func (s *spool) path() string { return s.base + "." + s.index.To + spoolSuffix }

// openSpool starts a spool, or goes on with one after so many bytes. When it is closed, kept says whether it stays.
func openSpool(x *Index, base string, offset int64, kept func() bool) (*spool, error) {
	s := &spool{index: x, base: base, kept: kept}
	head, err := json.Marshal(x)
	if err != nil {
		return nil, err
	}
	if s.file, err = os.OpenFile(s.path(), os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return nil, err
	}
	if offset > 0 {
		err = s.cut(append(head, '\n'), offset)
	} else {
		err = s.file.Truncate(0)
	}
	if err != nil {
		return nil, errors.Join(err, s.file.Close())
	}
	s.buf = bufio.NewWriterSize(s.file, 1<<16)
	if offset == 0 {
		s.at = int64(len(head)) + 1
		_, err = s.buf.Write(append(head, '\n'))
	}
	return s, err
}

// cut removes what was written after a checkpoint.
func (s *spool) cut(head []byte, offset int64) error {
	there := make([]byte, len(head))
	if _, err := io.ReadFull(s.file, there); err != nil || !bytes.Equal(there, head) {
		return fmt.Errorf("%s is not what the checkpoint was made with", s.path())
	}
	info, err := s.file.Stat()
	if err == nil && info.Size() < offset {
		err = fmt.Errorf("%s has %d bytes: %d had been written before the checkpoint", s.path(), info.Size(), offset)
	}
	if err == nil {
		err = s.file.Truncate(offset)
	}
	if err == nil {
		_, err = s.file.Seek(offset, io.SeekStart)
	}
	s.at = offset
	return err
}

func (s *spool) write(f *frame) error {
	s.row = s.row[:0]
	if s.index.Unit != Events.String() {
		s.row = appendFloats(s.row, float64(f.update), float64(f.tick), f.millis)
	}
	s.row = appendFloats(s.row, f.row...)
	s.at += int64(len(s.row))
	_, err := s.buf.Write(s.row)
	return err
}

func appendFloats(b []byte, list ...float64) []byte {
	for _, x := range list {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	return b
}

func (s *spool) flush() error { return s.buf.Flush() }

func (s *spool) abort() { _ = s.file.Close() }

// close makes the file that was asked for.
func (s *spool) close() error {
	if err := s.buf.Flush(); err != nil {
		return err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	k, err := openSink(s.index, s.base)
	if err != nil {
		return err
	}
	if _, err = unspool(s.file, k.write); err == nil {
		err = k.close()
	}
	if err != nil {
		k.abort()
		return err
	}
	err = s.file.Close()
	if err == nil && !s.kept() {
		err = os.Remove(s.path())
	}
	return err
}

// unspool reads a spool and gives its whole rows to f. A row that a killed run left unfinished is left out.
func unspool(r io.Reader, f func(*frame) error) (*Index, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	head, err := b.ReadBytes('\n')
	x := &Index{}
	if err == nil {
		err = json.Unmarshal(head, x)
	}
	if err == nil {
		err = x.check()
	}
	if err != nil {
		return nil, fmt.Errorf("no spool: %w", err)
	}
	events := x.Unit == Events.String()
	n := 3 + len(x.What)*x.width()
	if events {
		n = eventSize
	}
	if n < 3 || n > 1<<40 || len(x.What) > 1<<16 {
		return nil, errors.New("no spool: its index is wrong")
	}
	var one bytes.Buffer // takes no more memory than there is
	var row []float64
	for {
		one.Reset()
		if _, err := io.CopyN(&one, b, 8*int64(n)); errors.Is(err, io.EOF) {
			return x, nil
		} else if err != nil {
			return x, err
		}
		if row == nil {
			row = make([]float64, n)
		}
		raw := one.Bytes()
		for i := range row {
			row[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
		}
		moment := frame{row: row}
		if events && !(row[3] >= 0 && int(row[3]) < len(x.Targets) && row[4] >= 0 && int(row[4]) < len(x.Kinds)) {
			return x, errors.New("an event names a vertex or a kind that the index does not have")
		}
		if !events {
			moment = frame{update: int(row[0]), tick: int(row[1]), millis: row[2], row: row[3:]}
		}
		if err := f(&moment); err != nil {
			return x, err
		}
	}
}

// State makes sure that everything recorded so far survives the end of the program, and appends to b where recording is:
// RecorderConfig.Resume of a Recorder of the same Specs, with Spool. To be called between updates.
func (r *Recorder) State(b []byte) ([]byte, error) {
	if r.ordered {
		r.settle()
	}
	w := &tensor.Encoder{B: b}
	for i, t := range r.tracks {
		s := r.streams[i]
		if t.events != nil {
			t.events.flush(s)
		}
		if err := s.sync(); err != nil {
			return nil, fmt.Errorf("record: %s: %w", s.path, err)
		}
		if s.spool == nil {
			return nil, fmt.Errorf("record: %s: it is recorded without a spool", s.path)
		}
		for _, n := range []int64{s.spool.at, s.recorded, s.dropped.Load()} {
			w.Int(n)
		}
		w.Uint(math.Float64bits(t.next))
		for _, list := range t.before {
			w.Floats(list)
		}
	}
	return w.B, nil
}

// restore goes on where State was, and returns how much of the spool is valid.
func (t *track) restore(s *stream, r *tensor.Decoder) (offset int64) {
	offset, s.recorded = r.Int(), r.Int()
	s.dropped.Store(r.Int())
	t.next = math.Float64frombits(r.Uint())
	for i := range t.before {
		var list []float64
		r.Floats(&list)
		if r.Err == nil && len(list) != len(t.before[i]) {
			r.Fail("record: the checkpoint has %d weights of %s, there are %d", len(list), t.targets[i].name, len(t.before[i]))
		}
		copy(t.before[i], list)
	}
	if r.Err == nil && offset <= 0 {
		r.Fail("record: the checkpoint says that nothing was recorded")
	}
	return offset
}

// spoolTarget returns the path of the file that the spool at path is to become, "" if it is none.
func spoolTarget(path string) string {
	target, ok := strings.CutSuffix(path, spoolSuffix)
	if !ok {
		return ""
	}
	return target
}
