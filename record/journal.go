package record

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
)

// The file of a journal: a first line, the SHA-256 of the resolved configuration, and a frame for every sample. A frame is
// its length as a varint, so many bytes, and their CRC-32 (IEEE), little endian.
//
// The bytes of a frame: the number of entries as a varint, then the entries. An entry is a byte, with what happened in bits
// 0, 1 and 5, the kind of the message in bit 2, how its tick and edge are told in bits 3 and 4, and bit 7 if it happened to
// another vertex than the entry before. Then, as zigzag varints: the step from that vertex; and of messages the step of the
// tick if bit 3 is set (0 otherwise) and of the edge if bit 4 is set (+1 otherwise) from the message before. An intervention
// is written as a message is, with its number and part for tick and edge. Turns have no message: they take one byte; where
// bit 3 is set the time since the last one follows.
const (
	journalFormat = "retrodict journal 1\n"

	journalWhat   = 3 // and journalMore, which counts 4
	journalError  = 1 << 2
	journalTick   = 1 << 3
	journalEdge   = 1 << 4
	journalMore   = 1 << 5
	journalVertex = 1 << 7
)

// JournalFile is the name of the journal in a run folder.
const JournalFile = "journal.bin"

// A Journal is an open journal.bin of a run: what happened in every sample, to be replayed.
type Journal struct {
	file    *os.File
	buf     []byte
	bytes   int64
	samples int
}

// Bytes returns the size of the file.
func (j *Journal) Bytes() int64 { return j.bytes }

// Samples returns the number of samples in the file.
func (j *Journal) Samples() int { return j.samples }

