package raw

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/retrodict/retrodict/tensor"
)

// chunk is the number of elements converted at a time.
const chunk = 8192

// Read reads the n = s.Len() elements of a tensor of shape s. If known is true, the caller has made sure that r holds
// that many bytes and the tensor is allocated at once; otherwise it grows to at most twice what has arrived, so that a
// false claim costs no memory. The error of a short stream tells how many bytes were there.
func Read(r io.Reader, s tensor.Shape, k Kind, order binary.ByteOrder, known bool) (tensor.Tensor, error) {
	n, w := s.Len(), k.Size()
	room := n
	if !known {
		room = min(n, chunk)
	}
	t := tensor.New(k.Type(), tensor.Dims(room))
	buf := make([]byte, min(n, chunk)*w)
	for at := 0; at < n; {
		b := buf[:min(n-at, chunk)*w]
		if got, err := io.ReadFull(r, b); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return tensor.Tensor{}, fmt.Errorf("data end after %d of %d bytes: the file is cut short", at*w+got, n*w)
			}
			return tensor.Tensor{}, fmt.Errorf("data byte %d: %w", at*w+got, err)
		}
		if at+len(b)/w > room {
			room = min(2*room, n)
			grown := tensor.New(k.Type(), tensor.Dims(room))
			copy(grown.Bytes(), t.Bytes())
			t = grown
		}
		if err := Decode(t, at, b, k, order); err != nil {
			return tensor.Tensor{}, err
		}
		at += len(b) / w
	}
	return t.Reshape(s), nil
}

// Write writes the little-endian bytes of the elements of t.
func Write(w io.Writer, t tensor.Tensor) error {
	n := t.Len()
	buf := make([]byte, 0, min(n, chunk)*t.Type().Size())
	for at := 0; at < n; at += chunk {
		if _, err := w.Write(Encode(buf, t, at, min(at+chunk, n))); err != nil {
			return err
		}
	}
	return nil
}
