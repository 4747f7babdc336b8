package npy

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/retrodict/retrodict/encoding/internal/raw"
	"github.com/retrodict/retrodict/tensor"
)

// A parser reads the Python literals of a header: strings, booleans, tuples of integers. After the first error it does
// nothing more.
type parser struct {
	text string
	at   int
	base int64 // offset of text in the file
	err  error
}

// failf records the first error, with the offset in the file.
func (p *parser) failf(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("header, offset %d: %s", p.base+int64(p.at), fmt.Sprintf(format, args...))
	}
}

// space skips white space.
func (p *parser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// is reports whether c comes next, or an error has ended the parse: loops until a closing c then end too.
func (p *parser) is(c byte) bool {
	p.space()
	return p.err != nil || p.at < len(p.text) && p.text[p.at] == c
}

// want reads c.
func (p *parser) want(c byte) {
	switch p.space(); {
	case p.err != nil:
	case p.at == len(p.text):
		p.failf("it ends where %q is wanted", c)
	case p.text[p.at] != c:
		p.failf("got %q, want %q", p.text[p.at], c)
	default:
		p.at++
	}
}

// quoted reads a string without escapes, in single or double quotes.
func (p *parser) quoted(what string) string {
	p.space()
	if p.err != nil {
		return ""
	}
	rest := p.text[p.at:]
	if rest == "" || rest[0] != '\'' && rest[0] != '"' {
		p.failf("want %s in quotes", what)
		return ""
	}
	end := strings.IndexByte(rest[1:], rest[0])
	if end < 0 {
		p.failf("%s without a closing quote", what)
		return ""
	}
	p.at += end + 2
	return rest[1 : 1+end]
}

// word reads a run of letters and digits.
func (p *parser) word() string {
	p.space()
	start := p.at
	for p.at < len(p.text) {
		c := p.text[p.at]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' {
			break
		}
		p.at++
	}
	return p.text[start:p.at]
}

func (p *parser) boolean() bool {
	start := p.at
	w := p.word()
	if w != "True" && w != "False" {
		p.at = start
		p.failf("fortran_order is %q, want True or False", w)
	}
	return w == "True"
}

// descr reads the element type: a byte order, a letter, a size.
func (p *parser) descr() (raw.Kind, binary.ByteOrder) {
	if p.is('[') {
		p.failf("descr is a list: structured arrays cannot be read, save each field as an array of its own")
		return raw.None, nil
	}
	start := p.at
	d := p.quoted("descr")
	var order binary.ByteOrder = binary.LittleEndian
	name := strings.TrimPrefix(d, "<")
	if strings.HasPrefix(d, ">") {
		order, name = binary.BigEndian, d[1:]
	} else if strings.HasPrefix(d, "|") {
		name = d[1:]
	}
	for _, e := range [...]struct {
		name string
		kind raw.Kind
	}{
		{"f8", raw.F64}, {"f4", raw.F32}, {"f2", raw.F16}, {"i8", raw.I64}, {"i4", raw.I32}, {"i2", raw.I16}, {"i1", raw.I8},
		{"u8", raw.U64}, {"u4", raw.U32}, {"u2", raw.U16}, {"u1", raw.U8}, {"b1", raw.Bool},
	} {
		if name == e.name && (d[0] != '|' || e.kind.Size() == 1) {
			return e.kind, order
		}
	}
	p.at = start
	p.failf("descr %q cannot be read, want one of f8 f4 f2 i8 i4 i2 i1 u8 u4 u2 u1 b1 after < > or |", d)
	return raw.None, nil
}

// shape reads a tuple of dimensions and checks it against lim.
func (p *parser) shape(lim Limit) tensor.Shape {
	start := p.at
	var dims []int64
	p.want('(')
	for !p.is(')') {
		before := p.at
		w := p.word()
		d, err := strconv.ParseUint(strings.TrimSuffix(w, "L"), 10, 63) // Python 2 wrote 3L
		if err != nil {
			p.at = before
			p.failf("dimension %d is %q, want a number", len(dims), w)
		}
		if dims = append(dims, int64(d)); len(dims) > tensor.MaxRank {
			p.failf("rank above %d", tensor.MaxRank)
		}
		if !p.is(')') {
			p.want(',')
		}
	}
	p.want(')')
	if p.err != nil {
		return tensor.Shape{}
	}
	s, err := tensor.CheckDims(dims, lim.Elements)
	if err != nil {
		p.at = start
		p.failf("shape: %s", strings.TrimPrefix(err.Error(), "tensor: "))
	}
	return s
}