// Journal creates journal.bin for a run of the configuration with the given hash.
func (f *Folder) Journal(config [sha256.Size]byte) (*Journal, error) {
	file, err := os.OpenFile(f.Path(JournalFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	j := &Journal{file: file, bytes: int64(len(journalFormat) + len(config))}
	if _, err := file.Write(append([]byte(journalFormat), config[:]...)); err != nil {
		return nil, j.failed(errors.Join(err, file.Close()))
	}
	return j, nil
}

func (j *Journal) failed(err error) error {
	if err != nil {
		err = fmt.Errorf("record: journal: %w", err)
	}
	return err
}

// Add appends a sample, which is in the file when Add returns. A run that is killed leaves whole samples, and perhaps a part
// of one more, which a JournalReader leaves out.
func (j *Journal) Add(sample []neuron.Entry) error {
	head := [binary.MaxVarintLen64]byte{}
	j.buf = appendEntries(append(j.buf[:0], head[:]...), sample)
	body := j.buf[len(head):]
	n := binary.PutUvarint(head[:], uint64(len(body)))
	start := len(head) - n
	copy(j.buf[start:], head[:n])
	j.buf = binary.LittleEndian.AppendUint32(j.buf, crc32.ChecksumIEEE(body))
	k, err := j.file.Write(j.buf[start:])
	j.bytes += int64(k)
	if err == nil {
		j.samples++
	}
	return j.failed(err)
}

// Close syncs and closes the file.
func (j *Journal) Close() error {
	return j.failed(errors.Join(j.file.Sync(), j.file.Close()))
}

// turn reports whether an entry is a turn, which has no message.
func turn(h neuron.Happening) bool { return h == neuron.Compared || h == neuron.Relaxed }

// appendEntries appends the bytes of a frame.
func appendEntries(b []byte, sample []neuron.Entry) []byte {
	b = binary.AppendUvarint(b, uint64(len(sample)))
	var last neuron.Entry
	for _, e := range sample {
		elapsed := int64(0)
		if turn(e.What) {
			elapsed = int64(e.Tick)
			e.Kind, e.Edge, e.Tick = 0, last.Edge, last.Tick
		}
		at := len(b)
		b = append(b, byte(e.What)&journalWhat|byte(e.What)>>2*journalMore)
		if e.Vertex != last.Vertex {
			b[at] |= journalVertex
			b = binary.AppendVarint(b, int64(e.Vertex)-int64(last.Vertex))
		}
		if elapsed != 0 {
			b[at] |= journalTick
			b = binary.AppendVarint(b, elapsed)
		}
		if !turn(e.What) {
			if e.Kind == neuron.Error {
				b[at] |= journalError
			}
			if e.Tick != last.Tick {
				b[at] |= journalTick
				b = binary.AppendVarint(b, int64(e.Tick)-int64(last.Tick))
			}
			if int64(e.Edge) != int64(last.Edge)+1 {
				b[at] |= journalEdge
				b = binary.AppendVarint(b, int64(e.Edge)-int64(last.Edge))
			}
		}
		last = e
	}
	return b
}

// A JournalReader takes the samples off a journal.
type JournalReader struct {
	Config [sha256.Size]byte // hash of the resolved configuration of the run
	r      *bufio.Reader
	body   bytes.Buffer
	n      int
}

// NewJournalReader reads the head of a journal.
func NewJournalReader(r io.Reader) (*JournalReader, error) {
	j := &JournalReader{r: bufio.NewReader(r)}
	head := make([]byte, len(journalFormat)+sha256.Size)
	if _, err := io.ReadFull(j.r, head); err != nil || string(head[:len(journalFormat)]) != journalFormat {
		return nil, errors.New("record: journal: this is no journal of this version")
	}
	copy(j.Config[:], head[len(journalFormat):])
	return j, nil
}

// Next returns the next sample, io.EOF after the last, and an error that wraps io.ErrUnexpectedEOF if a part of one more is
// there. It needs no more memory than a small multiple of what it reads.
func (j *JournalReader) Next() ([]neuron.Entry, error) {
	n, err := binary.ReadUvarint(j.r)
	if err == io.EOF {
		return nil, io.EOF
	}
	j.n++
	if err == nil && n > 1<<40 {
		err = errors.New("it is damaged")
	}
	j.body.Reset()
	if err == nil {
		_, err = io.CopyN(&j.body, j.r, int64(n)+crc32.Size)
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	var list []neuron.Entry
	if err == nil {
		body := j.body.Bytes()[:n]
		if binary.LittleEndian.Uint32(j.body.Bytes()[n:]) != crc32.ChecksumIEEE(body) {
			err = errors.New("it is damaged: its checksum is another")
		} else {
			list, err = decodeEntries(body)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("record: journal: sample %d: %w", j.n, err)
	}
	return list, nil
}

// decodeEntries is the inverse of appendEntries.
func decodeEntries(b []byte) ([]neuron.Entry, error) {
	damaged := errors.New("it is damaged")
	n, k := binary.Uvarint(b)
	if b = b[max(k, 0):]; k <= 0 || n > uint64(len(b)) {
		return nil, damaged
	}
	list := make([]neuron.Entry, 0, n)
	var vertex, edge, tick, elapsed int64
	step := func(x *int64) {
		d, k := binary.Varint(b)
		if k <= 0 || d > 1<<32 || d < -1<<32 {
			b, *x = nil, -1<<40
			return
		}
		b, *x = b[k:], *x+d
	}
	for range n {
		if len(b) == 0 {
			return nil, damaged
		}
		flags := b[0]
		b = b[1:]
		e := neuron.Entry{What: neuron.Happening(flags&journalWhat | flags&journalMore/journalMore<<2)}
		if e.What > neuron.Struck {
			return nil, damaged
		}
		message := !turn(e.What)
		if flags&journalVertex != 0 {
			step(&vertex)
		}
		if message && flags&journalTick != 0 {
			step(&tick)
		}
		elapsed = 0
		switch {
		case message && flags&journalEdge != 0:
			step(&edge)
		case flags&journalTick != 0 && !message:
			step(&elapsed)
			e.Tick = int32(elapsed)
		case message:
			edge++
		}
		e.Vertex = graph.VertexID(vertex)
		if message {
			e.Edge, e.Tick = graph.EdgeID(edge), int32(tick)
			if flags&journalError != 0 {
				e.Kind = neuron.Error
			}
		}
		if int64(e.Vertex) != vertex || int64(int32(edge)) != edge || int64(int32(tick)) != tick || int64(int32(elapsed)) != elapsed {
			return nil, damaged
		}
		list = append(list, e)
	}
	if len(b) != 0 {
		return nil, damaged
	}
	return list, nil
}

// OpenJournal opens a journal. The caller closes the file.
func OpenJournal(path string) (*JournalReader, io.Closer, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("record: %w", err)
	}
	j, err := NewJournalReader(file)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%w: %s", err, path), file.Close())
	}
	return j, file, nil
}
