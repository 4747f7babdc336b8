package data

import (
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestText(t *testing.T) {
	s, err := Text("t", "abcÆabc", Windows{Length: 3, Stride: 2})
	require.NoError(t, err)
	require.NoError(t, s.Check())
	assert.Equal(t, []string{"a", "b", "c", "Æ"}, s.Classes)
	assert.Equal(t, tensor.Dims(2, 3), s.X.Shape())
	assert.Equal(t, []int64{0, 1, 2, 2, 3, 0}, s.X.Int64s())
	assert.Equal(t, []int64{1, 2, 3, 3, 0, 1}, s.Y.Int64s())
	s, err = Text("t", "abcd", Windows{Length: 3})
	require.NoError(t, err)
	assert.Equal(t, 1, s.Len())
	for text, want := range map[string]string{"abc": "3 characters are too few", "a\nbc\xffdef": "data: t:2:3: the byte 0xff is not UTF-8"} {
		_, err := Text("t", text, Windows{Length: 3})
		assert.ErrorContains(t, err, want)
	}
	_, err = Text("t", "abcdef", Windows{Length: -1})
	assert.ErrorContains(t, err, "want at least 1")
	_, err = Text("t", "a\ufffdcdef", Windows{Length: 2})
	assert.NoError(t, err, "the replacement character itself is UTF-8")
}

func TestLoadText(t *testing.T) {
	s, err := LoadText(put(t, "a.txt.gz", []byte("hello, hello")), Windows{Length: 4}, Limit{})
	require.NoError(t, err)
	assert.Equal(t, 2, s.Len())
	_, err = LoadText(put(t, "a.txt", []byte("hello, hello")), Windows{Length: 4}, Limit{Bytes: 11})
	assert.ErrorContains(t, err, "a.txt: more than 11 bytes")
	_, err = LoadText(put(t, "a.txt", []byte("hello\n\xc0")), Windows{Length: 4}, Limit{})
	assert.ErrorContains(t, err, "a.txt:2:1: the byte 0xc0 is not UTF-8")
}
